// SPDX-License-Identifier: GPL-2.0
/* What is to come, the earliest first: a binary heap. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct queue *queue, size_t a, size_t b)
{
	struct event *event = queue->at[a];

	queue->at[a] = queue->at[b];
	queue->at[b] = event;
}

/**
 * queue_add() - something will happen
 * @queue: the queue
 * @at: when
 * @run: what
 *
 * Return: the event, whose other fields are 0.
 */
struct event *queue_add(struct queue *queue, uint64_t at,
			void (*run)(struct sim *sim, struct event *event))
{
	struct event *event = malloc(sizeof(*event));
	size_t i;

	if (queue->count == queue->room) {
		queue->room = queue->room ? 2 * queue->room : 256;
		queue->at = realloc(queue->at, queue->room * sizeof(queue->at[0]));
	}
	if (!event || !queue->at)
		abort();
	memset(event, 0, offsetof(struct event, d.data));
	event->at = at;
	event->order = queue->made++;
	event->run = run;
	queue->at[i = queue->count++] = event;
	for (; i && earlier(queue->at[i], queue->at[(i - 1) / 2]); i = (i - 1) / 2)
		swap(queue, i, (i - 1) / 2);
	return event;
}

/**
 * queue_take() - take the earliest event out
 * @queue: the queue, which is not empty
 *
 * Return: the event, which the caller frees.
 */
struct event *queue_take(struct queue *queue)
{
	struct event *first = queue->at[0];
	size_t i = 0, child;

	queue->at[0] = queue->at[--queue->count];
	while ((child = 2 * i + 1) < queue->count) {
		if (child + 1 < queue->count && earlier(queue->at[child + 1], queue->at[child]))
			child++;
		if (!earlier(queue->at[child], queue->at[i]))
			break;
		swap(queue, i, child);
		i = child;
	}
	return first;
}

/**
 * queue_next() - when does the next thing happen?
 * @queue: the queue
 *
 * Return: the time, UINT64_MAX for never.
 */
uint64_t queue_next(const struct queue *queue)
{
	return queue->count ? queue->at[0]->at : UINT64_MAX;
}

/**
 * queue_free() - forget all that is to come
 * @queue: the queue
 */
void queue_free(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		free(queue->at[i]);
	free(queue->at);
	*queue = (struct queue){ 0 };
}
