// SPDX-License-Identifier: GPL-2.0
/*
 * The allocation of a TURN client, RFC 8656 sections 7 and 8:
 *
 *	IDLE ──turn_start()──► ALLOCATING ──Allocate answered──► READY ─┐
 *	  └──turn_load()─────────────────────────────────────────►  ▲   │ Refresh
 *	                          any of them ──► FAILED            └───┘
 *	                          turn_stop() ──► CLOSED
 */
#include "turn_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool copy_word(char to[TURN_CREDENTIAL_MAX + 1], const char *from)
{
	size_t len = from ? strlen(from) : 0;

	if (len > TURN_CREDENTIAL_MAX)
		return false;
	if (len)
		memcpy(to, from, len);
	return true;
}

/**
 * turn_new() - make a client
 * @conf: how to use the server; nothing of it need stay
 * @ops: its owner's functions, all of them; they are copied
 * @arg: their first argument
 *
 * Return: the client, idle; NULL without memory, or if @conf makes no sense.
 */
struct turn *turn_new(const struct turn_conf *conf, const struct turn_ops *ops, void *arg)
{
	struct turn *turn;

	if ((conf->family != AF_INET && conf->family != AF_INET6) ||
	    conf->first_channel < TURN_CHANNEL_FIRST || conf->first_channel > TURN_CHANNEL_LAST)
		return NULL;
	turn = calloc(1, sizeof(*turn));
	if (!turn)
		return NULL;
	if (!copy_word(turn->username, conf->username) ||
	    !copy_word(turn->password, conf->password)) {
		turn_free(turn);
		return NULL;
	}
	turn->ops = *ops;
	turn->arg = arg;
	turn->family = conf->family;
	turn->reliable = conf->reliable;
	turn->next_channel = conf->first_channel;
	turn->refresh_at = TURN_NEVER;
	return turn;
}

/**
 * turn_free() - wipe and free a client
 * @turn: the client, or NULL; its allocation lives on unless turn_stop() ended it
 */
void turn_free(struct turn *turn)
{
	if (turn)
		explicit_bzero(turn, sizeof(*turn));
	free(turn);
}

static void set_state(struct turn *turn, enum turn_state state)
{
	turn->state = state;
	turn->ops.changed(turn->arg);
}

/**
 * turn_fail() - the client can do no more
 * @turn: the client; its permissions and channels are forgotten
 * @fmt: why, a sentence for a person; format of printf
 */
void turn_fail(struct turn *turn, const char *fmt, ...)
{
	va_list ap;

	turn_request_end_all(turn);
	/* What fails while it is taken down is of no interest. */
	if (turn->state == TURN_CLOSED)
		return;
	va_start(ap, fmt);
	vsnprintf(turn->reason, sizeof(turn->reason), fmt, ap);
	va_end(ap);
	turn_peers_forget(turn);
	turn->relayed.sa.sa_family = 0;
	set_state(turn, TURN_FAILED);
}

/**
 * turn_set_realm() - take the server's realm, and make the key of it
 * @turn: the client
 * @data: the realm, RFC 8489 section 14.9
 * @len: its bytes
 *
 * Return: false if it is empty, too long or has a 0, or if there is no MD5.
 */
bool turn_set_realm(struct turn *turn, const uint8_t *data, size_t len)
{
	if (!len || len > TURN_WORD_MAX || memchr(data, '\0', len))
		return false;
	memcpy(turn->realm, data, len);
	turn->realm[len] = '\0';
	turn->has_key = stun_long_term_key(turn->key, turn->username, turn->realm, turn->password);
	return turn->has_key;
}

/**
 * turn_start() - ask the server for an allocation
 * @turn: the client; nothing happens if it has one, or is at it
 * @now: the time
 */
void turn_start(struct turn *turn, uint64_t now)
{
	struct turn_task task = { .method = STUN_ALLOCATE };

	if (turn->state == TURN_ALLOCATING || turn->state == TURN_READY)
		return;
	turn_request_end_all(turn);
	turn->reason[0] = '\0';
	turn->unsigned_error = 0;
	turn->has_key = false;
	turn->expires = 0;
	set_state(turn, TURN_ALLOCATING);
	turn_request_start(turn, now, &task, TURN_PATIENCE);
}

/**
 * turn_stop() - give the allocation back, RFC 8656 section 8
 * @turn: the client; it is closed on return
 * @now: the time
 *
 * It goes on to be given time until turn_deadline() is UINT64_MAX, so that the
 * server hears of it.
 */
void turn_stop(struct turn *turn, uint64_t now)
{
	struct turn_task task = { .method = STUN_REFRESH, .lifetime = 0 };
	/* An Allocate on its way may have come through. */
	bool held = turn->expires > now || (turn->state == TURN_ALLOCATING && turn->has_key);

	if (turn->state == TURN_CLOSED)
		return;
	turn_request_end_all(turn);
	turn_peers_forget(turn);
	turn->relayed.sa.sa_family = 0;
	turn->reason[0] = '\0';
	if (held)
		turn_request_start(turn, now, &task, TURN_PATIENCE_STOP);
	set_state(turn, TURN_CLOSED);
}

static void set_lifetime(struct turn *turn, uint64_t now, uint32_t seconds)
{
	uint64_t lifetime = turn_min(seconds, TURN_LIFETIME_MAX) * TURN_SECOND;

	turn->expires = now + lifetime;
	turn->refresh_at = turn->expires - turn_min(TURN_MARGIN, lifetime / 2);
}

/**
 * turn_allocated() - the server made the allocation, RFC 8656 section 7.3
 * @turn: the client
 * @now: the time
 * @message: its response
 */
void turn_allocated(struct turn *turn, uint64_t now, const struct stun_message *message)
{
	const union mpcnet_endpoint *relayed = &message->relayed;

	/* The port is at the same place for both families. */
	if (relayed->sa.sa_family != turn->family || !relayed->in.sin_port ||
	    !message->has_lifetime || !message->lifetime) {
		turn_fail(turn,
			  "the TURN server answered without an address of IPv%c to relay "
			  "from: use another server",
			  turn->family == AF_INET6 ? '6' : '4');
		return;
	}
	turn->relayed = message->relayed;
	turn->mapped = message->mapped;
	set_lifetime(turn, now, message->lifetime);
	set_state(turn, TURN_READY);
}

/**
 * turn_refreshed() - the server goes on with the allocation, RFC 8656 section 8.3
 * @turn: the client
 * @now: the time
 * @message: its response
 */
void turn_refreshed(struct turn *turn, uint64_t now, const struct stun_message *message)
{
	if (message->has_lifetime && message->lifetime) {
		set_lifetime(turn, now, message->lifetime);
		return;
	}
	turn->expires = 0;
	turn_fail(turn, "the TURN server ended the allocation: start again");
}

/**
 * turn_doubt() - find out at once, by a Refresh, whether there is an allocation
 * @turn: the client
 * @now: the time
 */
void turn_doubt(struct turn *turn, uint64_t now)
{
	if (turn->refresh_at != TURN_NEVER)
		turn->refresh_at = now;
}

/**
 * turn_tick() - do what is due
 * @turn: the client
 * @now: the time, not before turn_deadline() if anything is to happen
 */
void turn_tick(struct turn *turn, uint64_t now)
{
	struct turn_task refresh = { .method = STUN_REFRESH, .lifetime = TURN_LIFETIME };

	turn_request_tick(turn, now);
	if (turn->state != TURN_READY)
		return;
	if (turn->expires <= now) {
		turn_fail(turn, "the allocation at the TURN server ran out before it could be "
				"refreshed (was this computer asleep?): start again");
		return;
	}
	if (turn->refresh_at <= now && turn_request_room(turn)) {
		turn->refresh_at = TURN_NEVER;
		turn_request_start(turn, now, &refresh, TURN_PATIENCE_FULL);
	}
	turn_peers_tick(turn, now);
}

/**
 * turn_deadline() - when turn_tick() has something to do
 * @turn: the client
 *
 * To be asked again after each other call.
 *
 * Return: the time, maybe one that is past; UINT64_MAX for never.
 */
uint64_t turn_deadline(const struct turn *turn)
{
	uint64_t deadline = turn_request_deadline(turn);

	if (turn->state != TURN_READY)
		return deadline;
	deadline = turn_min(deadline, turn->expires);
	if (turn_request_room(turn))
		deadline = turn_min(deadline, turn->refresh_at);
	return turn_min(deadline, turn_peers_deadline(turn));
}

/**
 * turn_input() - take what came from the server's address
 * @turn: the client
 * @now: the time
 * @data: a datagram, or a frame of a stream (turn_frame_len())
 * @len: its length
 *
 * Return: false if it is none of this client's.
 */
bool turn_input(struct turn *turn, uint64_t now, const void *data, size_t len)
{
	struct stun_message message;

	if (!stun_is_message(data, len))
		return turn_data_channel(turn, now, data, len);
	if (!stun_decode(&message, data, len))
		return false;
	if (message.class == STUN_INDICATION)
		return turn_data_indication(turn, &message);
	return message.class != STUN_REQUEST && turn_answer(turn, now, &message);
}

/**
 * turn_state() - how the client is
 * @turn: the client
 *
 * Return: of enum turn_state.
 */
enum turn_state turn_state(const struct turn *turn)
{
	return turn->state;
}

/**
 * turn_reason() - why it failed
 * @turn: the client
 *
 * Return: a sentence, without a full stop; empty if it did not fail.
 */
const char *turn_reason(const struct turn *turn)
{
	return turn->reason;
}

/**
 * turn_relayed() - address at the server
 * @turn: the client
 *
 * Return: the address; its family is 0 unless the client is ready.
 */
const union mpcnet_endpoint *turn_relayed(const struct turn *turn)
{
	return &turn->relayed;
}

/**
 * turn_mapped() - our address, as the server saw it last
 * @turn: the client
 *
 * Return: the address; its family is 0 if it is not known.
 */
const union mpcnet_endpoint *turn_mapped(const struct turn *turn)
{
	return &turn->mapped;
}
