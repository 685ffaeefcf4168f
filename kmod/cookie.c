// SPDX-License-Identifier: GPL-2.0
/*
 * mac1 says that the sender knows the receiver's public key: without it there
 * is no answer. mac2 says, while the receiver is under load, that the sender
 * gets what is sent to its address: it is keyed with a cookie, which is made
 * from the address and a secret, so that nothing is kept for a sender.
 */
#include "cookie.h"

#include <crypto/algapi.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/ktime.h>
#include <linux/udp.h>

#include "crypto.h"

#define LABEL_LEN 8
static const u8 mac1_label[LABEL_LEN] = "mac1----";
static const u8 cookie_label[LABEL_LEN] = "cookie--";

static void key_of(u8 key[MPCNET_NOISE_KEY_LEN],
		   const u8 public_key[MPCNET_NOISE_KEY_LEN],
		   const u8 label[LABEL_LEN])
{
	mpcnet_hash2(key, label, LABEL_LEN, public_key, MPCNET_NOISE_KEY_LEN);
}

/* The macs stand at the end of both messages that have them. */
static struct mpcnet_message_macs *macs_of(const void *message, size_t len)
{
	return (void *)message + len - sizeof(struct mpcnet_message_macs);
}

static void make_mac1(u8 mac[MPCNET_MAC_LEN], const void *message, size_t len,
		      const u8 key[MPCNET_NOISE_KEY_LEN])
{
	mpcnet_mac(mac, message,
		   len - offsetofend(struct mpcnet_message_macs, mac2), key,
		   MPCNET_NOISE_KEY_LEN);
}

static void make_mac2(u8 mac[MPCNET_MAC_LEN], const void *message, size_t len,
		      const u8 cookie[MPCNET_COOKIE_LEN])
{
	mpcnet_mac(mac, message, len - MPCNET_MAC_LEN, cookie,
		   MPCNET_COOKIE_LEN);
}

/**
 * mpcnet_cookie_checker_init() - begin without a key
 * @checker: zeroed
 */
void mpcnet_cookie_checker_init(struct mpcnet_cookie_checker *checker)
{
	init_rwsem(&checker->lock);
}

/**
 * mpcnet_cookie_checker_set_key() - check messages to another static key
 * @checker: checker
 * @public_key: our public key
 */
void mpcnet_cookie_checker_set_key(struct mpcnet_cookie_checker *checker,
				   const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	down_write(&checker->lock);
	key_of(checker->mac1_key, public_key, mac1_label);
	key_of(checker->cookie_key, public_key, cookie_label);
	up_write(&checker->lock);
}

/**
 * mpcnet_cookie_init() - begin with a new peer
 * @cookie: zeroed
 * @public_key: the peer's
 */
void mpcnet_cookie_init(struct mpcnet_cookie *cookie,
			const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	key_of(cookie->mac1_key, public_key, mac1_label);
	key_of(cookie->cookie_key, public_key, cookie_label);
	spin_lock_init(&cookie->lock);
}

/* The cookie of the sender of @skb, from the present secret */
static void make_cookie(u8 cookie[MPCNET_COOKIE_LEN],
			const struct mpcnet_cookie_checker *checker,
			const struct sk_buff *skb)
{
	const void *address;
	size_t len;

	lockdep_assert_held(&checker->lock);
	if (skb->protocol == htons(ETH_P_IP)) {
		address = &ip_hdr(skb)->saddr;
		len = sizeof(struct in_addr);
	} else {
		address = &ipv6_hdr(skb)->saddr;
		len = sizeof(struct in6_addr);
	}
	mpcnet_mac2(cookie, address, len, &udp_hdr(skb)->source,
		    sizeof(__be16), checker->secret, MPCNET_HASH_LEN);
}

static bool secret_is_fresh(const struct mpcnet_cookie_checker *checker)
{
	return checker->secret_birth &&
	       ktime_get_coarse_boottime_ns() <
		       checker->secret_birth + mpcnet_ns(MPCNET_COOKIE_TIME);
}

static bool has_cookie(struct mpcnet_cookie_checker *checker,
		       const struct sk_buff *skb, const void *message,
		       size_t len)
{
	u8 cookie[MPCNET_COOKIE_LEN], mac[MPCNET_MAC_LEN];

	if (!secret_is_fresh(checker))
		return false;
	make_cookie(cookie, checker, skb);
	make_mac2(mac, message, len, cookie);
	return !crypto_memneq(mac, macs_of(message, len)->mac2, sizeof(mac));
}

/**
 * mpcnet_cookie_check() - check the macs of a handshake message
 * @checker: of the interface
 * @skb: the datagram, for its source
 * @message: the message
 * @len: its length, in bytes
 * @want_cookie: check mac2 too
 *
 * Context: process.
 * Return: a verdict.
 */
enum mpcnet_mac_verdict
mpcnet_cookie_check(struct mpcnet_cookie_checker *checker,
		    const struct sk_buff *skb, const void *message, size_t len,
		    bool want_cookie)
{
	enum mpcnet_mac_verdict verdict = MPCNET_MAC_BAD;
	u8 mac[MPCNET_MAC_LEN];

	down_read(&checker->lock);
	make_mac1(mac, message, len, checker->mac1_key);
	if (!crypto_memneq(mac, macs_of(message, len)->mac1, sizeof(mac)))
		verdict = want_cookie && has_cookie(checker, skb, message, len) ?
			  MPCNET_MAC_COOKIE : MPCNET_MAC_GOOD;
	up_read(&checker->lock);
	return verdict;
}

/**
 * mpcnet_cookie_add_macs() - fill in the macs of a message to a peer
 * @cookie: of the peer
 * @message: message, complete but for the macs
 * @len: its length, macs included, in bytes
 */
void mpcnet_cookie_add_macs(struct mpcnet_cookie *cookie, void *message,
			    size_t len)
{
	/* A cookie is good as long as the secret that it was made from. */
	u64 life = mpcnet_ns(MPCNET_COOKIE_TIME - MPCNET_REKEY_TIMEOUT);
	struct mpcnet_message_macs *macs = macs_of(message, len);

	make_mac1(macs->mac1, message, len, cookie->mac1_key);
	spin_lock_bh(&cookie->lock);
	memcpy(cookie->last_mac1, macs->mac1, MPCNET_MAC_LEN);
	cookie->mac1_sent = true;
	if (cookie->birth &&
	    ktime_get_coarse_boottime_ns() < cookie->birth + life)
		make_mac2(macs->mac2, message, len, cookie->cookie);
	else
		memset(macs->mac2, 0, MPCNET_MAC_LEN);
	spin_unlock_bh(&cookie->lock);
}

/**
 * mpcnet_cookie_answer() - make a cookie reply
 * @checker: of the interface
 * @skb: the datagram that is answered, for its source
 * @macs: the macs of its message
 * @receiver: the index of its sender
 * @answer: the reply
 *
 * Context: process.
 */
void mpcnet_cookie_answer(struct mpcnet_cookie_checker *checker,
			  const struct sk_buff *skb,
			  const struct mpcnet_message_macs *macs,
			  __le32 receiver, struct mpcnet_message_cookie *answer)
{
	u8 cookie[MPCNET_COOKIE_LEN];

	answer->header.type = cpu_to_le32(MPCNET_MESSAGE_COOKIE);
	answer->receiver = receiver;
	get_random_bytes(answer->nonce, sizeof(answer->nonce));

	down_write(&checker->lock);
	if (!secret_is_fresh(checker)) {
		get_random_bytes(checker->secret, sizeof(checker->secret));
		checker->secret_birth = ktime_get_coarse_boottime_ns();
	}
	make_cookie(cookie, checker, skb);
	mpcnet_xaead_seal(answer->encrypted_cookie, cookie, sizeof(cookie),
			  macs->mac1, sizeof(macs->mac1), answer->nonce,
			  checker->cookie_key);
	up_write(&checker->lock);
}

/**
 * mpcnet_cookie_take() - take a cookie reply
 * @cookie: of the peer
 * @message: the reply
 *
 * Return: true if it answers the last message that we sent.
 */
bool mpcnet_cookie_take(struct mpcnet_cookie *cookie,
			const struct mpcnet_message_cookie *message)
{
	u8 plain[MPCNET_COOKIE_LEN];
	bool ok;

	spin_lock_bh(&cookie->lock);
	ok = cookie->mac1_sent &&
	     mpcnet_xaead_open(plain, message->encrypted_cookie,
			       sizeof(message->encrypted_cookie),
			       cookie->last_mac1, MPCNET_MAC_LEN,
			       message->nonce, cookie->cookie_key);
	if (ok) {
		memcpy(cookie->cookie, plain, sizeof(plain));
		cookie->birth = ktime_get_coarse_boottime_ns();
		cookie->mac1_sent = false;
	}
	spin_unlock_bh(&cookie->lock);
	return ok;
}
