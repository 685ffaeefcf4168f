/* SPDX-License-Identifier: GPL-2.0 */
/* mac1, mac2 and cookies: sections 5.3, 5.4.4 and 5.4.7 of the paper */
#ifndef _MPCNET_COOKIE_H
#define _MPCNET_COOKIE_H

#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "proto.h"

struct mpcnet_device;
struct mpcnet_peer;
struct sk_buff;

/**
 * struct mpcnet_cookie_checker - what an interface checks handshakes with
 * @mac1_key: key of the mac1 of messages to us
 * @cookie_key: key of the cookies that we send
 * @secret: what cookies are made from, at most 120 s old
 * @secret_birth: when @secret was made, in ns of CLOCK_BOOTTIME; 0 if never
 * @lock: guards all of it; process context
 */
struct mpcnet_cookie_checker {
	u8 mac1_key[MPCNET_NOISE_KEY_LEN];
	u8 cookie_key[MPCNET_NOISE_KEY_LEN];
	u8 secret[MPCNET_HASH_LEN];
	u64 secret_birth;
	struct rw_semaphore lock; /* guards all of it */
};

/**
 * struct mpcnet_cookie - what goes into the macs of messages to a peer
 * @mac1_key: key of the mac1 of messages to the peer; fixed
 * @cookie_key: key of the cookies that the peer sends; fixed
 * @cookie: the last cookie
 * @birth: when it came, in ns of CLOCK_BOOTTIME; 0 if none
 * @last_mac1: the mac1 that we sent last
 * @mac1_sent: @last_mac1 may still be answered by a cookie
 * @lock: guards what is not fixed; process context
 */
struct mpcnet_cookie {
	u8 mac1_key[MPCNET_NOISE_KEY_LEN];
	u8 cookie_key[MPCNET_NOISE_KEY_LEN];
	u8 cookie[MPCNET_COOKIE_LEN];
	u64 birth;
	u8 last_mac1[MPCNET_MAC_LEN];
	bool mac1_sent;
	spinlock_t lock; /* guards what is not fixed */
};

/**
 * enum mpcnet_mac_verdict - what the macs of a message say
 * @MPCNET_MAC_BAD: mac1 is wrong: no answer
 * @MPCNET_MAC_GOOD: mac1 is right
 * @MPCNET_MAC_COOKIE: mac2 is right too, the sender is where it says it is
 */
enum mpcnet_mac_verdict {
	MPCNET_MAC_BAD,
	MPCNET_MAC_GOOD,
	MPCNET_MAC_COOKIE,
};

void mpcnet_cookie_checker_init(struct mpcnet_cookie_checker *checker);
void mpcnet_cookie_checker_set_key(struct mpcnet_cookie_checker *checker,
				   const u8 public_key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_cookie_init(struct mpcnet_cookie *cookie,
			const u8 public_key[MPCNET_NOISE_KEY_LEN]);

enum mpcnet_mac_verdict
mpcnet_cookie_check(struct mpcnet_cookie_checker *checker,
		    const struct sk_buff *skb, const void *message, size_t len,
		    bool want_cookie);
void mpcnet_cookie_add_macs(struct mpcnet_cookie *cookie, void *message,
			    size_t len);
void mpcnet_cookie_answer(struct mpcnet_cookie_checker *checker,
			  const struct sk_buff *skb,
			  const struct mpcnet_message_macs *macs,
			  __le32 receiver, struct mpcnet_message_cookie *answer);
bool mpcnet_cookie_take(struct mpcnet_cookie *cookie,
			const struct mpcnet_message_cookie *message);

#endif /* _MPCNET_COOKIE_H */
