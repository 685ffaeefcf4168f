/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_QUEUE_H
#define _MPCNET_QUEUE_H

#include <linux/skbuff.h>
#include <linux/workqueue.h>

struct mpcnet_device;

#define MPCNET_QUEUE_MAX 4096		/* handshake messages */
#define MPCNET_QUEUE_LOADED (MPCNET_QUEUE_MAX / 8)
#define MPCNET_QUEUE_WORKERS 4

/**
 * struct mpcnet_queue - handshake messages that wait for process context
 * @packets: the messages, at most MPCNET_QUEUE_MAX
 * @worker: each takes messages until there are none
 * @turn: which worker is woken next
 * @loaded: when the queue was last found long, in jiffies
 * @was_loaded: @loaded was ever set
 */
struct mpcnet_queue {
	struct sk_buff_head packets;
	struct mpcnet_queue_worker {
		struct work_struct work;
		struct mpcnet_device *mpc;
	} worker[MPCNET_QUEUE_WORKERS];
	atomic_t turn;
	unsigned long loaded;
	bool was_loaded;
};

void mpcnet_queue_init(struct mpcnet_device *mpc);
void mpcnet_queue_stop(struct mpcnet_queue *queue);
bool mpcnet_queue_add(struct mpcnet_queue *queue, struct sk_buff *skb);
bool mpcnet_queue_under_load(struct mpcnet_queue *queue);

#endif /* _MPCNET_QUEUE_H */
