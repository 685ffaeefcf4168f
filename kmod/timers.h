/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_TIMERS_H
#define _MPCNET_TIMERS_H

#include <linux/timer.h>
#include <linux/types.h>

struct mpcnet_peer;

/**
 * struct mpcnet_timers - the timers of a peer, section 6 of the paper
 * @retransmit: send the initiation again, or give up
 * @rehandshake: data was sent and nothing came back for 15 s: begin anew
 * @keepalive: data came and nothing was sent for 10 s: send an empty message
 * @persistent: send an empty message after an interval without any traffic
 * @zero_keys: the last session is 540 s old: forget all keys
 * @unanswered: since when data that we sent has gone unanswered, in jiffies; 0
 *	if it has not
 * @owed: since when we owe the peer an answer, in jiffies; 0 if we do not
 * @last_traffic: when something was sent or received last, in jiffies; kept
 *	only while there is a persistent interval
 * @tries: initiations sent without an answer
 * @gave_up: the last handshake was given up
 *
 * Packets only note times; a timer that fires looks at them and sets itself
 * anew if it was early. So a packet finds the timer pending, and leaves it.
 */
struct mpcnet_timers {
	struct timer_list retransmit;
	struct timer_list rehandshake;
	struct timer_list keepalive;
	struct timer_list persistent;
	struct timer_list zero_keys;
	unsigned long unanswered;
	unsigned long owed;
	unsigned long last_traffic;
	unsigned int tries;
	bool gave_up;
};

void mpcnet_timers_init(struct mpcnet_peer *peer);
void mpcnet_timers_stop(struct mpcnet_peer *peer);

void mpcnet_timers_data_sent(struct mpcnet_peer *peer);
void mpcnet_timers_data_received(struct mpcnet_peer *peer);
void mpcnet_timers_any_sent(struct mpcnet_peer *peer);
void mpcnet_timers_any_received(struct mpcnet_peer *peer);
void mpcnet_timers_initiated(struct mpcnet_peer *peer);
void mpcnet_timers_session_made(struct mpcnet_peer *peer);
void mpcnet_timers_handshake_complete(struct mpcnet_peer *peer);
void mpcnet_timers_persistent_changed(struct mpcnet_peer *peer, bool at_once);
bool mpcnet_timers_handshaking(const struct mpcnet_peer *peer);

#endif /* _MPCNET_TIMERS_H */
