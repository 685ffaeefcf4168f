// SPDX-License-Identifier: GPL-2.0
/*
 * Handshake messages, from anybody, wait here for the workers. The queue is
 * all that a stranger can make us remember.
 */
#include "queue.h"

#include "device.h"
#include "handshake.h"

static void work(struct work_struct *work)
{
	struct mpcnet_queue_worker *worker =
		container_of(work, struct mpcnet_queue_worker, work);
	struct mpcnet_device *mpc = worker->mpc;
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&mpc->queue.packets))) {
		mpcnet_handshake_receive(mpc, skb);
		cond_resched();
	}
}

/**
 * mpcnet_queue_init() - make an interface's queue
 * @mpc: interface
 */
void mpcnet_queue_init(struct mpcnet_device *mpc)
{
	struct mpcnet_queue *queue = &mpc->queue;
	int i;

	skb_queue_head_init(&queue->packets);
	for (i = 0; i < MPCNET_QUEUE_WORKERS; i++) {
		queue->worker[i].mpc = mpc;
		INIT_WORK(&queue->worker[i].work, work);
	}
}

/**
 * mpcnet_queue_stop() - drop what waits, and wait for what is worked on
 * @queue: queue to which no one adds any more
 */
void mpcnet_queue_stop(struct mpcnet_queue *queue)
{
	int i;

	skb_queue_purge(&queue->packets);
	for (i = 0; i < MPCNET_QUEUE_WORKERS; i++)
		cancel_work_sync(&queue->worker[i].work);
	skb_queue_purge(&queue->packets);
}

/**
 * mpcnet_queue_add() - have a handshake message worked on
 * @queue: queue
 * @skb: datagram, which the queue takes over if there is room
 *
 * Context: softirq.
 * Return: false if the queue is full.
 */
bool mpcnet_queue_add(struct mpcnet_queue *queue, struct sk_buff *skb)
{
	unsigned int turn;

	if (skb_queue_len_lockless(&queue->packets) >= MPCNET_QUEUE_MAX)
		return false;
	skb_queue_tail(&queue->packets, skb);
	turn = atomic_inc_return(&queue->turn);
	queue_work(mpcnet_wq, &queue->worker[turn % MPCNET_QUEUE_WORKERS].work);
	return true;
}

/**
 * mpcnet_queue_under_load() - is the queue long, or was it a second ago?
 * @queue: queue
 *
 * Return: true if senders have to show a cookie.
 */
bool mpcnet_queue_under_load(struct mpcnet_queue *queue)
{
	if (skb_queue_len_lockless(&queue->packets) >= MPCNET_QUEUE_LOADED) {
		WRITE_ONCE(queue->loaded, jiffies);
		WRITE_ONCE(queue->was_loaded, true);
		return true;
	}
	if (!READ_ONCE(queue->was_loaded))
		return false;
	if (time_before(jiffies, READ_ONCE(queue->loaded) + HZ))
		return true;
	WRITE_ONCE(queue->was_loaded, false);
	return false;
}
