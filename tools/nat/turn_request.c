// SPDX-License-Identifier: GPL-2.0
#include "turn_client.h"

/**
 * turn_request_room() - can another request be started?
 * @turn: the client
 *
 * Return: false if TURN_REQUESTS are under way.
 */
bool turn_request_room(const struct turn *turn)
{
	for (unsigned int i = 0; i < TURN_REQUESTS; i++) {
		if (!turn->requests[i].task.method)
			return true;
	}
	return false;
}

/* RFC 8656 section 7.1; IPv4 is what a server takes without being told. */
static void put_allocate(struct stun_builder *b, const struct turn *turn)
{
	stun_put_u32(b, STUN_REQUESTED_TRANSPORT, (uint32_t)IPPROTO_UDP << 24);
	stun_put_u32(b, STUN_LIFETIME, TURN_LIFETIME);
	if (turn->family == AF_INET6)
		stun_put_u32(b, STUN_REQUESTED_ADDRESS_FAMILY, UINT32_C(0x02000000));
}

static void put_task(struct stun_builder *b, const struct turn *turn, const struct turn_task *task)
{
	const struct turn_channel *channel = &turn->channels[task->at[0]];

	switch (task->method) {
	case STUN_ALLOCATE:
		put_allocate(b, turn);
		break;
	case STUN_REFRESH:
		stun_put_u32(b, STUN_LIFETIME, task->lifetime);
		break;
	case STUN_CREATE_PERMISSION:
		for (unsigned int i = 0; i < task->count; i++)
			stun_put_address(b, STUN_XOR_PEER_ADDRESS,
					 &turn->hosts[task->at[i]].address);
		break;
	case STUN_CHANNEL_BIND:
		stun_put_u32(b, STUN_CHANNEL_NUMBER, (uint32_t)channel->number << 16);
		stun_put_address(b, STUN_XOR_PEER_ADDRESS, &channel->peer);
		break;
	}
}

static bool build(struct turn *turn, struct turn_request *request)
{
	struct stun_builder b;

	if (!stun_new_id(request->id))
		return false;
	stun_begin(&b, request->data, sizeof(request->data), STUN_REQUEST,
		   (enum stun_method)request->task.method, request->id);
	put_task(&b, turn, &request->task);
	request->sealed = turn->has_key;
	if (request->sealed) {
		stun_put(&b, STUN_USERNAME, turn->username, strlen(turn->username));
		stun_put(&b, STUN_REALM, turn->realm, strlen(turn->realm));
		stun_put(&b, STUN_NONCE, turn->nonce, turn->nonce_len);
		stun_seal_sha1(&b, turn->key, sizeof(turn->key));
	}
	request->len = stun_end(&b);
	return request->len > 0;
}

/* Send, and wait twice as long as the last time, RFC 8489 section 6.2.1. */
static void transmit(struct turn *turn, uint64_t now, struct turn_request *request)
{
	request->next =
		turn->reliable ? request->until : turn_min(now + request->rto, request->until);
	request->rto *= 2;
	turn->ops.send(turn->arg, request->data, request->len);
}

/**
 * turn_request_repeat() - send a request as a new transaction
 * @turn: the client
 * @now: the time
 * @request: the request; it is given up when it would have been
 */
void turn_request_repeat(struct turn *turn, uint64_t now, struct turn_request *request)
{
	request->rto = TURN_RTO;
	if (build(turn, request))
		transmit(turn, now, request);
	else
		turn_fail(turn, "a request to the TURN server could not be made: no random "
				"numbers, or a nonce too long");
}

/**
 * turn_request_start() - begin a request
 * @turn: the client; turn_request_room() holds
 * @now: the time
 * @task: what for
 * @patience: microseconds until it is given up
 */
void turn_request_start(struct turn *turn, uint64_t now, const struct turn_task *task,
			uint64_t patience)
{
	struct turn_request *request = turn->requests;

	while (request->task.method)
		request++;
	request->task = *task;
	request->again = false;
	request->until = now + (turn->reliable ? turn_min(patience, TURN_PATIENCE) : patience);
	turn_request_repeat(turn, now, request);
}

/**
 * turn_request_find() - the request that a response belongs to
 * @turn: the client
 * @message: the response
 *
 * Return: NULL if there is none.
 */
struct turn_request *turn_request_find(struct turn *turn, const struct stun_message *message)
{
	for (unsigned int i = 0; i < TURN_REQUESTS; i++) {
		struct turn_request *request = &turn->requests[i];

		if (request->task.method && request->task.method == message->method &&
		    !memcmp(request->id, message->id, STUN_ID_LEN))
			return request;
	}
	return NULL;
}

/**
 * turn_request_end() - a request is done with, one way or another
 * @request: the request; it is free and wiped
 *
 * Return: what it was for.
 */
struct turn_task turn_request_end(struct turn_request *request)
{
	struct turn_task task = request->task;

	explicit_bzero(request, sizeof(*request));
	return task;
}

/**
 * turn_request_end_all() - let go of all requests
 * @turn: the client
 */
void turn_request_end_all(struct turn *turn)
{
	explicit_bzero(turn->requests, sizeof(turn->requests));
}

/**
 * turn_request_tick() - send again, or give up, what was not answered
 * @turn: the client
 * @now: the time
 */
void turn_request_tick(struct turn *turn, uint64_t now)
{
	for (unsigned int i = 0; i < TURN_REQUESTS; i++) {
		struct turn_request *request = &turn->requests[i];
		struct turn_task task;

		if (!request->task.method || request->next > now)
			continue;
		if (request->until > now) {
			transmit(turn, now, request);
			continue;
		}
		task = turn_request_end(request);
		turn_unanswered(turn, now, &task);
	}
}

/**
 * turn_request_deadline() - when turn_request_tick() has something to do
 * @turn: the client
 *
 * Return: the time; TURN_NEVER if no request is under way.
 */
uint64_t turn_request_deadline(const struct turn *turn)
{
	uint64_t deadline = TURN_NEVER;

	for (unsigned int i = 0; i < TURN_REQUESTS; i++) {
		if (turn->requests[i].task.method)
			deadline = turn_min(deadline, turn->requests[i].next);
	}
	return deadline;
}
