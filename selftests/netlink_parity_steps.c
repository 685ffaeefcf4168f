// SPDX-License-Identifier: GPL-2.0
/* The requests of the comparison, in the order in which they are sent. */
#include "netlink_parity.h"

#include <stdio.h>

#include "ktap.h"

uint8_t first_own[KEY_LEN];

void step_listen(struct set *s, uint16_t port)
{
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, port);
}

static void flags(struct set *s, uint32_t value)
{
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, value);
}

static void keepalive(struct set *s, uint16_t value)
{
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
			 value);
}

static void psk(struct set *s, const void *key)
{
	mnl_attr_put(s->nlh, MPCNET_PEER_A_PRESHARED_KEY, KEY_LEN, key);
}

static void private_key(struct set *s, const void *key)
{
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key);
}

static void replace_peers(struct set *s)
{
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS,
			 MPCNET_DEVICE_F_REPLACE_PEERS);
}

/* The steps, in the order in which they are taken. */

static void empty(struct set *s, struct side *side)
{
	(void)s;
	(void)side;
}

void step_key(struct set *s, struct side *side)
{
	(void)side;
	private_key(s, key_of(1));
}

static void step_raw_key(struct set *s, struct side *side)
{
	uint8_t key[KEY_LEN];

	(void)side;
	memset(key, 0xff, sizeof(key));
	private_key(s, key);
}

static void step_no_key(struct set *s, struct side *side)
{
	(void)side;
	private_key(s, (uint8_t[KEY_LEN]){ 0 });
}

static void step_port(struct set *s, struct side *side)
{
	(void)side;
	step_listen(s, 4501);
}

static void step_port_again(struct set *s, struct side *side)
{
	(void)side;
	step_listen(s, 4502);
}

static void step_port_busy(struct set *s, struct side *side)
{
	(void)side;
	step_listen(s, 4599);
}

static void step_mark(struct set *s, struct side *side)
{
	(void)side;
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 0xdeadbeef);
}

static void step_no_mark(struct set *s, struct side *side)
{
	(void)side;
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 0);
}

static void step_peers(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(10));
	psk(s, key_of(20));
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "192.0.2.7", 7777);
	keepalive(s, 25);
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_PROTOCOL_VERSION, 1);
	set_ip(s, "10.0.0.0/24");
	set_ip(s, "2001:db8::/64");
	set_ip(s, "192.0.2.128/25");
	set_peer(s, key_of(11));
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "2001:db8:1::5", 5);
	set_ip(s, "0.0.0.0/0");
	set_ip(s, "::/0");
	set_ip(s, "10.0.0.5/32");
	set_ip(s, "2001:db8::1/128");
	set_peer(s, key_of(12));
}

static void step_moved_ip(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(12));
	set_ip(s, "10.0.0.0/24");
	set_ip(s, "::/0");
}

static void step_moved_within(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(13));
	set_ip(s, "10.77.0.0/16");
	set_peer(s, key_of(14));
	set_ip(s, "10.77.0.0/16");
	set_peer(s, key_of(13));
	set_ip(s, "10.78.0.0/16");
}

static void step_same_ip(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(11));
	set_ip(s, "0.0.0.0/0");
	set_ip(s, "0.0.0.0/0");
}

static void step_unmasked(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(12));
	set_ip(s, "172.16.77.3/12");
	set_ip(s, "2001:db8:ffff::1/33");
	set_ip(s, "1.2.3.4/0");
}

static void step_replace_ips(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(10));
	flags(s, MPCNET_PEER_F_REPLACE_ALLOWEDIPS);
	set_ip(s, "10.5.0.0/16");
}

static void step_clear_ips(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(11));
	flags(s, MPCNET_PEER_F_REPLACE_ALLOWEDIPS);
}

static void step_new_replace(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(15));
	flags(s, MPCNET_PEER_F_REPLACE_ALLOWEDIPS);
	set_ip(s, "10.15.0.0/16");
}

static void step_update_none(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(50));
	flags(s, MPCNET_PEER_F_UPDATE_ONLY);
	set_ip(s, "10.50.0.0/16");
}

static void step_update(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(12));
	flags(s, MPCNET_PEER_F_UPDATE_ONLY);
	psk(s, key_of(21));
	keepalive(s, 65535);
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "192.0.2.8", 1);
}

static void step_zero(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(12));
	psk(s, (uint8_t[KEY_LEN]){ 0 });
	keepalive(s, 0);
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "2001:db8::8", 2);
}

static void step_remove(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(10));
	flags(s, MPCNET_PEER_F_REMOVE_ME);
	set_peer(s, key_of(51));
	flags(s, MPCNET_PEER_F_REMOVE_ME);
	set_peer(s, key_of(13));
	flags(s, MPCNET_PEER_F_REMOVE_ME | MPCNET_PEER_F_UPDATE_ONLY);
	set_ip(s, "10.51.0.0/16");
}

static void step_remove_add(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(11));
	flags(s, MPCNET_PEER_F_REMOVE_ME);
	set_peer(s, key_of(11));
	set_ip(s, "10.11.0.0/16");
}

static void step_add_remove(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(16));
	set_ip(s, "10.11.0.0/16");
	set_peer(s, key_of(16));
	flags(s, MPCNET_PEER_F_REMOVE_ME);
}

static void step_own_peer(struct set *s, struct side *side)
{
	set_peer(s, side->own);
	set_ip(s, "10.66.0.0/16");
	set_peer(s, key_of(17));
}

static void step_own_ip(struct set *s, struct side *side)
{
	set_peer(s, side->own);
	set_ip(s, "10.11.0.0/16");
}

static void step_own_before(struct set *s, struct side *side)
{
	(void)side;
	private_key(s, key_of(2));
	set_peer(s, first_own);
	set_ip(s, "10.67.0.0/16");
}

static void step_own_after(struct set *s, struct side *side)
{
	(void)side;
	private_key(s, key_of(1));
}

static void step_own_both(struct set *s, struct side *side)
{
	(void)side;
	private_key(s, key_of(1));
	set_peer(s, first_own);
	set_ip(s, "10.68.0.0/16");
}

static void step_odd_types(struct set *s, struct side *side)
{
	struct nlattr *ip;

	(void)side;
	set_peer(s, key_of(18));
	s->peer->nla_type |= 77;
	ip = set_ip_begin(s);
	ip->nla_type |= 99;
	mnl_attr_put_u8(s->nlh, MPCNET_ALLOWEDIP_A_CIDR_MASK, 9);
	mnl_attr_put_u32(s->nlh, MPCNET_ALLOWEDIP_A_IPADDR, 0x0a);
	mnl_attr_put_u16(s->nlh, MPCNET_ALLOWEDIP_A_FAMILY, 2);
	set_ip_end(s, ip);
}

static void step_no_peers(struct set *s, struct side *side)
{
	(void)side;
	s->peers = mnl_attr_nest_start(s->nlh, MPCNET_DEVICE_A_PEERS);
}

static void step_no_ips(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(18));
	s->ips = mnl_attr_nest_start(s->nlh, MPCNET_PEER_A_ALLOWEDIPS);
}

static void step_replace_peers(struct set *s, struct side *side)
{
	(void)side;
	replace_peers(s);
	set_peer(s, key_of(18));
	set_ip(s, "10.18.0.0/16");
	set_peer(s, key_of(19));
	set_ip(s, "10.18.0.0/16");
}

static void step_clear_peers(struct set *s, struct side *side)
{
	(void)side;
	replace_peers(s);
}

static void step_many_peers(struct set *s, struct side *side)
{
	char ip[32];
	int i;

	(void)side;
	for (i = 0; i < 600; i++) {
		set_peer(s, key_of(1000 + i));
		snprintf(ip, sizeof(ip), "10.%d.%d.0/24", i / 256, i % 256);
		keepalive(s, i + 1);
		set_ip(s, ip);
	}
}

/* Thousands for one peer, by several messages. */
static void step_many_ips(struct set *s, struct side *side)
{
	static int part;
	char ip[32];
	int i;

	(void)side;
	set_peer(s, key_of(1100));
	for (i = 0; i < 1500; i++) {
		snprintf(ip, sizeof(ip), "172.%d.%d.%d/32", 16 + part / 2,
			 i / 256, i % 256);
		set_ip(s, ip);
	}
	part++;
}

static void refuse_flags(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(60));
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_PROTOCOL_VERSION, 2);
}

static void refuse_keyless(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, NULL);
}

static void refuse_short_key(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, NULL);
	mnl_attr_put(s->nlh, MPCNET_PEER_A_PUBLIC_KEY, 31, key_of(1));
}

static void refuse_mask(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(60));
	set_ip(s, "10.0.0.0/33");
}

static void refuse_mask6(struct set *s, struct side *side)
{
	(void)side;
	set_peer(s, key_of(60));
	set_ip(s, "::/129");
}

static void refuse_unknown(struct set *s, struct side *side)
{
	(void)side;
	mnl_attr_put_u32(s->nlh, 20, 1);
}

static void refuse_twice_named(struct set *s, struct side *side)
{
	(void)side;
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_IFINDEX, 1);
}

const struct step steps[] = {
	{ "new interface", empty, NULL, false },
	{ "private key", step_key, NULL, false },
	{ "listen port", step_port, NULL, false },
	{ "fwmark", step_mark, NULL, false },
	{ "peers with everything", step_peers, NULL, false },
	{ "peers again", step_peers, NULL, false },
	{ "allowed IP moves to another peer", step_moved_ip, NULL, false },
	{ "allowed IP moves in a message", step_moved_within, NULL, false },
	{ "allowed IP twice", step_same_ip, NULL, false },
	{ "allowed IP with bits beyond its mask", step_unmasked, NULL, false },
	{ "replace allowed IPs", step_replace_ips, NULL, false },
	{ "replace allowed IPs by none", step_clear_ips, NULL, false },
	{ "replace allowed IPs of a new peer", step_new_replace, NULL, false },
	{ "update only, no such peer", step_update_none, NULL, false },
	{ "update only", step_update, NULL, false },
	{ "pre-shared key and keepalive removed", step_zero, NULL, false },
	{ "remove peers", step_remove, NULL, false },
	{ "remove and add in a message", step_remove_add, NULL, false },
	{ "add and remove in a message", step_add_remove, NULL, false },
	{ "peer equal to the own key", step_own_peer, NULL, false },
	{ "own key with another's allowed IP", step_own_ip, NULL, false },
	{ "peer that will be the own key", step_own_before, NULL, false },
	{ "own key set to a peer's", step_own_after, NULL, false },
	{ "own key and such a peer in a message", step_own_both, NULL, false },
	{ "private key not clamped", step_raw_key, NULL, false },
	{ "private key removed", step_no_key, NULL, false },
	{ "private key removed again", step_no_key, NULL, false },
	{ "private key, again", step_key, NULL, false },
	{ "types of array elements ignored", step_odd_types, NULL, false },
	{ "empty array of peers", step_no_peers, NULL, false },
	{ "empty array of allowed IPs", step_no_ips, NULL, false },
	{ "up", empty, "ip link set p0 up", false },
	{ "listen port while up", step_port_again, NULL, false },
	{ "fwmark removed while up", step_no_mark, NULL, false },
	{ "listen port of another socket", step_port_busy,
	  "ip link add q0 type", true },
	{ "peers while up", step_moved_within, NULL, false },
	{ "down", empty, "ip link set p0 down", false },
	{ "up again", empty, "ip link set p0 up", false },
	{ "replace peers", step_replace_peers, NULL, false },
	{ "replace peers by none", step_clear_peers, NULL, false },
	{ "600 peers", step_many_peers, NULL, false },
	{ "a peer with 1500 allowed IPs", step_many_ips, NULL, false },
	{ "3000 allowed IPs", step_many_ips, NULL, false },
	{ "4500 allowed IPs", step_many_ips, NULL, false },
	{ "replace many peers", step_replace_peers, NULL, false },
	{ "protocol version 2", refuse_flags, NULL, true },
	{ "peer without a key", refuse_keyless, NULL, true },
	{ "key of 31 bytes", refuse_short_key, NULL, true },
	{ "mask of 33", refuse_mask, NULL, true },
	{ "mask of 129", refuse_mask6, NULL, true },
	{ "unknown attribute", refuse_unknown, NULL, true },
	{ "named by name and index", refuse_twice_named, NULL, true },
};

const unsigned int step_count = KTAP_COUNT(steps);
