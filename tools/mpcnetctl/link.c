// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "device.h"
#include "key.h"
#include "number.h"
#include "rtlink.h"

static int take_listen_port(struct ctl_args *args, void *request)
{
	struct mpcnet_device *device = request;
	uint64_t port;

	if (ctl_number(args, "listen-port", &port, 0, 65535))
		return CTL_USAGE;
	device->listen_port = (uint16_t)port;
	device->has |= MPCNET_DEVICE_HAS_LISTEN_PORT;
	return CTL_DONE;
}

static int take_private_key(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "private-key");
	struct mpcnet_device *device = request;

	if (!value)
		return CTL_USAGE;
	if (!strcmp(value, "new")) {
		device->new_private_key = true;
		return CTL_DONE;
	}
	device->has |= MPCNET_DEVICE_HAS_PRIVATE_KEY;
	return ctl_secret(args, "private-key", value, device->private_key);
}

static int take_fwmark(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "fwmark");
	struct mpcnet_device *device = request;
	uint64_t mark = 0;

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "off") && !mpcnet_number_parse_hex(&mark, value, 0, UINT32_MAX))
		return ctl_usage(
			args,
			"fwmark: expected 0x0 to 0xffffffff, a decimal number or off, got \"%s\"",
			value);
	device->fwmark = (uint32_t)mark;
	device->has |= MPCNET_DEVICE_HAS_FWMARK;
	return CTL_DONE;
}

static int take_bind_device(struct ctl_args *args, struct mpcnet_device *device)
{
	char name[IF_NAMESIZE];

	if (ctl_device_name(args, name))
		return CTL_USAGE;
	device->bind_ifindex = if_nametoindex(name);
	device->has |= MPCNET_DEVICE_HAS_BIND_IFINDEX;
	if (device->bind_ifindex)
		return CTL_DONE;
	mpcnet_err_set(&args->err, "bind dev: there is no interface %s", name);
	return ctl_failed(&args->err);
}

static int take_bind(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "bind");
	struct mpcnet_device *device = request;

	if (!value)
		return CTL_USAGE;
	if (!strcmp(value, "dev"))
		return take_bind_device(args, device);
	device->has |= MPCNET_DEVICE_HAS_BIND_ADDRESS;
	device->bind_len = strchr(value, ':') ? 16 : 4;
	if (!strcmp(value, "off"))
		device->has |= MPCNET_DEVICE_HAS_BIND_IFINDEX;
	else if (inet_pton(device->bind_len == 4 ? AF_INET : AF_INET6, value,
			   device->bind_address) != 1)
		return ctl_usage(args, "bind: expected an address, dev IF or off, got \"%s\"",
				 value);
	return CTL_DONE;
}

static int take_expires(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "expires");
	struct mpcnet_device *device = request;
	struct timespec now;
	uint64_t seconds = 0;

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "off") && !mpcnet_number_parse(&seconds, value, 0, UINT32_MAX))
		return ctl_usage(
			args, "expires: expected seconds from 1 to 4294967295, or off, got \"%s\"",
			value);
	clock_gettime(CLOCK_BOOTTIME, &now);
	if (seconds)
		device->expires =
			((uint64_t)now.tv_sec + seconds) * 1000000000 + (uint64_t)now.tv_nsec;
	device->has |= MPCNET_DEVICE_HAS_EXPIRES;
	return CTL_DONE;
}

static int take_batch(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "batch");
	struct mpcnet_device *device = request;

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "on") && strcmp(value, "off"))
		return ctl_usage(args, "batch: expected on or off, got \"%s\"", value);
	device->batch = !strcmp(value, "on");
	device->has |= MPCNET_DEVICE_HAS_BATCH;
	return CTL_DONE;
}

static const struct ctl_word link_words[] = {
	{ "listen-port", "N", take_listen_port, false },
	{ "private-key", "FILE|new", take_private_key, false },
	{ "fwmark", "N|off", take_fwmark, false },
	{ "bind", "ADDR|dev IF|off", take_bind, false },
	{ "expires", "SECONDS|off", take_expires, false },
	{ "batch", "on|off", take_batch, false },
	{ 0 },
};

static int parse_request(struct ctl_args *args, struct mpcnet_device *device)
{
	int ret = ctl_device_name(args, device->name);

	return ret ? ret : ctl_words(args, device);
}

static int set_device(const struct mpcnet_device *device, struct mpcnet_err *err)
{
	return mpcnet_device_set(device, err) ? ctl_failed(err) : CTL_DONE;
}

/* Nothing half-made stays behind. */
static int add_device(const struct mpcnet_device *device, struct mpcnet_err *err)
{
	struct mpcnet_err ignored;
	int ret;

	if (mpcnet_rtlink_add(device->name, err))
		return ctl_failed(err);
	ret = set_device(device, err);
	if (ret)
		mpcnet_rtlink_del(device->name, &ignored);
	return ret;
}

static int link_add(struct ctl_args *args)
{
	struct mpcnet_device device = { 0 };
	int ret = parse_request(args, &device);

	if (!ret)
		ret = add_device(&device, &args->err);
	mpcnet_device_clear(&device);
	return ret;
}

static int link_set(struct ctl_args *args)
{
	struct mpcnet_device device = { 0 };
	int ret = parse_request(args, &device);

	if (!ret)
		ret = set_device(&device, &args->err);
	mpcnet_device_clear(&device);
	return ret;
}

static int link_del(struct ctl_args *args)
{
	char name[IF_NAMESIZE];

	if (ctl_device_name(args, name) || ctl_end(args))
		return CTL_USAGE;
	return mpcnet_rtlink_del(name, &args->err) ? ctl_failed(&args->err) : CTL_DONE;
}

#define LINK_NOTES                                                                                 \
	"  listen-port N      UDP port of the outer packets; 0 for any\n"                          \
	"  private-key FILE   read the key in base64 from FILE, or - for standard input\n"         \
	"  private-key new    the kernel makes a key and never gives it out\n"                     \
	"  fwmark N           mark of the outer packets, decimal or 0x...; off for none\n"         \
	"  bind ADDR          source address of the outer packets\n"                               \
	"  bind dev IF        interface by which they leave; bind off removes both\n"              \
	"  expires SECONDS    from now; then the kernel wipes the keys, removes the peers\n"       \
	"                     and brings the interface down; off removes the deadline\n"           \
	"  batch on|off       many messages pass the stack below as one packet, both ways\n"       \
	"                     (UDP GSO, GRO); off where a kernel or a card corrupts them\n"

const struct ctl_object ctl_link = {
	"link",
	"interfaces of mpcnet",
	(const struct ctl_verb[]){
		{ "add", "DEV", link_words, "create an interface", LINK_NOTES, link_add },
		{ "set", "DEV", link_words, "change an interface", LINK_NOTES, link_set },
		{ "del", "DEV", NULL, "remove an interface", NULL, link_del },
		{ "show", "[DEV] [private-key]", NULL,
		  "show one interface, or all, and their peers",
		  "With DEV private-key, prints the private key of the interface and nothing else.\n",
		  ctl_link_show },
		{ 0 },
	},
};
