// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <errno.h>
#include <string.h>

#include "device.h"
#include "key.h"
#include "rtlink.h"
#include "show.h"

static int print_private_key(const struct mpcnet_device *device, struct ctl_args *args)
{
	char text[MPCNET_KEY_TEXT_LEN + 2];
	int ret;

	if (device->new_private_key)
		mpcnet_err_set(&args->err, "%s: its key was made by the kernel, which keeps it",
			       device->name);
	else if (mpcnet_key_is_zero(device->private_key))
		mpcnet_err_set(&args->err,
			       "%s has no private key: mpcnetctl link set %s private-key FILE",
			       device->name, device->name);
	if (args->err.text[0])
		return ctl_failed(&args->err);
	mpcnet_key_to_text(text, device->private_key);
	memcpy(text + MPCNET_KEY_TEXT_LEN, "\n", 2);
	ret = ctl_write_secret(text, MPCNET_KEY_TEXT_LEN + 1);
	explicit_bzero(text, sizeof(text));
	return ret;
}

static void show_device(const struct mpcnet_device *device, struct json_object *array)
{
	if (array)
		json_object_array_add(array, show_device_json(device));
	else
		show_device_text(device);
}

static int show_one(const char *name, bool private_key, struct ctl_args *args,
		    struct json_object *array)
{
	struct mpcnet_device device;
	int ret = CTL_DONE;

	if (mpcnet_device_get(&device, name, &args->err))
		return ctl_failed(&args->err);
	if (private_key)
		ret = print_private_key(&device, args);
	else
		show_device(&device, array);
	mpcnet_device_clear(&device);
	return ret;
}

static int show_all(struct ctl_args *args, struct json_object *array)
{
	struct mpcnet_rtlink_list list;
	struct mpcnet_device device;
	int ret = 0;

	if (mpcnet_rtlink_list(&list, &args->err))
		return ctl_failed(&args->err);
	for (size_t i = 0; i < list.count && !ret; i++) {
		ret = mpcnet_device_get(&device, list.names[i], &args->err);
		if (!ret)
			show_device(&device, array);
		mpcnet_device_clear(&device);
		/* It may be gone since it was listed. */
		if (ret == -ENODEV)
			ret = 0;
	}
	mpcnet_rtlink_list_free(&list);
	return ret ? ctl_failed(&args->err) : CTL_DONE;
}

static int parse_request(struct ctl_args *args, char name[IF_NAMESIZE], bool *private_key)
{
	const char *word;

	if (!args->argc)
		return CTL_DONE;
	if (ctl_device_name(args, name))
		return CTL_USAGE;
	word = ctl_next(args);
	if (word && strcmp(word, "private-key"))
		return ctl_usage(args, "\"%s\" is no keyword here", word);
	*private_key = word;
	return ctl_end(args);
}

/**
 * ctl_link_show() - the command "link show"
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit.
 */
int ctl_link_show(struct ctl_args *args)
{
	char name[IF_NAMESIZE] = "";
	struct json_object *array;
	bool private_key = false;
	int ret = parse_request(args, name, &private_key);

	if (ret)
		return ret;
	array = args->json && !private_key ? json_object_new_array() : NULL;
	ret = *name ? show_one(name, private_key, args, array) : show_all(args, array);
	if (!ret && array)
		return show_print_json(array, JSON_C_TO_STRING_PRETTY);
	json_object_put(array);
	return ret;
}
