// SPDX-License-Identifier: GPL-2.0
#include "broker_held.h"

#include <string.h>

/* A party has some news at once, and then little. */
#define TOPIC_BURST 20
#define TOPIC_RATE 5

static struct held_topic *find(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN])
{
	for (unsigned int i = 0; i < held->count; i++) {
		if (!memcmp(held->topics[i].slot, slot, MEDIUM_SLOT_LEN))
			return &held->topics[i];
	}
	return NULL;
}

static struct held_topic *add(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN])
{
	struct held_topic *topic;

	if (held->count == MEDIUM_SLOTS_MAX)
		return NULL;
	topic = &held->topics[held->count++];
	memcpy(topic->slot, slot, MEDIUM_SLOT_LEN);
	topic->allowed = (struct bucket){ .burst = TOPIC_BURST, .rate = TOPIC_RATE };
	topic->last.len = 0;
	return topic;
}

/**
 * held_put() - take what has come
 * @held: what is held
 * @slot: of its topic; one more than there is room for is nobody's
 * @data: the posting
 * @len: up to MEDIUM_MAX
 */
void held_put(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN], const uint8_t *data,
	      size_t len)
{
	struct held_topic *topic = find(held, slot);

	if (!topic)
		topic = add(held, slot);
	if (!topic)
		return;
	memcpy(topic->last.data, data, len);
	topic->last.len = len;
}

/**
 * held_erase() - a topic is empty now
 * @held: what is held
 * @slot: of the topic
 *
 * Its place is another's, unless what it said before has still to go.
 */
void held_erase(struct held *held, const uint8_t slot[MEDIUM_SLOT_LEN])
{
	struct held_topic *topic = find(held, slot);

	if (!topic || topic->last.len)
		return;
	held->count--;
	if (topic != &held->topics[held->count])
		*topic = held->topics[held->count];
}

/**
 * held_flush() - let go what may go, each topic in turn
 * @held: what is held
 * @now: the time
 * @send: takes a posting; false: not now
 * @arg: handed to @send
 *
 * Return: false if @send refused one.
 */
bool held_flush(struct held *held, uint64_t now, bool (*send)(void *arg, struct medium_data *data),
		void *arg)
{
	for (unsigned int i = 0; i < held->count; i++) {
		unsigned int at = (held->turn + i) % held->count;
		struct held_topic *topic = &held->topics[at];

		if (!topic->last.len || bucket_ready(&topic->allowed, now) > now)
			continue;
		if (!send(arg, &topic->last)) {
			held->turn = at;
			return false;
		}
		bucket_take(&topic->allowed, now);
		topic->last.len = 0;
	}
	return true;
}

/**
 * held_deadline() - when may something go?
 * @held: what is held
 * @now: the time
 *
 * Return: the time, UINT64_MAX for never.
 */
uint64_t held_deadline(const struct held *held, uint64_t now)
{
	uint64_t first = UINT64_MAX;

	for (unsigned int i = 0; i < held->count; i++) {
		const struct held_topic *topic = &held->topics[i];
		uint64_t ready = topic->last.len ? bucket_ready(&topic->allowed, now) : UINT64_MAX;

		if (ready < first)
			first = ready;
	}
	return first;
}
