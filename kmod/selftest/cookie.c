// SPDX-License-Identifier: GPL-2.0
/*
 * The macs and the cookies: against a vector, then the two ends against each
 * other, from the right and from a wrong source.
 *
 * The vector was computed by Python's hashlib and, for XChaCha20-Poly1305,
 * libsodium: a message of the bytes 0 to 115, to the public key of the bytes
 * 0 to 31; a reply with the nonce 0x40 to 0x57 and the cookie 0xc0 to 0xcf;
 * the second mac that this cookie makes.
 */
#include "selftest.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/udp.h>

#include "../cookie.h"

#define LEN sizeof(struct mpcnet_message_initiation)
#define MACS offsetof(struct mpcnet_message_initiation, macs)

static const u8 want_mac1[16] __initconst = {
	0x3a, 0x7d, 0x1b, 0x86, 0x5f, 0x06, 0x2f, 0x4a, 0xf4, 0x67, 0x7f, 0x1d,
	0x88, 0xd7, 0xea, 0x74,
};

static const u8 want_mac2[16] __initconst = {
	0x4c, 0x5d, 0x1b, 0x33, 0xdc, 0xfd, 0x22, 0x38, 0x89, 0x9d, 0x37, 0x2d,
	0xb9, 0x73, 0x85, 0xea,
};

static const u8 reply[64] __initconst = {
	0x03, 0x00, 0x00, 0x00, 0x44, 0x33, 0x22, 0x11, 0x40, 0x41, 0x42, 0x43,
	0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
	0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x69, 0xb9, 0x54, 0xd0,
	0x86, 0x8a, 0xd8, 0xc4, 0xeb, 0x7c, 0x24, 0xcb, 0x91, 0x13, 0xd7, 0xc0,
	0xdf, 0xc2, 0x37, 0x2e, 0xfa, 0x5a, 0xbf, 0xdf, 0x8a, 0x7e, 0x1f, 0x3c,
	0x4d, 0x78, 0x9c, 0xb7,
};

static struct mpcnet_cookie_checker checker __initdata;
static struct mpcnet_cookie ours __initdata;
static u8 public_key[MPCNET_NOISE_KEY_LEN] __initdata;

/* A message, complete but for its macs, as are those of all tests here. */
static union {
	struct mpcnet_message_initiation m;
	u8 bytes[LEN];
} msg __initdata;

static void __init begin(void)
{
	int i;

	for (i = 0; i < sizeof(public_key); i++)
		public_key[i] = i;
	for (i = 0; i < MACS; i++)
		msg.bytes[i] = i;
	memset(&ours, 0, sizeof(ours));
	mpcnet_cookie_init(&ours, public_key);
	memset(&checker, 0, sizeof(checker));
	mpcnet_cookie_checker_init(&checker);
	mpcnet_cookie_checker_set_key(&checker, public_key);
}

static bool __init vector_ok(void)
{
	struct mpcnet_message_cookie said;

	memcpy(&said, reply, sizeof(said));
	if (!mpcnet_expect(!mpcnet_cookie_take(&ours, &said)))
		return false;
	memset(&msg.m.macs, 0xee, sizeof(msg.m.macs));
	mpcnet_cookie_add_macs(&ours, &msg, LEN);
	if (!mpcnet_expect(!memcmp(msg.m.macs.mac1, want_mac1, MPCNET_MAC_LEN)) ||
	    !mpcnet_expect(!memchr_inv(msg.m.macs.mac2, 0, MPCNET_MAC_LEN)))
		return false;
	said.encrypted_cookie[0] ^= 1;
	if (!mpcnet_expect(!mpcnet_cookie_take(&ours, &said)))
		return false;
	said.encrypted_cookie[0] ^= 1;
	if (!mpcnet_expect(mpcnet_cookie_take(&ours, &said)) ||
	    !mpcnet_expect(!mpcnet_cookie_take(&ours, &said)))
		return false;
	mpcnet_cookie_add_macs(&ours, &msg, LEN);
	return mpcnet_expect(!memcmp(msg.m.macs.mac1, want_mac1, MPCNET_MAC_LEN)) &&
	       mpcnet_expect(!memcmp(msg.m.macs.mac2, want_mac2, MPCNET_MAC_LEN));
}

static enum mpcnet_mac_verdict __init verdict(const struct sk_buff *skb)
{
	return mpcnet_cookie_check(&checker, skb, &msg, LEN, true);
}

static bool __init mac1_ok(const struct sk_buff *skb)
{
	size_t i;

	mpcnet_cookie_add_macs(&ours, &msg, LEN);
	if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_GOOD))
		return false;
	for (i = 0; i < LEN - MPCNET_MAC_LEN; i++) {
		msg.bytes[i] ^= 0x80;
		if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_BAD))
			return false;
		msg.bytes[i] ^= 0x80;
	}
	return mpcnet_expect(verdict(skb) == MPCNET_MAC_GOOD);
}

/* A cookie is good for the source that it was made for, and for no other. */
static bool __init cookie_ok(struct sk_buff *skb, u8 *source)
{
	struct mpcnet_message_cookie said;

	mpcnet_cookie_answer(&checker, skb, &msg.m.macs, cpu_to_le32(7), &said);
	if (!mpcnet_expect(said.receiver == cpu_to_le32(7)) ||
	    !mpcnet_expect(mpcnet_cookie_take(&ours, &said)))
		return false;
	mpcnet_cookie_add_macs(&ours, &msg, LEN);
	if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_COOKIE) ||
	    !mpcnet_expect(mpcnet_cookie_check(&checker, skb, &msg, LEN, false) ==
			   MPCNET_MAC_GOOD))
		return false;
	*source ^= 1;
	if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_GOOD))
		return false;
	*source ^= 1;
	udp_hdr(skb)->source ^= htons(1);
	if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_GOOD))
		return false;
	udp_hdr(skb)->source ^= htons(1);
	if (!mpcnet_expect(verdict(skb) == MPCNET_MAC_COOKIE))
		return false;
	checker.secret_birth = 0; /* it grew too old */
	return mpcnet_expect(verdict(skb) == MPCNET_MAC_GOOD);
}

/**
 * mpcnet_selftest_cookie() - test macs and cookies
 *
 * Return: true if they passed.
 */
bool __init mpcnet_selftest_cookie(void)
{
	size_t len = sizeof(struct ipv6hdr) + sizeof(struct udphdr);
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);
	bool ok;

	if (!mpcnet_expect(skb))
		return false;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	skb_put_zero(skb, len);

	begin();
	ok = vector_ok();
	begin();
	skb->protocol = htons(ETH_P_IP);
	ok = ok && mac1_ok(skb) && cookie_ok(skb, (u8 *)&ip_hdr(skb)->saddr);
	begin();
	skb->protocol = htons(ETH_P_IPV6);
	ok = ok && mac1_ok(skb) &&
	     cookie_ok(skb, &ipv6_hdr(skb)->saddr.s6_addr[15]);
	kfree_skb(skb);
	return ok;
}
