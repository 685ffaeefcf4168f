// SPDX-License-Identifier: GPL-2.0
/*
 * Random mutations of valid sets, some under the number of get-socket. A message
 * that is refused must leave the interface as it was; none may hurt the kernel.
 * MPCNET_SEED repeats a run, MPCNET_ROUNDS makes it longer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "ktap.h"
#include "netlink_lib.h"

static struct nl nl;
static uint64_t state;
static unsigned int taken, turned_down, unsaid;

static unsigned int rnd(unsigned int below)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (state >> 33) % below;
}

static void random_peer(struct set *s)
{
	char ip[40];
	int i;

	set_peer(s, key_of(100 + rnd(6)));
	if (rnd(6) == 0)
		mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, rnd(8));
	if (rnd(2))
		mnl_attr_put(s->nlh, MPCNET_PEER_A_PRESHARED_KEY, KEY_LEN,
			     key_of(rnd(4)));
	if (rnd(2))
		set_addr(s, MPCNET_PEER_A_ENDPOINT,
			 rnd(2) ? "127.0.0.1" : "::1", 1 + rnd(3));
	if (kind_is_own() && rnd(3) == 0) {
		set_addr(s, MPCNET_PEER_A_RELAY,
			 rnd(2) ? "127.0.0.1" : "::1", 9);
		mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL,
				 0x4000 + rnd(3));
	}
	if (kind_is_own() && rnd(3) == 0)
		mnl_attr_put_u8(s->nlh, MPCNET_PEER_A_ROAM, rnd(2));
	for (i = rnd(4); i; i--) {
		snprintf(ip, sizeof(ip), rnd(2) ? "10.%u.0.0/%u" :
			 "2001:db8:%x::/%u", rnd(3), rnd(33));
		set_ip(s, ip);
	}
}

/*
 * What makes the kernel multiply points is rare, since that is slow. Some ask
 * for the socket, which the interface opens itself, with all that a set has.
 */
static struct set *random_set(void)
{
	struct set *s = set_begin(&nl, "mp0");
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(s->nlh);
	int i;

	if (kind_is_own() && rnd(20) == 0)
		genl->cmd = MPCNET_CMD_GET_SOCKET;
	if (rnd(40) == 0)
		mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN,
			     key_of(rnd(4)));
	if (rnd(40) == 0)
		mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS, 1);
	if (rnd(3) == 0)
		mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT,
				 7000 + rnd(2));
	if (rnd(3) == 0)
		mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, rnd(3));
	if (kind_is_own() && rnd(8) == 0)
		mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, rnd(20));
	if (kind_is_own() && rnd(8) == 0)
		mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_BIND_IFINDEX, rnd(4));
	if (kind_is_own() && rnd(8) == 0)
		mnl_attr_put(s->nlh, MPCNET_DEVICE_A_BIND_ADDRESS, 4,
			     rnd(2) ? "\177\0\0\1" : "\0\0\0\0");
	if (kind_is_own() && rnd(8) == 0)
		mnl_attr_put_u8(s->nlh, MPCNET_DEVICE_A_BATCH, rnd(2));
	if (kind_is_own() && rnd(60) == 0)
		mnl_attr_put(s->nlh, MPCNET_DEVICE_A_NEW_PRIVATE_KEY, 0, NULL);
	for (i = rnd(4); i; i--)
		random_peer(s);
	set_end(s);
	return s;
}

/* Change bytes behind the headers; now and then the length, too. */
static void mutate(struct nlmsghdr *nlh)
{
	unsigned int head = NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	unsigned int skip = head + 8, len = nlh->nlmsg_len, i;
	uint8_t *byte = (uint8_t *)nlh;

	if (len <= skip)
		return;
	for (i = rnd(4); i; i--)
		byte[skip + rnd(len - skip)] = rnd(4) ? rnd(8) : rnd(256);
	if (rnd(3) == 0)
		byte[skip + rnd(len - skip)] ^= 1 << rnd(8);
	if (rnd(10) == 0)
		nlh->nlmsg_len = head + rnd(len - head);
	/* A range moved: attributes that stand where they should not. */
	if (rnd(10) == 0) {
		unsigned int from = skip + rnd((len - skip) / 4 + 1) * 4;
		unsigned int to = skip + rnd((len - skip) / 4 + 1) * 4;
		unsigned int n = rnd(64);

		if (from + n < len && to + n < len)
			memmove(byte + to, byte + from, n);
	}
}

/**
 * struct raw - a dump as it came, which is compared faster than text
 * @len: its length
 * @data: its messages
 */
struct raw {
	size_t len;
	char data[65536];
};

static int keep(const struct nlmsghdr *nlh, void *data)
{
	struct raw *raw = data;
	struct nlmsghdr *copy = (void *)(raw->data + raw->len);

	if (raw->len + nlh->nlmsg_len > sizeof(raw->data))
		return MNL_CB_ERROR;
	memcpy(copy, nlh, nlh->nlmsg_len);
	copy->nlmsg_seq = 0;
	raw->len += MNL_ALIGN(nlh->nlmsg_len);
	return MNL_CB_OK;
}

static int dump(struct raw *raw)
{
	struct nlmsghdr *nlh;
	char buf[64];

	raw->len = 0;
	nlh = nl_msg(&nl, buf, MPCNET_CMD_GET_DEVICE, NLM_F_ACK | NLM_F_DUMP);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
	return nl_ask(&nl, nlh, keep, raw);
}

/* As text, without what changes by itself while the interface is up. */
static char *steady(const struct raw *raw)
{
	static const char * const moving[] = {
		"-bytes ", " counter ", " state ",
	};
	char *text = nl_text((const void *)raw->data);
	unsigned int i;

	for (i = 0; i < KTAP_COUNT(moving); i++)
		text_drop(text, moving[i]);
	return text;
}

static bool equal(const struct raw *a, const struct raw *b)
{
	char *text_a, *text_b;
	bool is;

	if (a->len == b->len && !memcmp(a->data, b->data, a->len))
		return true;
	text_a = steady(a);
	text_b = steady(b);
	is = !strcmp(text_a, text_b);
	free(text_a);
	free(text_b);
	return is;
}

static const char *play(unsigned int rounds)
{
	static struct raw raws[2];
	struct raw *before = &raws[0], *after = &raws[1], *swap;
	unsigned int i;

	if (dump(before))
		return "no dump";
	for (i = 0; i < rounds; i++) {
		struct set *s = random_set();
		int err, dump_err;

		mutate(s->nlh);
		err = nl_ask(&nl, s->nlh, NULL, NULL);
		taken += !err;
		turned_down += !!err;
		if (err && !nl.why[0])
			unsaid++;
		dump_err = dump(after);
		if (dump_err)
			return ktap_why("round %u: no dump: %s", i,
					strerror(-dump_err));
		if (err && !equal(before, after))
			return ktap_why("round %u: changed by a refused set: %s",
					i, strerror(-err));
		swap = before;
		before = after;
		after = swap;
	}
	return NULL;
}

static const char *test_down(void)
{
	const char *rounds = getenv("MPCNET_ROUNDS");

	return play((rounds ? atoi(rounds) : 20000) * 3 / 4);
}

static const char *test_up(void)
{
	const char *rounds = getenv("MPCNET_ROUNDS");

	sh("ip link set mp0 up");
	return play((rounds ? atoi(rounds) : 20000) / 4);
}

static const char *test_balance(void)
{
	ktap_diag("taken %u, refused %u", taken, turned_down);
	if (taken < 500 || turned_down < 500)
		return "the mutations are too weak or too strong";
	if (kind_is_own() && unsaid)
		return ktap_why("%u refusals without a message", unsaid);
	return NULL;
}

static const char *test_alive(void)
{
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS,
			 MPCNET_DEVICE_F_REPLACE_PEERS);
	set_peer(s, key_of(900));
	set_ip(s, "10.0.0.0/8");
	if (set_send(s))
		return nl.why;
	return sh("ip link del mp0") ? "cannot be deleted" : NULL;
}

static const struct ktap_case cases[] = {
	{ "refused mutations change nothing, interface down", test_down },
	{ "refused mutations change nothing, interface up", test_up },
	{ "both outcomes were met often, refusals with a message", test_balance },
	{ "the interface still works", test_alive },
};

int main(void)
{
	const char *seed = getenv("MPCNET_SEED");

	ns_private();
	if (!nl_open(&nl, kind()) || sh("ip link add mp0 type %s", kind()))
		ktap_skip_all("no mpcnet on this machine");
	state = seed ? strtoull(seed, NULL, 0) : 20240229;
	ktap_diag("MPCNET_SEED=%llu", (unsigned long long)state);
	return ktap_run(cases, KTAP_COUNT(cases));
}
