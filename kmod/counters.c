// SPDX-License-Identifier: GPL-2.0
#include "counters.h"

#include <linux/cpumask.h>

/**
 * mpcnet_count_rx() - count bytes received from a peer
 * @traffic: the peer's bytes
 * @bytes: length of an authentic message
 *
 * Context: BHs disabled.
 */
void mpcnet_count_rx(struct mpcnet_traffic __percpu *traffic, size_t bytes)
{
	struct mpcnet_traffic *mine = this_cpu_ptr(traffic);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->rx_bytes, bytes);
	u64_stats_update_end(&mine->syncp);
}

/**
 * mpcnet_count_tx() - count bytes sent to a peer
 * @traffic: the peer's bytes
 * @bytes: length of a message
 *
 * Context: BHs disabled.
 */
void mpcnet_count_tx(struct mpcnet_traffic __percpu *traffic, size_t bytes)
{
	struct mpcnet_traffic *mine = this_cpu_ptr(traffic);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->tx_bytes, bytes);
	u64_stats_update_end(&mine->syncp);
}

/**
 * mpcnet_traffic_sum() - bytes of a peer over all CPUs
 * @traffic: the peer's bytes
 * @rx_bytes: received
 * @tx_bytes: sent
 */
void mpcnet_traffic_sum(const struct mpcnet_traffic __percpu *traffic,
			u64 *rx_bytes, u64 *tx_bytes)
{
	int cpu;

	*rx_bytes = 0;
	*tx_bytes = 0;
	for_each_possible_cpu(cpu) {
		const struct mpcnet_traffic *one = per_cpu_ptr(traffic, cpu);
		unsigned int start;
		u64 rx, tx;

		do {
			start = u64_stats_fetch_begin(&one->syncp);
			rx = u64_stats_read(&one->rx_bytes);
			tx = u64_stats_read(&one->tx_bytes);
		} while (u64_stats_fetch_retry(&one->syncp, start));
		*rx_bytes += rx;
		*tx_bytes += tx;
	}
}

/**
 * mpcnet_counts_sum() - a counter of an interface over all CPUs
 * @counts: the interface's counters
 * @what: which one
 *
 * Return: packets.
 */
u64 mpcnet_counts_sum(const struct mpcnet_device_counts __percpu *counts,
		      enum mpcnet_device_counter what)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counts, cpu)->count[what]);
	return sum;
}
