// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <string.h>

#include "device.h"
#include "key.h"
#include "show.h"

/* Show the peers from the first to the last. */
static int show_peers(const struct mpcnet_peer *first, size_t count, bool json)
{
	struct json_object *array;

	if (!json) {
		for (size_t i = 0; i < count; i++)
			show_peer_text(&first[i], "");
		return CTL_DONE;
	}
	array = json_object_new_array_ext((int)count);
	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, show_peer_json(&first[i]));
	return show_print_json(array, JSON_C_TO_STRING_PRETTY);
}

static int show_one(const struct mpcnet_device *device, const uint8_t *key, struct ctl_args *args)
{
	const struct mpcnet_peer *peer = mpcnet_device_find_peer(device, key);

	if (peer)
		return show_peers(peer, 1, args->json);
	mpcnet_err_set(&args->err, "%s has no such peer: mpcnetctl peer show %s lists them",
		       device->name, device->name);
	return ctl_failed(&args->err);
}

/**
 * ctl_peer_show() - the command "peer show"
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit.
 */
int ctl_peer_show(struct ctl_args *args)
{
	uint8_t key[MPCNET_KEY_LEN];
	struct mpcnet_device device;
	char name[IF_NAMESIZE];
	const char *word;
	int ret;

	if (ctl_device_name(args, name))
		return CTL_USAGE;
	word = ctl_next(args);
	if (ctl_end(args))
		return CTL_USAGE;
	if (word && !mpcnet_key_from_text(key, word, strlen(word)))
		return ctl_usage(args, "\"%s\" is no public key: expected 44 characters of base64",
				 word);
	if (mpcnet_device_get(&device, name, &args->err))
		return ctl_failed(&args->err);
	ret = word ? show_one(&device, key, args) :
		     show_peers(device.peers, device.peer_count, args->json);
	mpcnet_device_clear(&device);
	return ret;
}
