// SPDX-License-Identifier: GPL-2.0
/*
 * What mpcnet adds below the numbers of others: right values are taken and
 * shown, and take effect. Private keys that the kernel made, binding, batches,
 * roaming, relays, and allowed IPs removed one by one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "socket_pair.h"

#define PATIENCE 8000		/* a first handshake on an emulated CPU */

static struct pair pair;

/* Text of a line of A's dump; empty if it is not shown. */
static const char *dev_text(const char *what)
{
	static char text[256];
	char *dump = nl_dump(&pair.nl[A], pair.name[A]);
	const char *value = dump ? text_get(dump, "dev %s", what) : NULL;

	snprintf(text, sizeof(text), "%s", value ? value : "");
	free(dump);
	return text;
}

static const char *peer_text(const char *what)
{
	static char text[256];

	return pair_peer_text(&pair, A, what, text, sizeof(text));
}

static const char *same(const char *what, const char *is, const char *want)
{
	return strcmp(is, want) ? ktap_why("%s is '%s', not '%s'", what, is,
					   want) : NULL;
}

static const char *sent(struct set *s)
{
	return set_send(s) ? ktap_why("refused: %s", s->nl->why) : NULL;
}

static const char *connect_both(void)
{
	KTAP_TRY(pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B));
	KTAP_TRY(pair_endpoint(&pair, B, "127.0.0.1", PAIR_PORT_A));
	return pair_talk(&pair, A, PATIENCE) ? NULL : "nothing gets through";
}

static const char *make_key(void)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_NEW_PRIVATE_KEY, 0, NULL);
	return sent(s);
}

static const char *hidden(void)
{
	if (*dev_text("private-key"))
		return "the private key is shown";
	if (strlen(dev_text("public-key")) != 2 * KEY_LEN)
		return "no public key";
	return same("new-private-key", dev_text("new-private-key"), "1");
}

static const char *test_new_key(void)
{
	char first[128];

	KTAP_TRY(make_key());
	KTAP_TRY(hidden());
	snprintf(first, sizeof(first), "%s", dev_text("public-key"));
	if (!strcmp(first, hex(pair.pub[A])))
		return "the key is the old one";
	KTAP_TRY(make_key());
	KTAP_TRY(hidden());
	return strcmp(first, dev_text("public-key")) ? NULL :
		"twice the same key";
}

/* The other side, told of the new key, can be spoken to. */
static const char *test_new_key_works(void)
{
	unsigned int i, byte;
	const char *text;
	uint8_t old[KEY_LEN];
	struct set *s;

	memcpy(old, pair.pub[A], KEY_LEN);
	text = dev_text("public-key");
	for (i = 0; i < KEY_LEN; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		pair.pub[A][i] = byte;
	}
	s = pair_set(&pair, B);
	set_peer(s, old);
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, MPCNET_PEER_F_REMOVE_ME);
	set_peer(s, pair.pub[A]);
	set_ip(s, "10.9.0.1/32");
	KTAP_TRY(sent(s));
	return connect_both();
}

static const char *test_key_back(void)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(70));
	KTAP_TRY(sent(s));
	KTAP_TRY(same("private-key", dev_text("private-key"), hex(key_of(70))));
	return same("new-private-key", dev_text("new-private-key"), "");
}

static const char *test_both_keys(void)
{
	struct set *s = pair_set(&pair, A);
	char public[128];

	snprintf(public, sizeof(public), "%s", dev_text("public-key"));
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(71));
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_NEW_PRIVATE_KEY, 0, NULL);
	if (!set_send(s) || !s->nl->why[0])
		return "a key given and made at once, or no message";
	return same("public-key", dev_text("public-key"), public);
}

static const char *test_key_removed(void)
{
	struct set *s = pair_set(&pair, A);

	KTAP_TRY(make_key());
	s = pair_set(&pair, A);
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN,
		     (uint8_t[KEY_LEN]){ 0 });
	KTAP_TRY(sent(s));
	KTAP_TRY(same("public-key", dev_text("public-key"), ""));
	return same("new-private-key", dev_text("new-private-key"), "");
}

static const char *bind_to(const void *address, size_t len)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_BIND_ADDRESS, len, address);
	return sent(s);
}

static const char *test_bind_shown(void)
{
	struct in6_addr in6 = IN6ADDR_LOOPBACK_INIT;
	uint8_t in[4] = { 127, 0, 0, 7 }, none[16] = { 0 };

	KTAP_TRY(bind_to(in, sizeof(in)));
	KTAP_TRY(same("bind-address", dev_text("bind-address"), "7f000007"));
	KTAP_TRY(bind_to(&in6, sizeof(in6)));
	KTAP_TRY(same("bind-address", dev_text("bind-address"),
		      "00000000000000000000000000000001"));
	KTAP_TRY(bind_to(none, sizeof(none)));
	KTAP_TRY(same("bind-address", dev_text("bind-address"), ""));
	KTAP_TRY(bind_to(in, sizeof(in)));
	KTAP_TRY(bind_to(none, 4));
	return same("bind-address", dev_text("bind-address"), "");
}

/* B sees the address that A is bound to. */
static const char *test_bind_address(void)
{
	uint8_t in[4] = { 127, 0, 0, 7 }, none[4] = { 0 };
	char text[64];

	KTAP_TRY(connect_both());
	KTAP_TRY(bind_to(in, sizeof(in)));
	if (!pair_talk(&pair, A, PATIENCE))
		return "nothing gets through";
	pair_peer_text(&pair, B, "endpoint", text, sizeof(text));
	KTAP_TRY(same("B's endpoint", text, "127.0.0.7:4001"));
	KTAP_TRY(bind_to(none, sizeof(none)));
	if (!pair_talk(&pair, A, PATIENCE))
		return "nothing gets through unbound";
	pair_peer_text(&pair, B, "endpoint", text, sizeof(text));
	return strcmp(text, "127.0.0.7:4001") ? NULL : "still bound";
}

static const char *bind_index(uint32_t index)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_BIND_IFINDEX, index);
	return sent(s);
}

/* By the loopback all goes well, by a device that leads nowhere nothing. */
static const char *test_bind_index(void)
{
	uint32_t dummy;

	sh("ip link add dum0 type dummy");
	sh("ip addr add 192.0.2.77/32 dev dum0; ip link set dum0 up");
	dummy = if_nametoindex("dum0");
	if (!dummy)
		return "SKIP no dummy interface";
	KTAP_TRY(connect_both());
	KTAP_TRY(bind_index(if_nametoindex("lo")));
	if (pair_dev(&pair, A, "bind-ifindex") != if_nametoindex("lo"))
		return "not shown";
	if (!pair_talk(&pair, A, PATIENCE))
		return "nothing gets through by lo";
	KTAP_TRY(bind_index(dummy));
	if (pair_talk(&pair, A, 300))
		return "it goes another way than it is bound to";
	KTAP_TRY(bind_index(0));
	if (pair_dev(&pair, A, "bind-ifindex") > 0)
		return "shown after it was removed";
	sh("ip link del dum0");
	return pair_talk(&pair, A, PATIENCE) ? NULL :
		"nothing gets through unbound";
}

/* The peer's endpoint stays where netlink put it. */
static const char *test_roam(void)
{
	struct set *s;

	KTAP_TRY(connect_both());
	if (pair_peer(&pair, A, "roam") != 1)
		return "roam is not on at first";
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u8(s->nlh, MPCNET_PEER_A_ROAM, 0);
	KTAP_TRY(sent(s));
	if (pair_peer(&pair, A, "roam") != 0)
		return "roam is not shown as off";
	s = pair_set(&pair, B);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 4007);
	KTAP_TRY(sent(s));
	if (!pair_talk(&pair, B, PATIENCE))
		return "a packet of the moved peer is not taken";
	KTAP_TRY(same("pinned endpoint", peer_text("endpoint"),
		      "127.0.0.1:4002"));
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u8(s->nlh, MPCNET_PEER_A_ROAM, 1);
	KTAP_TRY(sent(s));
	if (!pair_talk(&pair, B, PATIENCE))
		return "a packet of the moved peer is not taken";
	KTAP_TRY(same("endpoint", peer_text("endpoint"), "127.0.0.1:4007"));
	s = pair_set(&pair, B);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, PAIR_PORT_B);
	return sent(s);
}

/* With a session that is young, and no earlier than 5 s behind the last. */
static const char *test_handshake(void)
{
	char before[64];
	struct set *s;
	int i;

	KTAP_TRY(connect_both());
	snprintf(before, sizeof(before), "%s", peer_text("last-handshake-time"));
	for (i = 0; i < 80; i++) {
		s = pair_set_peer(&pair, A);
		mnl_attr_put(s->nlh, MPCNET_PEER_A_HANDSHAKE, 0, NULL);
		KTAP_TRY(sent(s));
		if (strcmp(before, peer_text("last-handshake-time")))
			return pair_talk(&pair, A, PATIENCE) ? NULL :
				"nothing gets through afterwards";
		usleep(100000);
	}
	return "no handshake was made";
}

static void put_relay(struct set *s, uint16_t channel)
{
	set_addr(s, MPCNET_PEER_A_RELAY, "127.0.0.1", 3478);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, channel);
}

static const char *relay_shown(const char *channel)
{
	KTAP_TRY(same("relay", peer_text("relay"), "127.0.0.1:3478"));
	KTAP_TRY(same("relay-channel", peer_text("relay-channel"), channel));
	KTAP_TRY(same("relayed", peer_text("relayed"), "1"));
	return same("endpoint", peer_text("endpoint"), "127.0.0.1:3478");
}

static const char *test_relay(void)
{
	struct set *s = pair_set_peer(&pair, A);

	put_relay(s, 0x4000);
	KTAP_TRY(sent(s));
	KTAP_TRY(relay_shown("16384"));
	s = pair_set_peer(&pair, A);
	put_relay(s, 0x4fff);
	KTAP_TRY(sent(s));
	KTAP_TRY(relay_shown("20479"));
	/* The direct path does not make it forget the relay. */
	KTAP_TRY(pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B));
	KTAP_TRY(same("relayed", peer_text("relayed"), ""));
	KTAP_TRY(same("relay-channel", peer_text("relay-channel"), "20479"));
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, 0);
	KTAP_TRY(sent(s));
	KTAP_TRY(same("relay-channel", peer_text("relay-channel"), ""));
	return same("endpoint", peer_text("endpoint"), "127.0.0.1:4002");
}

static int send_two(uint32_t flags)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS, flags);
	set_peer(s, key_of(301));
	put_relay(s, 0x4001);
	set_peer(s, key_of(302));
	put_relay(s, 0x4001);
	return set_send(s);
}

/* A channel leads to one peer. */
static const char *test_channel_twice(void)
{
	char *before = nl_dump(&pair.nl[A], pair.name[A]), *after;
	bool same_text;

	if (!send_two(0))
		return "two peers of a message share a channel";
	if (!send_two(MPCNET_DEVICE_F_REPLACE_PEERS))
		return "two peers of a replacing message share a channel";
	after = nl_dump(&pair.nl[A], pair.name[A]);
	same_text = !strcmp(before, after);
	free(before);
	free(after);
	return same_text ? NULL : "a refused set changed something";
}

static const char *test_channel_taken(void)
{
	struct set *s = pair_set_peer(&pair, A);

	put_relay(s, 0x4002);
	KTAP_TRY(sent(s));
	s = pair_set(&pair, A);
	set_peer(s, key_of(303));
	put_relay(s, 0x4002);
	if (!set_send(s))
		return "taken from another peer";
	/* Once it is free it may be had. */
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, 0);
	KTAP_TRY(sent(s));
	s = pair_set(&pair, A);
	set_peer(s, key_of(303));
	put_relay(s, 0x4002);
	KTAP_TRY(sent(s));
	s = pair_set(&pair, A);
	set_peer(s, key_of(303));
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, MPCNET_PEER_F_REMOVE_ME);
	return sent(s);
}

/* Removed and set again by one message: as if by two. */
static const char *test_relay_again(void)
{
	struct set *s = pair_set_peer(&pair, A);

	put_relay(s, 0x4003);
	KTAP_TRY(sent(s));
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, 0);
	set_peer(s, pair.pub[B]);
	put_relay(s, 0x4003);
	if (!set_send(s))
		KTAP_TRY(relay_shown("16387"));
	s = pair_set_peer(&pair, A);
	put_relay(s, 0x4003);
	KTAP_TRY(sent(s));
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, MPCNET_PEER_F_REMOVE_ME);
	set_peer(s, pair.pub[B]);
	put_relay(s, 0x4003);
	set_ip(s, "10.9.0.2/32");
	if (!set_send(s))
		KTAP_TRY(relay_shown("16387"));
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, 0);
	return sent(s);
}

static bool has_ip(const char *ip)
{
	char *dump = nl_dump(&pair.nl[A], pair.name[A]), want[160];
	bool has;

	snprintf(want, sizeof(want), "peer %s allowed-ip %s\n",
		 hex(pair.pub[B]), ip);
	has = strstr(dump, want);
	free(dump);
	return has;
}

static void put_removal(struct set *s, uint32_t net)
{
	struct nlattr *ip = set_ip_begin(s);

	mnl_attr_put_u16(s->nlh, MPCNET_ALLOWEDIP_A_FAMILY, 2);
	mnl_attr_put_u32(s->nlh, MPCNET_ALLOWEDIP_A_IPADDR, htonl(net));
	mnl_attr_put_u8(s->nlh, MPCNET_ALLOWEDIP_A_CIDR_MASK, 16);
	mnl_attr_put_u32(s->nlh, MPCNET_ALLOWEDIP_A_FLAGS,
			 MPCNET_ALLOWEDIP_F_REMOVE_ME);
	set_ip_end(s, ip);
}

static const char *test_remove_ip(void)
{
	struct set *s = pair_set_peer(&pair, A);

	set_ip(s, "10.20.0.0/16");
	set_ip(s, "10.21.0.0/16");
	KTAP_TRY(sent(s));
	s = pair_set_peer(&pair, A);
	put_removal(s, 0x0a140000);
	put_removal(s, 0x0a630000);
	KTAP_TRY(sent(s));
	if (has_ip("10.20.0.0/16") || !has_ip("10.21.0.0/16"))
		return "not the one that was named";
	/* Another peer's is not this one's to remove. */
	s = pair_set(&pair, A);
	set_peer(s, key_of(310));
	put_removal(s, 0x0a150000);
	KTAP_TRY(sent(s));
	return has_ip("10.21.0.0/16") ? NULL : "another peer's was removed";
}

static const char *set_batch(uint8_t batch)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u8(s->nlh, MPCNET_DEVICE_A_BATCH, batch);
	return sent(s);
}

static const char *test_batch(void)
{
	KTAP_TRY(same("batch at first", dev_text("batch"), "1"));
	KTAP_TRY(set_batch(0));
	KTAP_TRY(same("batch", dev_text("batch"), "0"));
	KTAP_TRY(set_batch(1));
	return same("batch", dev_text("batch"), "1");
}

/* The mark before it shows whether a refusal did the first half. */
static const char *test_batch_wrong(void)
{
	struct set *s;
	int err;

	KTAP_TRY(set_batch(0));
	s = pair_set(&pair, A);
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 7);
	mnl_attr_put_u8(s->nlh, MPCNET_DEVICE_A_BATCH, 2);
	err = set_send(s);
	if (!err)
		return "batch 2 is accepted";
	if (!s->nl->why[0])
		return ktap_why("%s without a message", strerror(-err));
	KTAP_TRY(same("batch", dev_text("batch"), "0"));
	KTAP_TRY(same("fwmark", dev_text("fwmark"), "0"));
	return set_batch(1);
}

static const char *test_version(void)
{
	struct set *s = pair_set_peer(&pair, A);

	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_PROTOCOL_VERSION, 0);
	KTAP_TRY(sent(s));
	return same("protocol-version", peer_text("protocol-version"), "1");
}

static const struct ktap_case cases[] = {
	{ "the kernel makes keys and hides them", test_new_key },
	{ "such a key works", test_new_key_works },
	{ "a key that was given is shown again", test_key_back },
	{ "a key given and made at once is refused", test_both_keys },
	{ "such a key removed", test_key_removed },
	{ "bind-address is shown", test_bind_shown },
	{ "batch is on at first, set and shown", test_batch },
	{ "batch 2 is refused whole", test_batch_wrong },
	{ "protocol-version 0 is the default", test_version },
	{ "relay, direct, relay removed", test_relay },
	{ "two new peers at one channel are refused", test_channel_twice },
	{ "a channel of another peer is refused", test_channel_taken },
	{ "relay removed and set in one message", test_relay_again },
	{ "allowed IPs removed one by one", test_remove_ip },
};

static const struct ktap_case traffic[] = {
	{ "bind-address takes effect", test_bind_address },
	{ "bind-ifindex takes effect", test_bind_index },
	{ "roam off pins the endpoint", test_roam },
	{ "a handshake on demand", test_handshake },
};

int main(void)
{
	unsigned int i;

	ns_private();
	if (!kind_is_own())
		ktap_skip_all("tests what mpcnet alone has");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	ktap_plan(KTAP_COUNT(cases) + KTAP_COUNT(traffic));
	for (i = 0; i < KTAP_COUNT(cases); i++)
		ktap_result(cases[i].name, cases[i].run());
	pair_close(&pair);
	if (!pair_open(&pair))
		ktap_bail("the interfaces cannot be made again");
	for (i = 0; i < KTAP_COUNT(traffic); i++)
		ktap_result(traffic[i].name, traffic[i].run());
	pair_close(&pair);
	return ktap_finish();
}
