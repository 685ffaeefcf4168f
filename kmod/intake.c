// SPDX-License-Identifier: GPL-2.0
/*
 * Decrypted packets enter the stack, in the softirq that received them: one by
 * itself at once, a batch through GRO. Neither waits in a queue, so that none
 * can overtake another.
 */
#include "intake.h"

#include <linux/percpu.h>

/* Packets of this module that are on their way up in this CPU's softirq */
static DEFINE_PER_CPU(unsigned int, depth);

/*
 * A tunnel inside a tunnel comes here again: its packets take the way by the
 * CPU's backlog, since the stack of a softirq is small.
 */
static bool enter(void)
{
	if (likely(__this_cpu_inc_return(depth) == 1))
		return true;
	__this_cpu_dec(depth);
	return false;
}

static void leave(void)
{
	__this_cpu_dec(depth);
}

/**
 * mpcnet_intake_one() - give the stack a packet
 * @skb: inner packet, taken over
 *
 * Context: softirq.
 */
void mpcnet_intake_one(struct sk_buff *skb)
{
	if (unlikely(!enter())) {
		netif_rx(skb);
		return;
	}
	netif_receive_skb(skb);
	leave();
}

/**
 * mpcnet_intake_many() - give the stack a batch
 * @intake: of the packets' interface
 * @skbs: inner packets, taken over
 *
 * Context: softirq.
 */
void mpcnet_intake_many(struct mpcnet_intake *intake, struct sk_buff_head *skbs)
{
	struct napi_struct *napi = this_cpu_ptr(intake->napis);
	unsigned int count = skb_queue_len(skbs);
	struct sk_buff *skb;

	if (!count)
		return;
	if (unlikely(!enter())) {
		while ((skb = __skb_dequeue(skbs)))
			netif_rx(skb);
		return;
	}
	if (likely(napi_schedule_prep(napi))) {
		while ((skb = __skb_dequeue(skbs)))
			napi_gro_receive(napi, skb);
		napi_complete_done(napi, count);
	} else {	/* somebody holds packets back, and is about to run it */
		while ((skb = __skb_dequeue(skbs)))
			netif_receive_skb(skb);
	}
	leave();
}

/* Runs only if somebody has GRO hold packets back (gro_flush_timeout). */
static int poll(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}

/**
 * mpcnet_intake_init() - let an interface take in packets
 * @intake: its intake
 * @dev: interface
 *
 * Return: 0 or -ENOMEM.
 */
int mpcnet_intake_init(struct mpcnet_intake *intake, struct net_device *dev)
{
	int cpu;

	intake->napis = alloc_percpu(struct napi_struct);
	if (!intake->napis)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct napi_struct *napi = per_cpu_ptr(intake->napis, cpu);

		set_bit(NAPI_STATE_NO_BUSY_POLL, &napi->state);
		netif_napi_add(dev, napi, poll);
		napi_enable(napi);
	}
	return 0;
}

/**
 * mpcnet_intake_destroy() - undo mpcnet_intake_init()
 * @intake: intake that no packet comes to any more
 *
 * Context: process, RTNL held; waits for a grace period.
 */
void mpcnet_intake_destroy(struct mpcnet_intake *intake)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct napi_struct *napi = per_cpu_ptr(intake->napis, cpu);

		napi_disable(napi);
		__netif_napi_del(napi);
	}
	synchronize_net();	/* netpoll walks the list of NAPIs under RCU */
	free_percpu(intake->napis);
}
