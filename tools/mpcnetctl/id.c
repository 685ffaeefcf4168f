// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "did.h"
#include "file.h"
#include "key.h"
#include "show.h"

#define STATEDIR_ENV "MPCNET_STATEDIR"
#define STATEDIR "/var/lib/mpcnet"

static const char *state_folder(void)
{
	const char *folder = getenv(STATEDIR_ENV);

	return folder && *folder ? folder : STATEDIR;
}

static int identity_path(char path[PATH_MAX], struct mpcnet_err *err)
{
	int len = snprintf(path, PATH_MAX, "%s/identity", state_folder());

	if (len > 0 && len < PATH_MAX)
		return 0;
	return mpcnet_err_set(err, STATEDIR_ENV ": the name is too long");
}

static int print_identity(const uint8_t private_key[MPCNET_KEY_LEN], struct ctl_args *args)
{
	uint8_t public_key[MPCNET_KEY_LEN];
	char did[MPCNET_DID_MAX + 1];
	struct json_object *object;

	if (!mpcnet_key_public(public_key, private_key)) {
		mpcnet_err_set(&args->err, "libcrypto cannot compute the public key");
		return ctl_failed(&args->err);
	}
	mpcnet_did_from_key(did, public_key);
	if (!args->json) {
		puts(did);
		return CTL_DONE;
	}
	object = json_object_new_object();
	json_object_object_add(object, "id", json_object_new_string(did));
	json_object_object_add(object, "public_key", show_key_json(public_key));
	return show_print_json(object, JSON_C_TO_STRING_PRETTY);
}

static int id_show(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	char path[PATH_MAX];
	struct stat st;
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	if (identity_path(path, &args->err))
		return ctl_failed(&args->err);
	if (stat(path, &st) && errno == ENOENT) {
		mpcnet_err_set(&args->err, "there is no identity in %s: mpcnetctl id new", path);
		return ctl_failed(&args->err);
	}
	if (mpcnet_file_read_key(key, path, &args->err))
		return ctl_failed(&args->err);
	ret = print_identity(key, args);
	explicit_bzero(key, sizeof(key));
	return ret;
}

static int create_identity(const char *path, const uint8_t key[MPCNET_KEY_LEN],
			   struct mpcnet_err *err)
{
	char text[MPCNET_KEY_TEXT_LEN + 2];
	int ret;

	if (mkdir(state_folder(), 0700) && errno != EEXIST)
		return mpcnet_err_set(err, "cannot make the folder \"%s\": %s", state_folder(),
				      strerror(errno));
	mpcnet_key_to_text(text, key);
	memcpy(text + MPCNET_KEY_TEXT_LEN, "\n", 2);
	ret = mpcnet_file_create(path, text, MPCNET_KEY_TEXT_LEN + 1, err);
	explicit_bzero(text, sizeof(text));
	return ret;
}

static int id_new(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	char path[PATH_MAX];
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	if (identity_path(path, &args->err))
		return ctl_failed(&args->err);
	if (!mpcnet_key_random(key)) {
		mpcnet_err_set(&args->err, "there is no randomness to make a key of");
		return ctl_failed(&args->err);
	}
	mpcnet_key_clamp(key);
	ret = create_identity(path, key, &args->err) ? ctl_failed(&args->err) :
						       print_identity(key, args);
	explicit_bzero(key, sizeof(key));
	return ret;
}

const struct ctl_object ctl_id = {
	"id",
	"this party's identity, a did:key",
	(const struct ctl_verb[]){
		{ "show", NULL, NULL, "print the identity",
		  "It is kept in $MPCNET_STATEDIR/identity (/var/lib/mpcnet), a private key.\n",
		  id_show },
		{ "new", NULL, NULL, "make an identity and print it",
		  "Refuses if there is one: remove the file first.\n", id_new },
		{ 0 },
	},
};
