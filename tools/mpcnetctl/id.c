// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <stdio.h>
#include <string.h>

#include "card.h"
#include "did.h"
#include "identity.h"
#include "key.h"
#include "known.h"
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

static int print_known(const struct mpcnet_known *known, struct ctl_args *args)
{
	struct json_object *list = json_object_new_array(), *object;
	char did[MPCNET_DID_MAX + 1];

	for (unsigned int i = 0; i < known->count; i++) {
		const struct mpcnet_known_party *party = &known->parties[i];

		mpcnet_did_from_key(did, party->public_key);
		if (!args->json)
			printf("%s%s%s\n", did, *party->name ? " " : "", party->name);
		object = json_object_new_object();
		json_object_object_add(object, "id", json_object_new_string(did));
		json_object_object_add(object, "name", json_object_new_string(party->name));
		json_object_array_add(list, object);
	}
	if (args->json)
		return show_print_json(list, JSON_C_TO_STRING_PRETTY);
	json_object_put(list);
	return CTL_DONE;
}

static int id_known(struct ctl_args *args)
{
	struct mpcnet_known known;
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	if (mpcnet_known_read(&known, &args->err))
		return ctl_failed(&args->err);
	ret = print_known(&known, args);
	mpcnet_known_free(&known);
	return ret;
}

static int take_did(struct ctl_args *args, uint8_t key[MPCNET_KEY_LEN])
{
	const char *did = ctl_next(args);

	if (!did)
		return ctl_usage(args, "the identity is missing: did:key:...");
	if (!mpcnet_did_to_key(key, did))
		return ctl_usage(args, "\"%s\" is no identity: expected did:key:...", did);
	return CTL_DONE;
}

static int id_know(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	struct mpcnet_known known;
	const char *name;
	int ret = take_did(args, key);

	if (ret)
		return ret;
	name = ctl_next(args);
	if (ctl_end(args))
		return CTL_USAGE;
	if (name && !card_name_is_valid(name))
		return ctl_usage(args, "the name: expected letters, digits, and \"-\" inside");
	if (mpcnet_known_read(&known, &args->err))
		return ctl_failed(&args->err);
	ret = mpcnet_known_add(&known, key, name ? name : "", &args->err) ||
	      mpcnet_known_write(&known, &args->err);
	mpcnet_known_free(&known);
	return ret ? ctl_failed(&args->err) : CTL_DONE;
}

static int id_forget(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	struct mpcnet_known known;
	int ret = take_did(args, key);

	if (!ret)
		ret = ctl_end(args);
	if (ret)
		return CTL_USAGE;
	if (mpcnet_known_read(&known, &args->err))
		return ctl_failed(&args->err);
	if (!mpcnet_known_remove(&known, key))
		ret = mpcnet_err_set(&args->err, "it is not known: mpcnetctl id known");
	else
		ret = mpcnet_known_write(&known, &args->err);
	mpcnet_known_free(&known);
	return ret ? ctl_failed(&args->err) : CTL_DONE;
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
		{ "known", NULL, NULL, "print whom this party has verified",
		  "They are kept in $MPCNET_STATEDIR/known.\n", id_known },
		{ "know", "ID [NAME]", NULL, "verify a party: you have its identity from itself",
		  NULL, id_know },
		{ "forget", "ID", NULL, "verify a party no more", NULL, id_forget },
		{ 0 },
	},
};
