/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has come from a broker and not yet gone to the daemon: of each topic the
 * latest, as it replaces what was before. So one that is flooded costs the others
 * nothing, and its last word gets through when the flood ends.
 */
#ifndef MPCNETD_BROKER_HELD_H
#define MPCNETD_BROKER_HELD_H

#include <stdbool.h>

#include "bucket.h"
#include "medium.h"

/**
 * struct held_topic - the topic of a party
 * @slot: names it
 * @allowed: how often it goes to the daemon
 * @last: what came last, if it has not gone yet
 */
struct held_topic {
	uint8_t slot[MEDIUM_SLOT_LEN];
	struct bucket allowed;
	struct medium_data last;
};

/**
 * struct held - what is held
 * @topics: by the order in which they were heard
 * @count: how many
 * @turn: whose turn it is
 */
struct held {
	struct held_topic topics[MEDIUM_SLOTS_MAX];
	unsigned int count;
	unsigned int turn;
};

void held_put(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN], const uint8_t *data,
	      size_t len);
void held_erase(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN]);
bool held_flush(struct held *held, uint64_t now, bool (*send)(void *arg, struct medium_data *data),
		void *arg);
uint64_t held_deadline(const struct held *held, uint64_t now);

#endif /* MPCNETD_BROKER_HELD_H */
