/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETD_BUCKET_H
#define MPCNETD_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct bucket - how much of something may still be done
 * @burst: how often at once
 * @rate: how often a second, in the long run
 * @level: what is left, in millionths
 * @filled: when it was filled up last; 0: never, so it is full
 */
struct bucket {
	unsigned int burst;
	unsigned int rate;
	uint64_t level;
	uint64_t filled;
};

bool bucket_take(struct bucket *bucket, uint64_t now);
uint64_t bucket_ready(const struct bucket *bucket, uint64_t now);

#endif /* MPCNETD_BUCKET_H */
