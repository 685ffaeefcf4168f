// SPDX-License-Identifier: GPL-2.0
#include "conf.h"

#include <string.h>

#include "ctl.h"
#include "device.h"
#include "file.h"

/* Take "DEV [FILE]". */
static int parse_request(struct ctl_args *args, char name[IF_NAMESIZE], const char **path)
{
	if (ctl_device_name(args, name))
		return CTL_USAGE;
	*path = ctl_next(args);
	if (!*path)
		*path = "-";
	return ctl_end(args);
}

static const char *file_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/* Read and check the whole file before anything comes of it. */
static int read_conf(struct mpcnet_conf *conf, const char *path, struct mpcnet_err *err)
{
	struct mpcnet_text text;
	mode_t mode;
	int ret;

	*conf = (struct mpcnet_conf){ 0 };
	if (mpcnet_file_read(&text, path, &mode, err))
		return -1;
	ret = mpcnet_conf_parse(conf, &text, err);
	mpcnet_text_free(&text);
	if (!ret && conf->has_secret && strcmp(path, "-"))
		mpcnet_file_warn_mode(path, mode);
	if (!ret)
		ret = mpcnet_conf_finish(conf, err);
	if (!ret)
		ret = mpcnet_conf_resolve(conf, err);
	return ret ? mpcnet_err_prefix(err, "%s: ", file_name(path)) : 0;
}

static int refuse_signs(const struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		if (conf->extra[i].signed_line)
			return mpcnet_err_set(err, "line %u: AllowedIPs: + and - are for conf add",
					      conf->extra[i].signed_line);
	}
	return 0;
}

static int unhide(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	struct mpcnet_device have;
	int ret;

	if (!mpcnet_conf_has_hidden(conf))
		return 0;
	if (mpcnet_device_get(&have, conf->device.name, err))
		return -1;
	ret = mpcnet_conf_unhide(conf, &have, err);
	mpcnet_device_clear(&have);
	return ret;
}

/* The file is all there is, but for a private key that it does not name. */
static int replace(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	struct mpcnet_device *device = &conf->device;

	if (refuse_signs(conf, err) || unhide(conf, err))
		return -1;
	device->flags |= MPCNET_DEVICE_F_REPLACE_PEERS;
	device->has |= MPCNET_DEVICE_HAS_LISTEN_PORT | MPCNET_DEVICE_HAS_FWMARK;
	return mpcnet_device_set(device, err);
}

static int append(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	if (unhide(conf, err))
		return -1;
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		if (!conf->extra[i].signed_line)
			conf->device.peers[i].flags |= MPCNET_PEER_F_REPLACE_ALLOWEDIPS;
	}
	return mpcnet_device_set(&conf->device, err);
}

static int change(struct mpcnet_conf *conf, const struct mpcnet_device *have,
		  struct mpcnet_err *err)
{
	struct mpcnet_device device;
	int ret;

	if (mpcnet_conf_unhide(conf, have, err))
		return -1;
	if (mpcnet_sync(&device, have, &conf->device))
		return mpcnet_err_set(err, "out of memory");
	ret = mpcnet_device_set(&device, err);
	mpcnet_device_clear(&device);
	return ret;
}

static int synchronise(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	struct mpcnet_device have;
	int ret;

	if (refuse_signs(conf, err) || mpcnet_device_get(&have, conf->device.name, err))
		return -1;
	ret = change(conf, &have, err);
	mpcnet_device_clear(&have);
	return ret;
}

static int apply(struct ctl_args *args,
		 int (*how)(struct mpcnet_conf *conf, struct mpcnet_err *err))
{
	char name[IF_NAMESIZE];
	struct mpcnet_conf conf;
	const char *path;
	int ret;

	if (parse_request(args, name, &path))
		return CTL_USAGE;
	ret = read_conf(&conf, path, &args->err);
	if (!ret) {
		memcpy(conf.device.name, name, sizeof(name));
		ret = how(&conf, &args->err);
	}
	mpcnet_conf_clear(&conf);
	return ret ? ctl_failed(&args->err) : CTL_DONE;
}

static int conf_set(struct ctl_args *args)
{
	return apply(args, replace);
}

static int conf_add(struct ctl_args *args)
{
	return apply(args, append);
}

static int conf_sync(struct ctl_args *args)
{
	return apply(args, synchronise);
}

static int put_text(const struct mpcnet_text *text, const char *path, struct mpcnet_err *err)
{
	if (!strcmp(path, "-"))
		return ctl_write_secret(text->data, text->len);
	return mpcnet_file_replace(path, text->data, text->len, err) ? ctl_failed(err) : CTL_DONE;
}

static int show(const char *name, const char *path, bool secrets, struct mpcnet_err *err)
{
	struct mpcnet_text text = { 0 };
	struct mpcnet_device device;
	int ret;

	if (mpcnet_device_get(&device, name, err))
		return ctl_failed(err);
	if (mpcnet_conf_write(&text, &device, secrets)) {
		ret = put_text(&text, path, err);
	} else {
		mpcnet_err_set(err, "out of memory");
		ret = ctl_failed(err);
	}
	mpcnet_text_free(&text);
	mpcnet_device_clear(&device);
	return ret;
}

static int conf_show(struct ctl_args *args)
{
	int last = args->argc - 1;
	char name[IF_NAMESIZE];
	const char *path;
	bool secrets;

	secrets = last > 0 && !strcmp(args->argv[last], "private-key");
	args->argc -= secrets;
	if (parse_request(args, name, &path))
		return CTL_USAGE;
	return show(name, path, secrets, &args->err);
}

#define FILE_NOTES "FILE is read from standard input if it is - or left out.\n"

const struct ctl_object ctl_conf = {
	"conf",
	"WireGuard's files of configuration",
	(const struct ctl_verb[]){
		{ "show", "DEV [FILE] [private-key]", NULL, "write an interface as such a file",
		  "To standard output if FILE is - or left out; FILE gets mode 0600. Leaves out\n"
		  "the private key and hides the pre-shared keys, unless private-key is there.\n",
		  conf_show },
		{ "set", "DEV [FILE]", NULL, "make an interface what the file says, anew",
		  FILE_NOTES "A private key that the file leaves out stays.\n", conf_set },
		{ "add", "DEV [FILE]", NULL, "add what the file says to an interface", FILE_NOTES,
		  conf_add },
		{ "sync", "DEV [FILE]", NULL, "make an interface what the file says by changes",
		  FILE_NOTES "Peers that are as the file says are not disturbed.\n", conf_sync },
		{ 0 },
	},
};
