// SPDX-License-Identifier: GPL-2.0
/* Responses of a TURN server: which count (RFC 8489 section 9.2.5), what they mean. */
#include "turn_client.h"

/* What an error says of the allocation, as a person can act on it. */
static void refuse_allocation(struct turn *turn, uint16_t method, uint16_t code)
{
	const char *user = turn->username;

	switch (code) {
	case STUN_TRY_ALTERNATE:
		turn_fail(turn,
			  "the TURN server wants us to use another: put that into the ticket");
		break;
	case STUN_UNAUTHENTICATED:
	case STUN_WRONG_CREDENTIALS:
		turn_fail(turn,
			  "the TURN server refused user \"%s\": check user and password in the "
			  "ticket",
			  user);
		break;
	case STUN_FORBIDDEN:
		turn_fail(turn,
			  "the TURN server does not let user \"%s\" relay from here: ask those "
			  "who run it",
			  user);
		break;
	case STUN_ALLOCATION_MISMATCH:
		if (method == STUN_ALLOCATE)
			turn_fail(turn, "the TURN server still holds an earlier allocation of this "
					"port: try again in ten minutes, or from another port");
		else
			turn_fail(turn, "the TURN server does not know our allocation any more, "
					"because it or our router was restarted: start again");
		break;
	case TURN_FAMILY_NOT_SUPPORTED:
		turn_fail(turn, "the TURN server cannot relay IPv%c: use another server",
			  turn->family == AF_INET6 ? '6' : '4');
		break;
	case STUN_ALLOCATION_QUOTA_REACHED:
		turn_fail(turn,
			  "user \"%s\" has too many allocations at the TURN server: end other "
			  "sessions, or try again in ten minutes",
			  user);
		break;
	case STUN_INSUFFICIENT_CAPACITY:
		turn_fail(turn, "the TURN server has no address or port left: try again later, or "
				"use another server");
		break;
	default:
		turn_fail(turn, "the TURN server refused with error %u: ask those who run it",
			  code);
	}
}

static void refused(struct turn *turn, uint64_t now, const struct turn_task *task,
		    const struct stun_message *message)
{
	char other[MPCNET_ENDPOINT_TEXT];

	/* A server that knows of no allocation need not say so in so many words:
	 * some call it a bad request.
	 */
	if (message->error != STUN_FORBIDDEN)
		turn_doubt(turn, now);
	/* Nothing is left of it at the server. */
	if (message->error == STUN_ALLOCATION_MISMATCH)
		turn->expires = 0;
	if (message->error == STUN_TRY_ALTERNATE && message->alternate.sa.sa_family) {
		mpcnet_endpoint_format(other, &message->alternate);
		turn_fail(turn, "the TURN server wants us to use %s: put that into the ticket",
			  other);
	} else if (task->method == STUN_ALLOCATE || task->method == STUN_REFRESH ||
		   message->error == STUN_ALLOCATION_MISMATCH) {
		refuse_allocation(turn, task->method, message->error);
	} else if (task->method == STUN_CREATE_PERMISSION) {
		turn_permitted(turn, now, task, false);
	} else {
		turn_bound(turn, now, task, false);
	}
}

static void succeeded(struct turn *turn, uint64_t now, const struct turn_task *task,
		      const struct stun_message *message)
{
	if (task->method == STUN_ALLOCATE)
		turn_allocated(turn, now, message);
	else if (task->method == STUN_REFRESH)
		turn_refreshed(turn, now, message);
	else if (task->method == STUN_CREATE_PERMISSION)
		turn_permitted(turn, now, task, true);
	else
		turn_bound(turn, now, task, true);
}

/* Realm and nonce of a 401 or 438; the latter may leave the realm out. */
static bool learn(struct turn *turn, const struct stun_message *message)
{
	const struct stun_span *realm = &message->realm, *nonce = &message->nonce;

	if (!nonce->len || nonce->len > sizeof(turn->nonce))
		return false;
	memcpy(turn->nonce, nonce->data, nonce->len);
	turn->nonce_len = nonce->len;
	return realm->len ? turn_set_realm(turn, realm->data, realm->len) : turn->has_key;
}

/* The server wants credentials, or another nonce, RFC 8489 section 9.2.5. */
static void challenged(struct turn *turn, uint64_t now, struct turn_request *request,
		       const struct stun_message *message)
{
	bool stale = message->error == STUN_STALE_NONCE;

	if (request->sealed && !stale)
		refuse_allocation(turn, request->task.method, message->error);
	else if (stale && request->again)
		turn_fail(turn, "the TURN server takes none of its own nonces: ask those who run "
				"it");
	else if (!turn->username[0])
		turn_fail(turn, "the TURN server wants a user and a password: put them into the "
				"ticket, turn:USER:PASSWORD@HOST:PORT");
	else if (!learn(turn, message))
		turn_fail(turn, "the TURN server asks for a password without saying for what: ask "
				"those who run it");
	else {
		request->again = stale;
		turn_request_repeat(turn, now, request);
	}
}

/**
 * turn_answer() - take a response
 * @turn: the client
 * @now: the time
 * @message: the response
 *
 * Return: false if it belongs to no request, or has to be signed and is not.
 */
bool turn_answer(struct turn *turn, uint64_t now, const struct stun_message *message)
{
	struct turn_request *request = turn_request_find(turn, message);
	bool error = message->class == STUN_ERROR;
	struct turn_task task;

	if (!request || message->unknown || error != !!message->error)
		return false;
	if (message->error == STUN_UNAUTHENTICATED || message->error == STUN_STALE_NONCE) {
		challenged(turn, now, request, message);
		return true;
	}
	if (request->sealed && !stun_verify_sha1(message, turn->key, sizeof(turn->key))) {
		turn->unsigned_error = message->error;
		return false;
	}
	turn->unsigned_error = 0;
	task = turn_request_end(request);
	if (turn->state == TURN_CLOSED)
		return true;
	if (error)
		refused(turn, now, &task, message);
	else
		succeeded(turn, now, &task, message);
	return true;
}

/**
 * turn_unanswered() - a request was given up
 * @turn: the client
 * @now: the time
 * @task: what the request was for
 */
void turn_unanswered(struct turn *turn, uint64_t now, const struct turn_task *task)
{
	if (turn->state == TURN_CLOSED)
		return;
	if (task->method != STUN_ALLOCATE && task->method != STUN_REFRESH)
		turn_peers_lost(turn, now, task);
	else if (turn->unsigned_error)
		/* It did not count, but nothing better came. */
		refuse_allocation(turn, task->method, turn->unsigned_error);
	else
		turn_fail(turn,
			  "the TURN server does not answer: it is down, or UDP is blocked here");
}
