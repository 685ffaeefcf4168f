// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "key.h"

static struct nlmsghdr *message(uint8_t *room)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);

	mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN);
	return nlh;
}

static int decode(struct mpcnet_device *device, const struct nlmsghdr *nlh, uint32_t *event)
{
	return mpcnet_device_decode(device, mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
				    mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN, event);
}

/* Send a model as the kernel would get it, and read that as an answer. */
static unsigned int round_trip(const struct mpcnet_device *from, struct mpcnet_device *to)
{
	struct mpcnet_position pos = { 0 };
	uint8_t *room = calloc(1, MPCNET_NL_SIZE);
	unsigned int messages = 0;
	struct nlmsghdr *nlh;

	do {
		nlh = message(room);
		mpcnet_device_put(nlh, from, &pos);
		CHECK(nlh->nlmsg_len <= MPCNET_NL_SIZE);
		CHECK(!decode(to, nlh, NULL));
		messages++;
	} while (pos.peer < from->peer_count && messages < 10000);
	free(room);
	return messages;
}

static void fill_peer(struct mpcnet_peer *peer, uint32_t number, size_t ips)
{
	struct mpcnet_allowedip *ip;

	memcpy(peer->public_key, &number, sizeof(number));
	peer->public_key[31] = 9;
	memset(peer->psk, 5, sizeof(peer->psk));
	peer->endpoint.in6.sin6_family = AF_INET6;
	peer->endpoint.in6.sin6_port = 99;
	peer->keepalive = 25;
	peer->has = MPCNET_PEER_HAS_PSK | MPCNET_PEER_HAS_ENDPOINT | MPCNET_PEER_HAS_KEEPALIVE;
	for (size_t i = 0; i < ips; i++) {
		ip = mpcnet_peer_add_ip(peer);
		ip->family = i & 1 ? AF_INET6 : AF_INET;
		ip->cidr = i & 1 ? 128 : 32;
		memcpy(ip->addr, &number, i & 1 ? 4 : 2);
		memcpy(ip->addr + 2, &i, 2);
	}
}

static bool same_peer(const struct mpcnet_peer *a, const struct mpcnet_peer *b)
{
	if (a->has != b->has || a->ip_count != b->ip_count || a->keepalive != b->keepalive ||
	    memcmp(a->public_key, b->public_key, MPCNET_KEY_LEN) ||
	    memcmp(a->psk, b->psk, MPCNET_KEY_LEN) ||
	    !mpcnet_endpoint_equal(&a->endpoint, &b->endpoint))
		return false;
	for (size_t i = 0; i < a->ip_count; i++) {
		if (!mpcnet_allowedip_equal(&a->ips[i], &b->ips[i]))
			return false;
	}
	return true;
}

static void check_split(const size_t *ips, size_t count, unsigned int least, unsigned int most)
{
	struct mpcnet_device from = { .name = "mpc0" }, to = { 0 };
	unsigned int messages;

	for (size_t i = 0; i < count; i++)
		fill_peer(mpcnet_device_add_peer(&from), (uint32_t)i, ips[i]);
	messages = round_trip(&from, &to);
	CHECK(messages >= least && messages <= most);
	CHECK(to.peer_count == count && !strcmp(to.name, "mpc0"));
	for (size_t i = 0; i < count && i < to.peer_count; i++)
		CHECK(same_peer(&from.peers[i], &to.peers[i]));
	mpcnet_device_clear(&from);
	mpcnet_device_clear(&to);
}

static void splits(void)
{
	static const size_t few[] = { 1, 0, 2 }, mixed[] = { 1, 20000, 0, 3000, 1 };
	size_t *many = calloc(10000, sizeof(*many));

	check_split(few, 3, 1, 1);
	check_split(mixed, 5, 10, 40);
	for (size_t i = 0; i < 10000; i++)
		many[i] = 1;
	check_split(many, 10000, 20, 60);
	/* So that every place of a message gets to be its end. */
	for (size_t ips = 1500; ips < 1600; ips++)
		check_split((const size_t[]){ ips, 3, 0 }, 3, 1, 3);
	free(many);
}

static void fields(void)
{
	struct mpcnet_device from = { .name = "mpc0",
				      .listen_port = 7,
				      .fwmark = 8,
				      .expires = 9,
				      .bind_len = 4,
				      .bind_ifindex = 3,
				      .new_private_key = true,
				      .batch = 1,
				      .socket_fd = 11 },
			     to = { 0 };
	struct mpcnet_peer *peer = mpcnet_device_add_peer(&from);

	from.has = MPCNET_DEVICE_HAS_LISTEN_PORT | MPCNET_DEVICE_HAS_FWMARK |
		   MPCNET_DEVICE_HAS_EXPIRES | MPCNET_DEVICE_HAS_BIND_ADDRESS |
		   MPCNET_DEVICE_HAS_BIND_IFINDEX | MPCNET_DEVICE_HAS_BATCH |
		   MPCNET_DEVICE_HAS_SOCKET;
	peer->public_key[0] = 1;
	peer->relay.in.sin_family = AF_INET;
	peer->relay.in.sin_port = 5;
	peer->channel = 0x4001;
	peer->has = MPCNET_PEER_HAS_RELAY | MPCNET_PEER_HAS_CHANNEL | MPCNET_PEER_HAS_ROAM;
	CHECK(round_trip(&from, &to) == 1);
	CHECK(to.has == from.has && to.listen_port == 7 && to.fwmark == 8 && to.expires == 9);
	CHECK(to.bind_len == 4 && to.bind_ifindex == 3 && to.new_private_key && to.batch == 1);
	CHECK(to.socket_fd == 11);
	CHECK(to.peer_count == 1 && to.peers[0].has == peer->has);
	CHECK(to.peers[0].channel == 0x4001 && !to.peers[0].roam);
	CHECK(mpcnet_endpoint_equal(&to.peers[0].relay, &peer->relay));
	mpcnet_device_clear(&from);
	mpcnet_device_clear(&to);
}

/* Nested attributes must say so, or a strict kernel refuses them. */
static void nested_flags(void)
{
	struct mpcnet_device from = { .name = "mpc0" };
	struct mpcnet_position pos = { 0 };
	uint8_t *room = calloc(1, MPCNET_NL_SIZE);
	const struct nlattr *attr, *peer, *field;
	struct nlmsghdr *nlh = message(room);

	fill_peer(mpcnet_device_add_peer(&from), 1, 2);
	mpcnet_device_put(nlh, &from, &pos);
	mnl_attr_for_each (attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) != MPCNET_DEVICE_A_PEERS)
			continue;
		CHECK(attr->nla_type & NLA_F_NESTED);
		mnl_attr_for_each_nested (peer, attr) {
			CHECK(peer->nla_type & NLA_F_NESTED);
			mnl_attr_for_each_nested (field, peer)
				CHECK(!!(field->nla_type & NLA_F_NESTED) ==
				      (mnl_attr_get_type(field) == MPCNET_PEER_A_ALLOWEDIPS));
		}
	}
	mpcnet_device_clear(&from);
	free(room);
}

/* The second part of a peer must not replace the IPs of the first. */
static void split_flags(void)
{
	struct mpcnet_device from = { .name = "mpc0", .flags = MPCNET_DEVICE_F_REPLACE_PEERS };
	struct mpcnet_position pos = { 0 };
	uint8_t *room = calloc(1, MPCNET_NL_SIZE);
	const struct nlattr *attr, *peer, *field;
	unsigned int messages = 0;
	struct nlmsghdr *nlh;

	fill_peer(mpcnet_device_add_peer(&from), 1, 5000);
	from.peers[0].flags = MPCNET_PEER_F_REPLACE_ALLOWEDIPS;
	for (; pos.peer < from.peer_count; messages++) {
		nlh = message(room);
		mpcnet_device_put(nlh, &from, &pos);
		mnl_attr_for_each (attr, nlh, GENL_HDRLEN) {
			if (mnl_attr_get_type(attr) == MPCNET_DEVICE_A_FLAGS)
				CHECK(messages == 0);
			if (mnl_attr_get_type(attr) != MPCNET_DEVICE_A_PEERS)
				continue;
			peer = mnl_attr_get_payload(attr);
			mnl_attr_for_each_nested (field, peer) {
				if (mnl_attr_get_type(field) == MPCNET_PEER_A_FLAGS)
					CHECK(mnl_attr_get_u32(field) ==
					      (messages ? MPCNET_PEER_F_UPDATE_ONLY :
							  MPCNET_PEER_F_REPLACE_ALLOWEDIPS));
			}
		}
	}
	CHECK(messages > 2);
	mpcnet_device_clear(&from);
	free(room);
}

static void malformed(void)
{
	uint8_t room[1024] = { 0 };
	struct nlmsghdr *nlh = message(room);
	struct mpcnet_device device = { 0 };
	struct nlattr *peers, *peer;
	uint32_t event = 77;

	mnl_attr_put_u8(nlh, MPCNET_DEVICE_A_LISTEN_PORT, 1);
	mnl_attr_put(nlh, MPCNET_DEVICE_A_PRIVATE_KEY, 31, room);
	mnl_attr_put(nlh, MPCNET_DEVICE_A_BIND_ADDRESS, 5, room);
	mnl_attr_put(nlh, MPCNET_DEVICE_A_IFNAME, 20, "a name that is long");
	CHECK(!decode(&device, nlh, NULL) && !device.has && !*device.name);
	CHECK(decode(&device, nlh, &event) && event == 77);
	peers = mnl_attr_nest_start(nlh, MPCNET_DEVICE_A_PEERS);
	peer = mnl_attr_nest_start(nlh, 0);
	mnl_attr_put(nlh, MPCNET_PEER_A_PUBLIC_KEY, 33, room);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, peers);
	CHECK(decode(&device, nlh, NULL));
	mpcnet_device_clear(&device);
}

static void names(void)
{
	CHECK(mpcnet_device_name_valid("mpc0"));
	CHECK(mpcnet_device_name_valid("a23456789012345"));
	CHECK(!mpcnet_device_name_valid("a234567890123456"));
	CHECK(!mpcnet_device_name_valid(""));
	CHECK(!mpcnet_device_name_valid("."));
	CHECK(!mpcnet_device_name_valid(".."));
	CHECK(!mpcnet_device_name_valid("a/b"));
	CHECK(!mpcnet_device_name_valid("a b"));
	CHECK(!mpcnet_device_name_valid("a:1"));
	CHECK(!mpcnet_device_name_valid("mpc%d"));
}

static const struct unit_test tests[] = {
	{ "netlink: sets cut into messages", splits },
	{ "netlink: every field there and back", fields },
	{ "netlink: nested attributes say so", nested_flags },
	{ "netlink: parts of a peer and their flags", split_flags },
	{ "netlink: answers that are none", malformed },
	{ "netlink: names of interfaces", names },
	{ 0 },
};
UNIT_TESTS(tests)
