// SPDX-License-Identifier: GPL-2.0
/*
 * The file "known" of the state folder: a line for each party, its did:key and,
 * if it has one, its name. Who can write it, decides whom we trust.
 */
#include "known.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "did.h"
#include "file.h"
#include "identity.h"

#define FILE_NAME "known"

static int parse_line(struct mpcnet_known *known, char *line, unsigned int number,
		      struct mpcnet_err *err)
{
	char *save = NULL, *did = strtok_r(line, " \t\r", &save);
	char *name = did ? strtok_r(NULL, " \t\r", &save) : NULL;
	uint8_t key[MPCNET_KEY_LEN];

	if (!did || *did == '#')
		return 0;
	if (!mpcnet_did_to_key(key, did))
		return mpcnet_err_set(err, "line %u: expected did:key:..., and a name", number);
	return mpcnet_known_add(known, key, name ? name : "", err);
}

/**
 * mpcnet_known_parse() - take the text of the file
 * @known: gets the parties, in addition
 * @text: the text; it is written to
 * @err: says what is wrong with it
 *
 * Return: 0, or -1.
 */
int mpcnet_known_parse(struct mpcnet_known *known, char *text, struct mpcnet_err *err)
{
	unsigned int number = 0;
	char *next;

	for (char *line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (parse_line(known, line, ++number, err))
			return -1;
	}
	return 0;
}

/**
 * mpcnet_known_read() - read the file
 * @known: gets the parties; mpcnet_known_free() frees them
 * @err: says why not
 *
 * Return: 0, also if there is no file; or -1, and @known is empty.
 */
int mpcnet_known_read(struct mpcnet_known *known, struct mpcnet_err *err)
{
	struct mpcnet_text text = { 0 };
	char path[PATH_MAX];
	struct stat st;
	int ret;

	*known = (struct mpcnet_known){ 0 };
	if (mpcnet_state_path(path, sizeof(path), FILE_NAME, err))
		return -1;
	if (stat(path, &st) && errno == ENOENT)
		return 0;
	if (mpcnet_file_read(&text, path, NULL, err))
		return -1;
	ret = text.data ? mpcnet_known_parse(known, text.data, err) : 0;
	if (ret) {
		mpcnet_err_prefix(err, "%s: ", path);
		mpcnet_known_free(known);
	}
	mpcnet_text_free(&text);
	return ret;
}

/**
 * mpcnet_known_write() - write the file
 * @known: the parties
 * @err: says why not
 *
 * Return: 0, or -1 and the file is what it was.
 */
int mpcnet_known_write(const struct mpcnet_known *known, struct mpcnet_err *err)
{
	char path[PATH_MAX], did[MPCNET_DID_MAX + 1];
	struct mpcnet_text text = { 0 };
	int ret = 0;

	if (mpcnet_state_path(path, sizeof(path), FILE_NAME, err) ||
	    mpcnet_folder_make(mpcnet_state_folder(), err))
		return -1;
	for (unsigned int i = 0; !ret && i < known->count; i++) {
		const struct mpcnet_known_party *party = &known->parties[i];

		mpcnet_did_from_key(did, party->public_key);
		if (!mpcnet_text_add(&text, "%s%s%s\n", did, *party->name ? " " : "", party->name))
			ret = mpcnet_err_set(err, "there is no memory for the known parties");
	}
	if (!ret)
		ret = mpcnet_file_replace(path, text.data ? text.data : "", text.len, err);
	mpcnet_text_free(&text);
	return ret ? -1 : 0;
}

/**
 * mpcnet_known_find() - is a party known?
 * @known: the parties
 * @public_key: its identity
 *
 * Return: the party, or NULL.
 */
const struct mpcnet_known_party *mpcnet_known_find(const struct mpcnet_known *known,
						   const uint8_t public_key[MPCNET_KEY_LEN])
{
	for (unsigned int i = 0; i < known->count; i++) {
		if (!memcmp(known->parties[i].public_key, public_key, MPCNET_KEY_LEN))
			return &known->parties[i];
	}
	return NULL;
}

/**
 * mpcnet_known_add() - know a party, or give it another name
 * @known: the parties
 * @public_key: its identity
 * @name: what it is called here; may be empty
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int mpcnet_known_add(struct mpcnet_known *known, const uint8_t public_key[MPCNET_KEY_LEN],
		     const char *name, struct mpcnet_err *err)
{
	struct mpcnet_known_party *party =
		(struct mpcnet_known_party *)(uintptr_t)mpcnet_known_find(known, public_key);

	if (strlen(name) > MPCNET_KNOWN_NAME_MAX)
		return mpcnet_err_set(err, "the name \"%.40s\" is longer than %u characters", name,
				      MPCNET_KNOWN_NAME_MAX);
	if (!party) {
		if (known->count == MPCNET_KNOWN_MAX)
			return mpcnet_err_set(err, "no more than %u parties can be known",
					      MPCNET_KNOWN_MAX);
		party = reallocarray(known->parties, known->count + 1, sizeof(*party));
		if (!party)
			return mpcnet_err_set(err, "there is no memory for the known parties");
		known->parties = party;
		party += known->count++;
		memcpy(party->public_key, public_key, MPCNET_KEY_LEN);
	}
	strcpy(party->name, name);
	return 0;
}

/**
 * mpcnet_known_remove() - know a party no more
 * @known: the parties
 * @public_key: its identity
 *
 * Return: was it known?
 */
bool mpcnet_known_remove(struct mpcnet_known *known, const uint8_t public_key[MPCNET_KEY_LEN])
{
	const struct mpcnet_known_party *party = mpcnet_known_find(known, public_key);

	if (!party)
		return false;
	known->parties[party - known->parties] = known->parties[--known->count];
	return true;
}

/**
 * mpcnet_known_free() - free them
 * @known: the parties
 */
void mpcnet_known_free(struct mpcnet_known *known)
{
	free(known->parties);
	*known = (struct mpcnet_known){ 0 };
}
