// SPDX-License-Identifier: GPL-2.0
/*
 * Every attribute of a set: wrong lengths, wrong values and unknown numbers.
 *
 * Each wrong attribute stands at the end of a message that would also change
 * the fwmark and add a peer, so a refusal that had done half of its work shows
 * in the dump. Each refusal must say why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include "ktap.h"
#include "netlink_lib.h"

enum level { DEVICE, PEER, IP };

static const char * const level_name[] = { "device", "peer", "allowed IP" };
static struct nl nl;

/**
 * struct attr - an attribute of fixed length
 * @level: where it stands
 * @num: its number
 * @len: its length in bytes
 * @name: its name
 */
struct attr {
	enum level level;
	uint16_t num;
	uint16_t len;
	const char *name;
};

static const struct attr fixed[] = {
	{ DEVICE, MPCNET_DEVICE_A_IFINDEX, 4, "ifindex" },
	{ DEVICE, MPCNET_DEVICE_A_PRIVATE_KEY, 32, "private-key" },
	{ DEVICE, MPCNET_DEVICE_A_FLAGS, 4, "flags" },
	{ DEVICE, MPCNET_DEVICE_A_LISTEN_PORT, 2, "listen-port" },
	{ DEVICE, MPCNET_DEVICE_A_FWMARK, 4, "fwmark" },
	{ DEVICE, MPCNET_DEVICE_A_SOCKET_FD, 4, "socket-fd" },
	{ DEVICE, MPCNET_DEVICE_A_BIND_IFINDEX, 4, "bind-ifindex" },
	{ DEVICE, MPCNET_DEVICE_A_EXPIRES, 8, "expires" },
	{ DEVICE, MPCNET_DEVICE_A_NEW_PRIVATE_KEY, 0, "new-private-key" },
	{ DEVICE, MPCNET_DEVICE_A_BATCH, 1, "batch" },
	{ PEER, MPCNET_PEER_A_PUBLIC_KEY, 32, "public-key" },
	{ PEER, MPCNET_PEER_A_PRESHARED_KEY, 32, "preshared-key" },
	{ PEER, MPCNET_PEER_A_FLAGS, 4, "flags" },
	{ PEER, MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 2, "keepalive" },
	{ PEER, MPCNET_PEER_A_PROTOCOL_VERSION, 4, "protocol-version" },
	{ PEER, MPCNET_PEER_A_RELAY_CHANNEL, 2, "relay-channel" },
	{ PEER, MPCNET_PEER_A_ROAM, 1, "roam" },
	{ IP, MPCNET_ALLOWEDIP_A_FAMILY, 2, "family" },
	{ IP, MPCNET_ALLOWEDIP_A_IPADDR, 4, "ipaddr" },
	{ IP, MPCNET_ALLOWEDIP_A_CIDR_MASK, 1, "cidr-mask" },
	{ IP, MPCNET_ALLOWEDIP_A_FLAGS, 4, "flags" },
};

#define SIN(fam) .bytes = { (fam), (fam) >> 8, 0x30, 0x39, 192, 0, 2, 1 }

/**
 * struct wrong - a value that must be refused
 * @level: where it stands
 * @num: the attribute's number
 * @len: its length
 * @bytes: its first bytes, the rest is zero
 * @name: what is wrong
 */
struct wrong {
	enum level level;
	uint16_t num;
	uint16_t len;
	uint8_t bytes[32];
	const char *name;
};

#define D(num) DEVICE, MPCNET_DEVICE_A_##num
#define P(num) PEER, MPCNET_PEER_A_##num
#define I(num) IP, MPCNET_ALLOWEDIP_A_##num

static const struct wrong wrongs[] = {
	{ D(FLAGS), 4, { 2 }, "unknown flag" },
	{ D(FLAGS), 4, { 1, 0, 0, 0x80 }, "unknown high flag" },
	{ D(PUBLIC_KEY), 32, { 9 }, "public-key is shown only" },
	{ D(SOCKET_ADOPTED), 0, { 0 }, "socket-adopted is shown only" },
	{ D(COUNTERS), 0, { 0 }, "counters is shown only" },
	{ D(EVENT), 4, { 0 }, "event is for events only" },
	{ D(PAD), 0, { 0 }, "pad" },
	{ D(BIND_ADDRESS), 0, { 0 }, "bind-address of 0 bytes" },
	{ D(BIND_ADDRESS), 3, { 127 }, "bind-address of 3 bytes" },
	{ D(BIND_ADDRESS), 5, { 127 }, "bind-address of 5 bytes" },
	{ D(BIND_ADDRESS), 15, { 127 }, "bind-address of 15 bytes" },
	{ D(BIND_ADDRESS), 17, { 127 }, "bind-address of 17 bytes" },
	{ D(BIND_IFINDEX), 4, { 0, 0xff, 0xff, 0x7f },
	  "bind-ifindex of no interface" },
	{ D(BIND_IFINDEX), 4, { 0, 0, 0, 0x80 }, "negative bind-ifindex" },
	{ D(SOCKET_FD), 4, { 0xff, 0xff, 0xff, 0xff }, "socket-fd of -1" },
	{ D(SOCKET_FD), 4, { 0xf0, 0x7f }, "socket-fd that is not open" },
	{ D(BATCH), 1, { 2 }, "batch 2" },
	{ D(BATCH), 1, { 255 }, "batch 255" },
	{ P(FLAGS), 4, { 8 }, "unknown flag" },
	{ P(PROTOCOL_VERSION), 4, { 2 }, "protocol-version 2" },
	{ P(ENDPOINT), 0, { 0 }, "empty endpoint" },
	{ P(ENDPOINT), 1, { 2 }, "endpoint of 1 byte" },
	{ P(ENDPOINT), 15, { 2 }, "endpoint of 15 bytes" },
	{ P(ENDPOINT), 17, SIN(AF_INET), "endpoint of 17 bytes" },
	{ P(ENDPOINT), 27, SIN(AF_INET6), "endpoint of 27 bytes" },
	{ P(ENDPOINT), 29, SIN(AF_INET6), "endpoint of 29 bytes" },
	{ P(ENDPOINT), 16, SIN(AF_INET6), "AF_INET6 endpoint of 16 bytes" },
	{ P(ENDPOINT), 28, SIN(AF_INET), "AF_INET endpoint of 28 bytes" },
	{ P(ENDPOINT), 16, SIN(AF_UNIX), "AF_UNIX endpoint" },
	{ P(ENDPOINT), 16, SIN(AF_UNSPEC), "AF_UNSPEC endpoint" },
	{ P(LAST_HANDSHAKE_TIME), 16, { 1 }, "last-handshake-time" },
	{ P(RX_BYTES), 8, { 1 }, "rx-bytes is shown only" },
	{ P(TX_BYTES), 8, { 1 }, "tx-bytes is shown only" },
	{ P(RELAY), 0, { 0 }, "empty relay" },
	{ P(RELAY), 15, SIN(AF_INET), "relay of 15 bytes" },
	{ P(RELAY), 17, SIN(AF_INET), "relay of 17 bytes" },
	{ P(RELAY), 28, SIN(AF_INET), "AF_INET relay of 28 bytes" },
	{ P(RELAY), 16, SIN(AF_UNIX), "AF_UNIX relay" },
	{ P(RELAY), 16, SIN(AF_INET), "relay without a channel" },
	{ P(RELAY_CHANNEL), 2, { 0x00, 0x40 }, "channel without a relay" },
	{ P(RELAY_CHANNEL), 2, { 0xff, 0x3f }, "channel 0x3fff" },
	{ P(RELAY_CHANNEL), 2, { 0x00, 0x50 }, "channel 0x5000" },
	{ P(RELAY_CHANNEL), 2, { 1, 0 }, "channel 1" },
	{ P(RELAYED), 0, { 0 }, "relayed is shown only" },
	{ P(ROAM), 1, { 2 }, "roam 2" },
	{ P(ROAM), 1, { 255 }, "roam 255" },
	{ P(STATE), 4, { 0 }, "state is shown only" },
	{ P(COUNTERS), 0, { 0 }, "counters is shown only" },
	{ P(PAD), 0, { 0 }, "pad" },
	{ I(FAMILY), 2, { AF_UNIX }, "family AF_UNIX" },
	{ I(FAMILY), 2, { 0 }, "family 0" },
	{ I(FAMILY), 2, { AF_INET6 }, "AF_INET6 with 4 bytes" },
	{ I(IPADDR), 16, { 32, 1 }, "AF_INET with 16 bytes" },
	{ I(CIDR_MASK), 1, { 33 }, "AF_INET with a mask of 33" },
	{ I(CIDR_MASK), 1, { 255 }, "AF_INET with a mask of 255" },
	{ I(FLAGS), 4, { 2 }, "unknown flag" },
};

/* The interface that no refusal may change. */
static bool make_device(void)
{
	struct set *s;

	if (sh("ip link add mp0 type %s", kind()))
		return false;
	s = set_begin(&nl, "mp0");
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(1));
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 5001);
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 7);
	set_peer(s, key_of(100));
	mnl_attr_put(s->nlh, MPCNET_PEER_A_PRESHARED_KEY, KEY_LEN, key_of(9));
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "192.0.2.9", 999);
	set_ip(s, "10.0.0.0/8");
	set_ip(s, "2001:db8::/32");
	set_peer(s, key_of(101));
	set_ip(s, "10.1.0.0/16");
	return !set_send(s);
}

/* A valid allowed IP, but for what @num @data say in place of one part. */
static void put_ip(struct set *s, uint16_t num, const void *data, size_t len)
{
	static const uint8_t net[4] = { 10, 99 };
	struct nlattr *ip = set_ip_begin(s);

	if (num != MPCNET_ALLOWEDIP_A_FAMILY)
		mnl_attr_put_u16(s->nlh, MPCNET_ALLOWEDIP_A_FAMILY, AF_INET);
	if (num != MPCNET_ALLOWEDIP_A_IPADDR)
		mnl_attr_put(s->nlh, MPCNET_ALLOWEDIP_A_IPADDR, 4, net);
	if (num != MPCNET_ALLOWEDIP_A_CIDR_MASK)
		mnl_attr_put_u8(s->nlh, MPCNET_ALLOWEDIP_A_CIDR_MASK, 16);
	if (data)
		mnl_attr_put(s->nlh, num, len, data);
	set_ip_end(s, ip);
}

/* A message that is right up to this attribute. @data NULL leaves it out. */
static struct set *build(enum level level, uint16_t num, const void *data,
			 size_t len)
{
	bool keyless = level == PEER && num == MPCNET_PEER_A_PUBLIC_KEY;
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 8);
	if (level == DEVICE && data)
		mnl_attr_put(s->nlh, num, len, data);
	set_peer(s, key_of(102));
	set_ip(s, "10.2.0.0/16");
	if (level == DEVICE)
		return s;
	set_peer(s, keyless ? NULL : key_of(101));
	if (level == PEER && data)
		mnl_attr_put(s->nlh, num, len, data);
	if (level == IP)
		put_ip(s, num, data, len);
	return s;
}

/* Send what must be refused. NULL, or what was wrong with the refusal. */
static const char *refused(struct set *s)
{
	char *before = nl_dump(&nl, "mp0"), *after;
	const char *why = NULL;
	int err = set_send(s);

	if (!err)
		why = "accepted";
	else if (!nl.why[0])
		why = ktap_why("%s without a message", strerror(-err));
	after = nl_dump(&nl, "mp0");
	if (!before || !after || strcmp(before, after))
		why = ktap_why("%s, and the interface changed",
			       err ? strerror(-err) : "accepted");
	free(before);
	free(after);
	return why;
}

static const char *test_lengths(const struct attr *attr)
{
	static const uint8_t zeros[4096];
	const unsigned int lens[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 64, 4000,
	};
	const char *why;
	unsigned int i;

	for (i = 0; i < KTAP_COUNT(lens); i++) {
		if (lens[i] == attr->len)
			continue;
		why = refused(build(attr->level, attr->num, zeros, lens[i]));
		if (why)
			return ktap_why("%u bytes: %s", lens[i], why);
	}
	return NULL;
}

static const char *test_unknown(enum level level)
{
	static const unsigned int first[] = { 9, 11, 5 };
	static const unsigned int own[] = {
		MPCNET_DEVICE_A_LAST + 1, MPCNET_PEER_A_LAST + 1,
		MPCNET_ALLOWEDIP_A_LAST + 1,
	};
	const char *why;
	unsigned int n;

	for (n = first[level]; n < 0x4000; n = n < 300 ? n + 1 : n * 2 - 1) {
		if (n == 64 && own[level] > 64)
			n = own[level];
		why = refused(build(level, n, "\1\0\0", 4));
		if (why)
			return ktap_why("attribute %u: %s", n, why);
	}
	why = refused(build(level, 0, "\1\0\0", 4));
	return why ? ktap_why("attribute 0: %s", why) : NULL;
}

static const char *test_missing(void)
{
	static const struct {
		enum level level;
		uint16_t num;
		const char *name;
	} needed[] = {
		{ P(PUBLIC_KEY), "public-key" },
		{ I(FAMILY), "family" },
		{ I(IPADDR), "ipaddr" },
		{ I(CIDR_MASK), "cidr-mask" },
	};
	const char *why;
	unsigned int i;

	for (i = 0; i < KTAP_COUNT(needed); i++) {
		why = refused(build(needed[i].level, needed[i].num, NULL, 0));
		if (why)
			return ktap_why("without %s: %s", needed[i].name, why);
	}
	return NULL;
}

static const char *test_wrong(const struct wrong *wrong)
{
	return refused(build(wrong->level, wrong->num, wrong->bytes,
			     wrong->len));
}

int main(void)
{
	unsigned int i, wide = KTAP_COUNT(level_name);
	char name[128];

	ns_private();
	if (!kind_is_own())
		ktap_skip_all("strictness is promised by mpcnet alone");
	if (!nl_open(&nl, kind()) || !make_device())
		ktap_skip_all("no mpcnet on this machine");
	ktap_plan(KTAP_COUNT(fixed) + KTAP_COUNT(wrongs) + wide + 1);
	for (i = 0; i < KTAP_COUNT(fixed); i++) {
		snprintf(name, sizeof(name), "%s %s of a wrong length",
			 level_name[fixed[i].level], fixed[i].name);
		ktap_result(name, test_lengths(&fixed[i]));
	}
	for (i = 0; i < KTAP_COUNT(wrongs); i++) {
		snprintf(name, sizeof(name), "%s %s is refused",
			 level_name[wrongs[i].level], wrongs[i].name);
		ktap_result(name, test_wrong(&wrongs[i]));
	}
	for (i = 0; i < wide; i++) {
		snprintf(name, sizeof(name), "%s unknown numbers are refused",
			 level_name[i]);
		ktap_result(name, test_unknown(i));
	}
	ktap_result("what must be there is missed", test_missing());
	return ktap_finish();
}
