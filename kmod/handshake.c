// SPDX-License-Identifier: GPL-2.0
/*
 * Handshake messages in and out: what is around noise.c, which makes and reads
 * them. Runs in process context, from a peer's work or the queue's workers.
 */
#include "handshake.h"

#include <linux/ktime.h>

#include "cookie.h"
#include "device.h"
#include "noise.h"
#include "peer.h"
#include "queue.h"
#include "ratelimit.h"
#include "rx.h"
#include "socket.h"
#include "trace.h"
#include "tx.h"

static bool sent_just_now(const struct mpcnet_peer *peer)
{
	u64 last = atomic64_read(&peer->last_initiation);

	return last && ktime_get_coarse_boottime_ns() <
			       last + mpcnet_ns(MPCNET_REKEY_TIMEOUT);
}

/* Send a handshake message to a peer, wherever it is. */
static void send(struct mpcnet_peer *peer, void *message, size_t len)
{
	const struct mpcnet_endpoint *endpoint;

	mpcnet_cookie_add_macs(&peer->cookie, message, len);
	rcu_read_lock_bh();
	endpoint = rcu_dereference(peer->endpoint);
	if (endpoint && !mpcnet_socket_send_message(peer->mpc, peer, endpoint,
						    message, len,
						    MPCNET_HANDSHAKE_DSCP))
		mpcnet_count_tx(peer->traffic, len);
	rcu_read_unlock_bh();
	mpcnet_timers_any_sent(peer);
}

/**
 * mpcnet_handshake_begin() - see to it that there is a session soon
 * @peer: the peer
 *
 * Cheap if an initiation was sent just now.
 *
 * Context: any.
 */
void mpcnet_handshake_begin(struct mpcnet_peer *peer)
{
	if (!sent_just_now(peer))
		mpcnet_peer_do(peer, MPCNET_TASK_INITIATE);
}

/**
 * mpcnet_handshake_send_initiation() - send an initiation
 * @peer: the peer
 * @retry: it repeats one that was not answered
 *
 * Context: process.
 */
void mpcnet_handshake_send_initiation(struct mpcnet_peer *peer, bool retry)
{
	struct mpcnet_message_initiation message;

	if (!retry && sent_just_now(peer))
		return;
	if (!rcu_access_pointer(peer->endpoint) ||
	    !netif_running(peer->mpc->dev))
		return;
	if (!retry && !mpcnet_timers_handshaking(peer)) {
		WRITE_ONCE(peer->timers.tries, 0);
		WRITE_ONCE(peer->timers.gave_up, false);
	}
	if (!mpcnet_noise_initiate(&peer->mpc->identity, peer, &message))
		return;
	atomic64_set(&peer->last_initiation, ktime_get_coarse_boottime_ns());
	trace_mpcnet_handshake(peer, "initiation sent");
	mpcnet_timers_initiated(peer);
	send(peer, &message, sizeof(message));
}

/* An authentic handshake message came from @peer. */
static bool note_authentic(struct mpcnet_peer *peer, const struct sk_buff *skb,
			   size_t len)
{
	u16 channel = MPCNET_RX_CB(skb)->channel;

	if (!mpcnet_rx_path_allowed(peer, skb, channel)) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_BAD_PACKET);
		return false;
	}
	local_bh_disable();
	mpcnet_peer_count_rx(peer, 1, len);
	local_bh_enable();
	mpcnet_endpoint_roam(peer, skb, channel);
	mpcnet_timers_any_received(peer);
	mpcnet_timers_session_made(peer);
	return true;
}

static void receive_initiation(struct mpcnet_device *mpc, struct sk_buff *skb,
			       const struct mpcnet_message_initiation *message)
{
	struct mpcnet_message_response response;
	struct mpcnet_peer *peer;

	peer = mpcnet_noise_respond(mpc, message, &response);
	if (!peer) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_BAD_HANDSHAKE);
		return;
	}
	if (note_authentic(peer, skb, sizeof(*message))) {
		trace_mpcnet_handshake(peer, "response sent");
		send(peer, &response, sizeof(response));
	}
	mpcnet_peer_put(peer);
}

static void receive_response(struct mpcnet_device *mpc, struct sk_buff *skb,
			     const struct mpcnet_message_response *message)
{
	struct mpcnet_peer *peer = mpcnet_noise_finish(mpc, message);

	if (!peer) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_BAD_HANDSHAKE);
		return;
	}
	if (note_authentic(peer, skb, sizeof(*message))) {
		mpcnet_timers_handshake_complete(peer);
		/* The responder waits for a message with the new keys. */
		mpcnet_tx_keepalive(peer);
	}
	mpcnet_peer_put(peer);
}

static void receive_cookie(struct mpcnet_device *mpc,
			   const struct mpcnet_message_cookie *message)
{
	struct mpcnet_peer *peer = mpcnet_peer_get_by_index(mpc,
							    message->receiver);

	if (!peer || !mpcnet_cookie_take(&peer->cookie, message))
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_BAD_HANDSHAKE);
	if (peer)
		mpcnet_peer_put(peer);
}

/* Answer with a cookie, to where the message came from. */
static void send_cookie(struct mpcnet_device *mpc, const struct sk_buff *skb,
			const void *message, size_t len)
{
	/* The sender's index stands in the same place in both messages. */
	const struct mpcnet_message_initiation *any = message;
	struct mpcnet_message_cookie answer;
	struct mpcnet_endpoint to;

	if (mpcnet_endpoint_from_skb(&to, skb, MPCNET_RX_CB(skb)->channel))
		return;
	mpcnet_cookie_answer(&mpc->checker, skb,
			     message + len - sizeof(struct mpcnet_message_macs),
			     any->sender, &answer);
	mpcnet_count(mpc->counts, MPCNET_DEVICE_C_COOKIE_SENT);
	rcu_read_lock_bh();
	mpcnet_socket_send_message(mpc, NULL, &to, &answer, sizeof(answer), 0);
	rcu_read_unlock_bh();
}

static bool within_rate(struct mpcnet_device *mpc, const struct sk_buff *skb)
{
	const struct net *net;
	bool allowed;

	rcu_read_lock();
	net = rcu_dereference(mpc->birth_net);
	allowed = net && mpcnet_ratelimit_allow(net, skb);
	rcu_read_unlock();
	return allowed;
}

/* Is a message, of a right length, worth the work of its cryptography? */
static bool admit(struct mpcnet_device *mpc, const struct sk_buff *skb,
		  const void *message, size_t len)
{
	bool loaded = mpcnet_queue_under_load(&mpc->queue);
	enum mpcnet_mac_verdict verdict =
		mpcnet_cookie_check(&mpc->checker, skb, message, len, loaded);

	if (verdict == MPCNET_MAC_BAD) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_BAD_MAC);
		return false;
	}
	if (!loaded)
		return true;
	if (verdict != MPCNET_MAC_COOKIE) {
		send_cookie(mpc, skb, message, len);
		return false;
	}
	if (!within_rate(mpc, skb)) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_RATE_LIMITED);
		return false;
	}
	return true;
}

/**
 * mpcnet_handshake_receive() - work on a handshake message
 * @mpc: interface
 * @skb: datagram from the queue, freed here; type and length are right
 *
 * Context: process.
 */
void mpcnet_handshake_receive(struct mpcnet_device *mpc, struct sk_buff *skb)
{
	unsigned int offset = MPCNET_RX_CB(skb)->offset;
	const struct mpcnet_message_header *header;

	if (skb_linearize(skb))
		goto out;
	header = (void *)skb->data + offset;
	switch (le32_to_cpu(header->type)) {
	case MPCNET_MESSAGE_INITIATION:
		if (admit(mpc, skb, header,
			  sizeof(struct mpcnet_message_initiation)))
			receive_initiation(mpc, skb, (const void *)header);
		break;
	case MPCNET_MESSAGE_RESPONSE:
		if (admit(mpc, skb, header,
			  sizeof(struct mpcnet_message_response)))
			receive_response(mpc, skb, (const void *)header);
		break;
	case MPCNET_MESSAGE_COOKIE:
		receive_cookie(mpc, (const void *)header);
		break;
	}
out:
	kfree_skb(skb);
}
