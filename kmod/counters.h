/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_COUNTERS_H
#define _MPCNET_COUNTERS_H

#include <linux/atomic.h>
#include <linux/mpcnet.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

/**
 * struct mpcnet_traffic - bytes of a peer's messages, of one CPU
 * @rx_bytes: received and authentic, headers included
 * @tx_bytes: sent, headers included
 * @syncp: lets 32-bit readers see whole values; writers have BHs disabled
 */
struct mpcnet_traffic {
	u64_stats_t rx_bytes;
	u64_stats_t tx_bytes;
	struct u64_stats_sync syncp;
};

/**
 * struct mpcnet_peer_drops - packets of a peer that were dropped
 * @count: by reason, enum mpcnet_peer_counter. Written for drops alone, which
 *	are no part of the fast path.
 */
struct mpcnet_peer_drops {
	atomic_long_t count[MPCNET_PEER_C_LAST + 1];
};

/**
 * struct mpcnet_device_counts - packets of an interface that have no peer
 * @count: by what became of them, enum mpcnet_device_counter, of one CPU, since
 *	a flood may hit all CPUs
 */
struct mpcnet_device_counts {
	unsigned long count[MPCNET_DEVICE_C_LAST + 1];
};

/**
 * mpcnet_count_drop() - count a dropped packet of a peer
 * @drops: the peer's counters
 * @reason: why
 */
static inline void mpcnet_count_drop(struct mpcnet_peer_drops *drops,
				     enum mpcnet_peer_counter reason)
{
	atomic_long_inc(&drops->count[reason]);
}

/**
 * mpcnet_count() - count a packet of an interface
 * @counts: the interface's counters
 * @what: what became of it
 */
static inline void mpcnet_count(struct mpcnet_device_counts __percpu *counts,
				enum mpcnet_device_counter what)
{
	this_cpu_inc(counts->count[what]);
}

void mpcnet_count_rx(struct mpcnet_traffic __percpu *traffic, size_t bytes);
void mpcnet_count_tx(struct mpcnet_traffic __percpu *traffic, size_t bytes);
void mpcnet_traffic_sum(const struct mpcnet_traffic __percpu *traffic,
			u64 *rx_bytes, u64 *tx_bytes);
u64 mpcnet_counts_sum(const struct mpcnet_device_counts __percpu *counts,
		      enum mpcnet_device_counter what);

#endif /* _MPCNET_COUNTERS_H */
