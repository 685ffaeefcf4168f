// SPDX-License-Identifier: GPL-2.0
#include "bucket.h"

#define TOKEN UINT64_C(1000000)

static uint64_t level(const struct bucket *bucket, uint64_t now)
{
	uint64_t full = bucket->burst * TOKEN, more;

	if (!bucket->filled)
		return full;
	more = (now - bucket->filled) * bucket->rate;
	return more > full - bucket->level ? full : bucket->level + more;
}

/**
 * bucket_take() - may it be done once more?
 * @bucket: the bucket
 * @now: the time, in microseconds
 *
 * Return: true if so, and it counts as done.
 */
bool bucket_take(struct bucket *bucket, uint64_t now)
{
	bucket->level = level(bucket, now);
	bucket->filled = now;
	if (bucket->level < TOKEN)
		return false;
	bucket->level -= TOKEN;
	return true;
}

/**
 * bucket_ready() - when may it be done once more?
 * @bucket: the bucket
 * @now: the time, in microseconds
 *
 * Return: the time, not before @now.
 */
uint64_t bucket_ready(const struct bucket *bucket, uint64_t now)
{
	uint64_t left = level(bucket, now);

	return left >= TOKEN ? now : now + (TOKEN - left) / bucket->rate + 1;
}
