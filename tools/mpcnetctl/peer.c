// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <string.h>

#include "device.h"
#include "key.h"
#include "number.h"
#include "resolve.h"

/* What is asked for a peer; names are resolved when the rest is known to be good. */
struct request {
	struct mpcnet_device device;
	struct mpcnet_peer *peer;
	struct mpcnet_host endpoint;
	struct mpcnet_host relay;
	bool has_endpoint;
	bool has_relay;
};

static int take_host(struct ctl_args *args, const char *word, const char *value,
		     struct mpcnet_host *host)
{
	if (!mpcnet_host_parse(host, value, &args->err))
		return CTL_DONE;
	return ctl_usage(args, "%s: %s", word, args->err.text);
}

static int take_endpoint(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "endpoint");
	struct request *request = arg;

	request->has_endpoint = true;
	return value ? take_host(args, "endpoint", value, &request->endpoint) : CTL_USAGE;
}

static int take_channel(struct ctl_args *args, struct mpcnet_peer *peer)
{
	const char *word = ctl_next(args);
	const char *value = word && !strcmp(word, "channel") ? ctl_next(args) : NULL;
	uint64_t channel;

	if (!value)
		return ctl_usage(args, "relay: expected HOST:PORT channel N");
	if (!mpcnet_number_parse_hex(&channel, value, MPCNET_CHANNEL_MIN, MPCNET_CHANNEL_MAX))
		return ctl_usage(args, "channel: expected 0x%x to 0x%x, got \"%s\"",
				 MPCNET_CHANNEL_MIN, MPCNET_CHANNEL_MAX, value);
	peer->channel = (uint16_t)channel;
	return CTL_DONE;
}

static int take_relay(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "relay");
	struct request *request = arg;
	int ret;

	if (!value)
		return CTL_USAGE;
	/* Channel 0 without a relay takes the relay away. */
	request->peer->has |= MPCNET_PEER_HAS_CHANNEL;
	if (!strcmp(value, "off"))
		return CTL_DONE;
	request->has_relay = true;
	ret = take_host(args, "relay", value, &request->relay);
	return ret ? ret : take_channel(args, request->peer);
}

static int take_allowedip(struct ctl_args *args, struct mpcnet_peer *peer, const char *text,
			  size_t len, bool sign)
{
	struct mpcnet_allowedip ip, *new;

	if (!mpcnet_allowedip_parse(&ip, text, len))
		return ctl_usage(args,
				 "allowed-ips: expected ADDRESS/LENGTH,..., or none, got \"%.*s\"",
				 (int)len, text);
	if (sign != (*text == '+' || *text == '-'))
		return ctl_usage(args, "allowed-ips: either all have + or -, or none");
	new = mpcnet_peer_add_ip(peer);
	if (new) {
		*new = ip;
		return CTL_DONE;
	}
	mpcnet_err_set(&args->err, "out of memory");
	return ctl_failed(&args->err);
}

static int take_allowedips(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "allowed-ips");
	struct mpcnet_peer *peer = ((struct request *)arg)->peer;
	bool sign;
	int ret;

	if (!value)
		return CTL_USAGE;
	sign = *value == '+' || *value == '-';
	peer->flags |= sign ? 0 : MPCNET_PEER_F_REPLACE_ALLOWEDIPS;
	if (!*value || !strcmp(value, "none"))
		return CTL_DONE;
	for (;;) {
		size_t len = strcspn(value, ",");

		ret = take_allowedip(args, peer, value, len, sign);
		if (ret || !value[len])
			return ret;
		value += len + 1;
	}
}

static int take_psk(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "psk");
	struct mpcnet_peer *peer = ((struct request *)arg)->peer;

	if (!value)
		return CTL_USAGE;
	peer->has |= MPCNET_PEER_HAS_PSK;
	return strcmp(value, "off") ? ctl_secret(args, "psk", value, peer->psk) : CTL_DONE;
}

static int take_keepalive(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "keepalive");
	struct mpcnet_peer *peer = ((struct request *)arg)->peer;
	uint64_t seconds = 0;

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "off") && !mpcnet_number_parse(&seconds, value, 1, 65535))
		return ctl_usage(args,
				 "keepalive: expected seconds from 1 to 65535, or off, got \"%s\"",
				 value);
	peer->keepalive = (uint16_t)seconds;
	peer->has |= MPCNET_PEER_HAS_KEEPALIVE;
	return CTL_DONE;
}

static int take_roam(struct ctl_args *args, void *arg)
{
	const char *value = ctl_value(args, "roam");
	struct mpcnet_peer *peer = ((struct request *)arg)->peer;

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "on") && strcmp(value, "off"))
		return ctl_usage(args, "roam: expected on or off, got \"%s\"", value);
	peer->roam = !strcmp(value, "on");
	peer->has |= MPCNET_PEER_HAS_ROAM;
	return CTL_DONE;
}

static const struct ctl_word peer_words[] = {
	{ "endpoint", "HOST:PORT", take_endpoint, false },
	{ "relay", "HOST:PORT channel N|off", take_relay, false },
	{ "allowed-ips", "A/B,...|none", take_allowedips, false },
	{ "psk", "FILE|off", take_psk, false },
	{ "keepalive", "S|off", take_keepalive, false },
	{ "roam", "on|off", take_roam, false },
	{ 0 },
};

/* The peer that the command is about, as the only one of the request. */
static int begin_request(struct ctl_args *args, struct request *request)
{
	const char *key;

	if (ctl_device_name(args, request->device.name))
		return CTL_USAGE;
	key = ctl_next(args);
	if (!key)
		return ctl_usage(args, "the peer's public key is missing");
	request->peer = mpcnet_device_add_peer(&request->device);
	if (!request->peer) {
		mpcnet_err_set(&args->err, "out of memory");
		return ctl_failed(&args->err);
	}
	if (!mpcnet_key_from_text(request->peer->public_key, key, strlen(key)))
		return ctl_usage(args, "\"%s\" is no public key: expected 44 characters of base64",
				 key);
	return CTL_DONE;
}

static int resolve(struct ctl_args *args, struct request *request)
{
	struct mpcnet_peer *peer = request->peer;

	if (request->has_endpoint) {
		peer->has |= MPCNET_PEER_HAS_ENDPOINT;
		if (mpcnet_host_resolve(&peer->endpoint, &request->endpoint, &args->err))
			return mpcnet_err_prefix(&args->err, "endpoint: ");
	}
	if (request->has_relay) {
		peer->has |= MPCNET_PEER_HAS_RELAY;
		if (mpcnet_host_resolve(&peer->relay, &request->relay, &args->err))
			return mpcnet_err_prefix(&args->err, "relay: ");
	}
	return 0;
}

/* The kernel passes over what it cannot do to a peer, without a word. */
static int check_peer(struct ctl_args *args, struct request *request, bool there)
{
	struct mpcnet_device have;
	bool found, self;

	if (mpcnet_device_get(&have, request->device.name, &args->err))
		return -1;
	found = mpcnet_device_find_peer(&have, request->peer->public_key);
	self = !memcmp(have.public_key, request->peer->public_key, MPCNET_KEY_LEN);
	mpcnet_device_clear(&have);
	if (found == there && (there || !self))
		return 0;
	if (self)
		return mpcnet_err_set(&args->err, "%s: this is the interface's own public key",
				      request->device.name);
	if (there)
		return mpcnet_err_set(&args->err, "%s has no such peer: mpcnetctl peer add",
				      request->device.name);
	return mpcnet_err_set(&args->err, "%s has this peer already: mpcnetctl peer set",
			      request->device.name);
}

static int change_peer(struct ctl_args *args, uint32_t flags)
{
	struct request request = { 0 };
	bool there = flags != 0;
	int ret = begin_request(args, &request);

	if (!ret)
		ret = ctl_words(args, &request);
	if (!ret) {
		request.peer->flags |= flags;
		if (check_peer(args, &request, there) || resolve(args, &request) ||
		    mpcnet_device_set(&request.device, &args->err))
			ret = ctl_failed(&args->err);
	}
	mpcnet_device_clear(&request.device);
	return ret;
}

static int peer_add(struct ctl_args *args)
{
	return change_peer(args, 0);
}

static int peer_set(struct ctl_args *args)
{
	return change_peer(args, MPCNET_PEER_F_UPDATE_ONLY);
}

static int peer_del(struct ctl_args *args)
{
	return change_peer(args, MPCNET_PEER_F_REMOVE_ME);
}

#define PEER_NOTES                                                                                 \
	"  endpoint HOST:PORT   where the peer is; [ADDRESS]:PORT for IPv6\n"                      \
	"  relay HOST:PORT channel N\n"                                                            \
	"                       reach it by this TURN server and channel, 0x4000 to 0x4fff;\n"     \
	"                       off removes the relay\n"                                           \
	"  allowed-ips A/B,...  its addresses inside, in the place of those it has;\n"             \
	"                       +A/B adds one, -A/B takes one away; none removes all\n"            \
	"  psk FILE             read a pre-shared key in base64 from FILE, or - for\n"             \
	"                       standard input; off removes it\n"                                  \
	"  keepalive S          send something at least every S seconds; off for not\n"            \
	"  roam off             the endpoint stays where it was set; on lets it move\n"

const struct ctl_object ctl_peer = {
	"peer",
	"peers of an interface",
	(const struct ctl_verb[]){
		{ "add", "DEV PUBKEY", peer_words, "add a peer", PEER_NOTES, peer_add },
		{ "set", "DEV PUBKEY", peer_words, "change a peer", PEER_NOTES, peer_set },
		{ "del", "DEV PUBKEY", NULL, "remove a peer", NULL, peer_del },
		{ "show", "DEV [PUBKEY]", NULL, "show one peer, or all", NULL, ctl_peer_show },
		{ 0 },
	},
};
