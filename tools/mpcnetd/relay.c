// SPDX-License-Identifier: GPL-2.0
#include "relay.h"

#include <stdio.h>
#include <string.h>

#define SEC UINT64_C(1000000)
/* A server that is gone may come back: soon at first, then each half minute. */
#define RETRY_FIRST (2 * SEC)
#define RETRY_LAST (30 * SEC)
/* TURN channels of one interface and server begin here. */
#define FIRST_CHANNEL 0x4000

static void on_send(void *arg, const void *data, size_t len)
{
	struct relay *relay = arg;

	relay->ops->send(relay->arg, &relay->server, data, len);
}

static void on_changed(void *arg)
{
	struct relay *relay = arg;

	if (turn_state(relay->turn) == TURN_FAILED) {
		snprintf(relay->reason, sizeof(relay->reason), "%s", turn_reason(relay->turn));
		relay->retry = loop_now() + relay->pause;
		relay->pause = relay->pause * 2 < RETRY_LAST ? relay->pause * 2 : RETRY_LAST;
	} else if (turn_state(relay->turn) == TURN_READY) {
		*relay->reason = 0;
		relay->pause = RETRY_FIRST;
	}
	relay->ops->changed(relay->arg);
}

static void on_bound(void *arg, const union mpcnet_endpoint *peer, uint16_t channel)
{
	struct relay *relay = arg;

	relay->ops->bound(relay->arg, peer, channel);
}

static void on_data(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len)
{
	struct relay *relay = arg;

	relay->ops->data(relay->arg, peer, data, len);
}

static const struct turn_ops turn_ops = { .send = on_send,
					  .changed = on_changed,
					  .bound = on_bound,
					  .data = on_data };

/**
 * relay_init() - begin without a relay
 * @relay: gets it
 * @ops: what it asks of its owner
 * @arg: handed to @ops
 */
void relay_init(struct relay *relay, const struct relay_ops *ops, void *arg)
{
	memset(relay, 0, sizeof(*relay));
	relay->ops = ops;
	relay->arg = arg;
	relay->retry = LOOP_NEVER;
	relay->pause = RETRY_FIRST;
}

static bool make(struct relay *relay)
{
	struct turn_conf conf = {
		.username = relay->username,
		.password = relay->password,
		.family = relay->server.sa.sa_family,
		.first_channel = FIRST_CHANNEL,
	};

	turn_free(relay->turn);
	relay->turn = turn_new(&conf, &turn_ops, relay);
	relay->retry = LOOP_NEVER;
	return relay->turn;
}

/**
 * relay_start() - ask a server for an allocation
 * @relay: the relay
 * @now: the time
 * @server: its address
 * @username: user there
 * @password: secret
 *
 * Return: false if there is no memory.
 */
bool relay_start(struct relay *relay, uint64_t now, const union mpcnet_endpoint *server,
		 const char *username, const char *password)
{
	relay->server = *server;
	snprintf(relay->username, sizeof(relay->username), "%s", username);
	snprintf(relay->password, sizeof(relay->password), "%s", password);
	if (!make(relay))
		return false;
	turn_start(relay->turn, now);
	return true;
}

/**
 * relay_resume() - go on with the allocation of a helper that has died
 * @relay: a relay that was started with the same server, and not answered yet
 * @now: the time
 * @data: what turn_save() wrote
 * @len: its length
 *
 * Return: false if it cannot be used.
 */
bool relay_resume(struct relay *relay, uint64_t now, const uint8_t *data, size_t len)
{
	return make(relay) && turn_load(relay->turn, now, data, len);
}

/**
 * relay_restart() - ask for another allocation, as the network is another
 * @relay: the relay
 * @now: the time
 */
void relay_restart(struct relay *relay, uint64_t now)
{
	if (!relay->turn || !make(relay))
		return;
	relay->ops->changed(relay->arg);
	turn_start(relay->turn, now);
}

/**
 * relay_stop() - give the allocation back
 * @relay: the relay
 * @now: the time
 */
void relay_stop(struct relay *relay, uint64_t now)
{
	if (!relay->turn)
		return;
	turn_stop(relay->turn, now);
	turn_free(relay->turn);
	relay->turn = NULL;
	explicit_bzero(relay->password, sizeof(relay->password));
}

/**
 * relay_tick() - do what its time has come for
 * @relay: the relay
 * @now: the time
 */
void relay_tick(struct relay *relay, uint64_t now)
{
	if (!relay->turn)
		return;
	if (now >= relay->retry) {
		if (make(relay))
			turn_start(relay->turn, now);
		return;
	}
	turn_tick(relay->turn, now);
}

/**
 * relay_deadline() - when is relay_tick() to be called?
 * @relay: the relay
 *
 * Return: the time, LOOP_NEVER for never.
 */
uint64_t relay_deadline(const struct relay *relay)
{
	uint64_t next = relay->turn ? turn_deadline(relay->turn) : LOOP_NEVER;

	return relay->retry < next ? relay->retry : next;
}

/**
 * relay_input() - a datagram came
 * @relay: the relay
 * @now: the time
 * @from: where from
 * @data: the datagram
 * @len: its length
 *
 * Return: true if it was the server's.
 */
bool relay_input(struct relay *relay, uint64_t now, const union mpcnet_endpoint *from,
		 const void *data, size_t len)
{
	return relay->turn && mpcnet_endpoint_equal(from, &relay->server) &&
	       turn_input(relay->turn, now, data, len);
}

/**
 * relay_ready() - is there an allocation?
 * @relay: the relay
 *
 * Return: true if there is.
 */
bool relay_ready(const struct relay *relay)
{
	return relay->turn && turn_state(relay->turn) == TURN_READY;
}
