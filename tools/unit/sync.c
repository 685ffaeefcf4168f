// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "conf.h"

#define A "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
#define B "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q="
#define C "BIhXEBJ93dfvB2pjlhOQQou66jXy9ebNhShCTUziYik="
#define PEER_A                                                                                     \
	"[Peer]\nPublicKey = " A "\nAllowedIPs = 10.0.0.1, fd00::1\nEndpoint = 1.2.3.4:5\n"        \
	"PersistentKeepalive = 25\n"
#define PEER_B "[Peer]\nPublicKey = " B "\nPresharedKey = " A "\n"

static void parse(struct mpcnet_conf *conf, const char *file)
{
	struct mpcnet_text text = { 0 };
	struct mpcnet_err err;

	CHECK(mpcnet_text_add(&text, "%s", file));
	CHECK(!mpcnet_conf_parse(conf, &text, &err) && !mpcnet_conf_finish(conf, &err) &&
	      !mpcnet_conf_resolve(conf, &err));
	mpcnet_text_free(&text);
}

static void sync(struct mpcnet_device *change, const char *have, const char *want)
{
	struct mpcnet_conf a, b;

	parse(&a, have);
	parse(&b, want);
	CHECK(!mpcnet_sync(change, &a.device, &b.device));
	mpcnet_conf_clear(&a);
	mpcnet_conf_clear(&b);
}

static void nothing(void)
{
	struct mpcnet_device change;

	sync(&change, "[Interface]\nListenPort = 7\nFwMark = 9\n" PEER_A PEER_B,
	     "[Interface]\nFwMark = 9\n" PEER_B PEER_A);
	CHECK(!change.has && !change.flags && !change.peer_count);
	mpcnet_device_clear(&change);
	/* The endpoint of a peer moves by itself: left out, it stays. */
	sync(&change, PEER_A,
	     "[Peer]\nPublicKey = " A "\nAllowedIPs = fd00::1, 10.0.0.1\n"
	     "PersistentKeepalive = 25\n");
	CHECK(!change.peer_count);
	mpcnet_device_clear(&change);
}

static void interface(void)
{
	struct mpcnet_device change;

	sync(&change, "[Interface]\nListenPort = 7\nFwMark = 9\n", "[Interface]\nListenPort = 8\n");
	CHECK(change.has == (MPCNET_DEVICE_HAS_LISTEN_PORT | MPCNET_DEVICE_HAS_FWMARK));
	CHECK(change.listen_port == 8 && change.fwmark == 0);
	mpcnet_device_clear(&change);
	sync(&change, "", "[Interface]\nPrivateKey = " A "\n");
	CHECK(change.has == MPCNET_DEVICE_HAS_PRIVATE_KEY);
	mpcnet_device_clear(&change);
}

static void come_and_go(void)
{
	struct mpcnet_device change;

	sync(&change, PEER_A PEER_B, PEER_B "[Peer]\nPublicKey = " C "\nAllowedIPs = 10.0.0.1\n");
	CHECK(change.peer_count == 2);
	for (size_t i = 0; i < change.peer_count; i++) {
		if (change.peers[i].flags == MPCNET_PEER_F_REMOVE_ME)
			CHECK(!change.peers[i].ip_count && !change.peers[i].has);
		else
			CHECK(!change.peers[i].flags && change.peers[i].ip_count == 1);
	}
	mpcnet_device_clear(&change);
}

static void one_field(const char *want, uint32_t has, size_t ips)
{
	struct mpcnet_device change;

	sync(&change, PEER_A PEER_B, want);
	CHECK(change.peer_count == 1);
	if (change.peer_count == 1) {
		CHECK(change.peers[0].has == has);
		CHECK(change.peers[0].ip_count == ips);
		CHECK(change.peers[0].flags == MPCNET_PEER_F_UPDATE_ONLY);
	}
	mpcnet_device_clear(&change);
}

static void fields(void)
{
	one_field(PEER_A "[Peer]\nPublicKey = " B "\n", MPCNET_PEER_HAS_PSK, 0);
	one_field(PEER_A PEER_B "PersistentKeepalive = 1\n", MPCNET_PEER_HAS_KEEPALIVE, 0);
	one_field(PEER_A PEER_B "Endpoint = 1.2.3.4:9\n", MPCNET_PEER_HAS_ENDPOINT, 0);
	one_field(PEER_A PEER_B "AllowedIPs = 10.0.0.9\n", 0, 1);
	one_field(PEER_B "[Peer]\nPublicKey = " A "\nEndpoint = 1.2.3.4:5\n"
			 "AllowedIPs = 10.0.0.1, 10.0.0.2\nPersistentKeepalive = 25\n",
		  0, 2);
}

static void moved_ip(void)
{
	struct mpcnet_device change;
	unsigned int added = 0, removed = 0;

	sync(&change, PEER_A PEER_B,
	     "[Peer]\nPublicKey = " A "\nAllowedIPs = fd00::1\n"
	     "PersistentKeepalive = 25\n" PEER_B "AllowedIPs = 10.0.0.1\n");
	CHECK(change.peer_count == 2);
	for (size_t i = 0; i < change.peer_count; i++) {
		CHECK(change.peers[i].ip_count == 1);
		if (change.peers[i].ip_count && change.peers[i].ips[0].flags)
			removed++;
		else
			added++;
	}
	CHECK(added == 1 && removed == 1);
	mpcnet_device_clear(&change);
}

static void relayed(void)
{
	struct mpcnet_conf have, want;
	struct mpcnet_device change;

	parse(&have, PEER_A);
	parse(&want, PEER_A);
	have.device.peers[0].relayed = true;
	CHECK(!mpcnet_sync(&change, &have.device, &want.device));
	CHECK(change.peer_count == 1 && change.peers[0].has == MPCNET_PEER_HAS_ENDPOINT);
	mpcnet_device_clear(&change);
	mpcnet_conf_clear(&have);
	mpcnet_conf_clear(&want);
}

static const struct unit_test tests[] = {
	{ "sync: what is the same is not touched", nothing },
	{ "sync: fields of the interface", interface },
	{ "sync: peers that come and go", come_and_go },
	{ "sync: fields of a peer", fields },
	{ "sync: an allowed IP that moves", moved_ip },
	{ "sync: an Endpoint ends a relay", relayed },
	{ 0 },
};
UNIT_TESTS(tests)
