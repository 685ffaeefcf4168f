// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <stdio.h>
#include <string.h>

#include "did.h"
#include "identity.h"
#include "key.h"
#include "show.h"

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
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	if (mpcnet_identity_read(key, &args->err))
		return ctl_failed(&args->err);
	ret = print_identity(key, args);
	explicit_bzero(key, sizeof(key));
	return ret;
}

static int id_new(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	ret = mpcnet_identity_new(key, &args->err) ? ctl_failed(&args->err) :
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
