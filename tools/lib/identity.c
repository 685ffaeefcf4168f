// SPDX-License-Identifier: GPL-2.0
/* This party's identity: a private key in the state folder. */
#include "identity.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "key.h"

#define STATEDIR "/var/lib/mpcnet"
#define RUNDIR "/run/mpcnet"

static const char *folder(const char *variable, const char *otherwise)
{
	const char *name = getenv(variable);

	return name && *name ? name : otherwise;
}

/**
 * mpcnet_state_folder() - where what outlives a reboot is kept
 *
 * Return: $MPCNET_STATEDIR, or /var/lib/mpcnet.
 */
const char *mpcnet_state_folder(void)
{
	return folder(MPCNET_STATEDIR_ENV, STATEDIR);
}

/**
 * mpcnet_run_folder() - where what does not outlive a reboot is kept
 *
 * Return: $MPCNET_RUNDIR, or /run/mpcnet.
 */
const char *mpcnet_run_folder(void)
{
	return folder(MPCNET_RUNDIR_ENV, RUNDIR);
}

/**
 * mpcnet_state_path() - a file of the state folder
 * @path: gets its name
 * @room: bytes there
 * @name: its name in the folder
 * @err: says why not
 *
 * Return: 0, or -1 if it is too long.
 */
int mpcnet_state_path(char *path, size_t room, const char *name, struct mpcnet_err *err)
{
	int len = snprintf(path, room, "%s/%s", mpcnet_state_folder(), name);

	if (len > 0 && (size_t)len < room)
		return 0;
	return mpcnet_err_set(err, MPCNET_STATEDIR_ENV ": the name is too long");
}

/**
 * mpcnet_identity_path() - the file of the identity
 * @path: gets its name
 * @room: bytes there
 * @err: says why not
 *
 * Return: 0, or -1 if it is too long.
 */
int mpcnet_identity_path(char *path, size_t room, struct mpcnet_err *err)
{
	return mpcnet_state_path(path, room, "identity", err);
}

/**
 * mpcnet_identity_read() - read the identity
 * @key: gets the private key
 * @err: says why not
 *
 * Return: 0; -ENOENT if there is none; -1.
 */
int mpcnet_identity_read(uint8_t key[MPCNET_KEY_LEN], struct mpcnet_err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (mpcnet_identity_path(path, sizeof(path), err))
		return -1;
	if (stat(path, &st) && errno == ENOENT) {
		mpcnet_err_set(err, "there is no identity in %s: mpcnetctl id new", path);
		return -ENOENT;
	}
	return mpcnet_file_read_key(key, path, err) ? -1 : 0;
}

static int write_key(const char *path, const uint8_t key[MPCNET_KEY_LEN], struct mpcnet_err *err)
{
	char text[MPCNET_KEY_TEXT_LEN + 2];
	int ret;

	if (mpcnet_folder_make(mpcnet_state_folder(), err))
		return -1;
	mpcnet_key_to_text(text, key);
	memcpy(text + MPCNET_KEY_TEXT_LEN, "\n", 2);
	ret = mpcnet_file_create(path, text, MPCNET_KEY_TEXT_LEN + 1, err);
	explicit_bzero(text, sizeof(text));
	return ret;
}

/**
 * mpcnet_identity_new() - make an identity
 * @key: gets the private key
 * @err: says why not, as there is one already
 *
 * Return: 0, or -1.
 */
int mpcnet_identity_new(uint8_t key[MPCNET_KEY_LEN], struct mpcnet_err *err)
{
	char path[PATH_MAX];

	if (mpcnet_identity_path(path, sizeof(path), err))
		return -1;
	if (!mpcnet_key_random(key))
		return mpcnet_err_set(err, "there is no randomness to make a key of");
	mpcnet_key_clamp(key);
	return write_key(path, key, err) ? -1 : 0;
}
