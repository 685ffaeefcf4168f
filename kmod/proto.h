/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire format and the constants of the protocol: WireGuard, version 1.
 * Section numbers are those of the WireGuard paper (NDSS 2017).
 */
#ifndef _MPCNET_PROTO_H
#define _MPCNET_PROTO_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/time64.h>
#include <linux/types.h>

#define MPCNET_NOISE_KEY_LEN	32	/* Curve25519 and ChaCha20 keys */
#define MPCNET_HASH_LEN		32	/* BLAKE2s */
#define MPCNET_TAG_LEN		16	/* Poly1305 */
#define MPCNET_TIMESTAMP_LEN	12	/* TAI64N */
#define MPCNET_MAC_LEN		16	/* mac1, mac2 */
#define MPCNET_COOKIE_LEN	16
#define MPCNET_COOKIE_NONCE_LEN	24	/* XChaCha20 */
#define MPCNET_PAD_LEN		16	/* payloads are padded to a multiple */

/* Section 6.1 */
#define MPCNET_REKEY_AFTER_MESSAGES	BIT_ULL(60)
#define MPCNET_REJECT_AFTER_MESSAGES	(U64_MAX - (1ULL << 13))
#define MPCNET_REKEY_AFTER_TIME		120	/* s */
#define MPCNET_REJECT_AFTER_TIME	180	/* s */
#define MPCNET_REKEY_ATTEMPT_TIME	90	/* s */
#define MPCNET_REKEY_TIMEOUT		5	/* s */
#define MPCNET_KEEPALIVE_TIMEOUT	10	/* s */
#define MPCNET_ZERO_KEY_TIME		(MPCNET_REJECT_AFTER_TIME * 3)
#define MPCNET_COOKIE_TIME		120	/* s, sections 5.4.7 and 6.6 */
#define MPCNET_REKEY_JITTER_MS		333
#define MPCNET_HANDSHAKE_TRIES	(MPCNET_REKEY_ATTEMPT_TIME / MPCNET_REKEY_TIMEOUT)
#define MPCNET_INITIATIONS_PER_SECOND	50	/* taken from one peer */

#define MPCNET_HANDSHAKE_DSCP	0x88	/* AF41; data carries 0 and inner ECN */

enum mpcnet_message_type {
	MPCNET_MESSAGE_INITIATION = 1,
	MPCNET_MESSAGE_RESPONSE = 2,
	MPCNET_MESSAGE_COOKIE = 3,
	MPCNET_MESSAGE_DATA = 4,
};

/* Type in the first byte, three reserved zero bytes: one little-endian word. */
struct mpcnet_message_header {
	__le32 type;
};

/* Section 5.4.4: at the end of both handshake messages */
struct mpcnet_message_macs {
	u8 mac1[MPCNET_MAC_LEN];
	u8 mac2[MPCNET_MAC_LEN];
};

/* Section 5.4.2 */
struct mpcnet_message_initiation {
	struct mpcnet_message_header header;
	__le32 sender;
	u8 ephemeral[MPCNET_NOISE_KEY_LEN];
	u8 encrypted_static[MPCNET_NOISE_KEY_LEN + MPCNET_TAG_LEN];
	u8 encrypted_timestamp[MPCNET_TIMESTAMP_LEN + MPCNET_TAG_LEN];
	struct mpcnet_message_macs macs;
};

/* Section 5.4.3 */
struct mpcnet_message_response {
	struct mpcnet_message_header header;
	__le32 sender;
	__le32 receiver;
	u8 ephemeral[MPCNET_NOISE_KEY_LEN];
	u8 encrypted_nothing[MPCNET_TAG_LEN];
	struct mpcnet_message_macs macs;
};

/* Section 5.4.7 */
struct mpcnet_message_cookie {
	struct mpcnet_message_header header;
	__le32 receiver;
	u8 nonce[MPCNET_COOKIE_NONCE_LEN];
	u8 encrypted_cookie[MPCNET_COOKIE_LEN + MPCNET_TAG_LEN];
};

/* Section 5.4.6; ciphertext and tag follow */
struct mpcnet_message_data {
	struct mpcnet_message_header header;
	__le32 receiver;
	__le64 counter;
};

static_assert(sizeof(struct mpcnet_message_initiation) == 148);
static_assert(sizeof(struct mpcnet_message_response) == 92);
static_assert(sizeof(struct mpcnet_message_cookie) == 64);
static_assert(sizeof(struct mpcnet_message_data) == 16);

/* The shortest data message, an empty one: a keepalive */
#define MPCNET_DATA_MIN_LEN (sizeof(struct mpcnet_message_data) + MPCNET_TAG_LEN)

/*
 * TURN ChannelData, RFC 8656 section 12.4: what a relay puts before a message.
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-------------------------------+-------------------------------+
 *	|   channel 0x4000..0x4fff      |  length of what follows       |
 *	+-------------------------------+-------------------------------+
 */
struct mpcnet_channel_header {
	__be16 channel;
	__be16 length;
};

static_assert(sizeof(struct mpcnet_channel_header) == 4);

#ifdef DEBUG
extern unsigned int mpcnet_time_scale;
#else
#define mpcnet_time_scale 1U
#endif

/**
 * mpcnet_jiffies() - a time of the protocol in jiffies
 * @seconds: the time; divided by the debug parameter time_scale
 *
 * Return: jiffies, at least 1.
 */
static inline unsigned long mpcnet_jiffies(unsigned long seconds)
{
	return max(seconds * HZ / mpcnet_time_scale, 1UL);
}

/**
 * mpcnet_ns() - a time of the protocol in nanoseconds
 * @seconds: the time; divided by the debug parameter time_scale
 *
 * Return: nanoseconds.
 */
static inline u64 mpcnet_ns(u64 seconds)
{
	return seconds * (NSEC_PER_SEC / mpcnet_time_scale);
}

#endif /* _MPCNET_PROTO_H */
