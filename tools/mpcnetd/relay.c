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
#define CHANNEL_BLOCKS ((0x5000 - FIRST_CHANNEL) / TURN_PEERS_MAX)

static void failed(struct relay *relay)
{
	relay->failures++;
	relay->retry = loop_now() + relay->pause;
	relay->pause = relay->pause * 2 < RETRY_LAST ? relay->pause * 2 : RETRY_LAST;
	relay->ops->changed(relay->arg);
}

static void on_send(void *arg, const void *data, size_t len)
{
	struct relay *relay = arg;

	if (relay->tls)
		relay_tls_send(relay->tls, data, len);
	else
		relay->ops->send(relay->arg, &relay_server(relay)->address, data, len);
}

static void on_changed(void *arg)
{
	struct relay *relay = arg;
	const struct mpcnet_host *host = &relay_server(relay)->turn.host;

	if (turn_state(relay->turn) == TURN_FAILED) {
		snprintf(relay->reason, sizeof(relay->reason), "%s:%s: %s", host->name, host->port,
			 turn_reason(relay->turn));
		failed(relay);
		return;
	}
	if (turn_state(relay->turn) == TURN_READY) {
		*relay->reason = 0;
		relay->worked = true;
		relay->failures = 0;
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

static void on_tls_open(void *arg)
{
	struct relay *relay = arg;

	turn_start(relay->turn, loop_now());
}

static void on_tls_frame(void *arg, const uint8_t *data, size_t len)
{
	struct relay *relay = arg;

	turn_input(relay->turn, loop_now(), data, len);
}

/* The server ends the allocation with the connection, RFC 8656 section 7.1. */
static void on_tls_failed(void *arg, const char *reason)
{
	struct relay *relay = arg;

	snprintf(relay->reason, sizeof(relay->reason), "%s", reason);
	relay_close(relay);
	failed(relay);
}

static const struct relay_tls_ops tls_ops = { .opened = on_tls_open,
					      .frame = on_tls_frame,
					      .failed = on_tls_failed };

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
	relay->block = (unsigned int)loop_now();
}

/* A client of server number @at, which has sent nothing yet */
static bool make(struct relay *relay, unsigned int at)
{
	const struct relay_server *server = &relay->servers[at];
	struct turn_conf conf = {
		.username = server->turn.user,
		.password = server->turn.password,
		/* What most parties can reach, whatever the way to the server */
		.family = AF_INET,
		.reliable = server->turn.tls,
		/* The kernel knows the last client's numbers yet. */
		.first_channel = (uint16_t)(FIRST_CHANNEL +
					    relay->block++ % CHANNEL_BLOCKS * TURN_PEERS_MAX),
	};

	relay_close(relay);
	relay->at = at;
	relay->started = true;
	relay->turn = turn_new(&conf, &turn_ops, relay);
	return relay->turn;
}

static void begin(struct relay *relay, uint64_t now, unsigned int at)
{
	const struct relay_server *server = &relay->servers[at];
	struct mpcnet_err err = { "there is no memory for a relay" };

	if (make(relay, at) && !server->turn.tls) {
		turn_start(relay->turn, now);
		return;
	}
	if (relay->turn)
		relay->tls = relay_tls_open(&server->address, &server->turn.host, relay->port,
					    &tls_ops, relay, &err);
	if (relay->tls)
		return;
	snprintf(relay->reason, sizeof(relay->reason), "%s", err.text);
	relay_close(relay);
	failed(relay);
}

/* The first from @at on that may be used */
static unsigned int choose(const struct relay *relay, unsigned int at)
{
	for (unsigned int i = 0; relay->prefer_tls && i < relay->count; i++) {
		if (relay->servers[(at + i) % relay->count].turn.tls)
			return (at + i) % relay->count;
	}
	return at % relay->count;
}

static bool goes_before(const struct relay_server *a, const struct relay_server *b)
{
	return a->turn.tls == b->turn.tls ? a->url < b->url : b->turn.tls;
}

/* Return: its place, -1 if there is no room. */
static int insert(struct relay *relay, const struct relay_server *server)
{
	unsigned int at = relay->count;

	for (unsigned int i = 0; i < relay->count; i++) {
		if (relay->servers[i].url == server->url &&
		    mpcnet_endpoint_equal(&relay->servers[i].address, &server->address))
			return (int)i;
	}
	if (relay->count == RELAY_SERVERS_MAX)
		return -1;
	for (; at && goes_before(server, &relay->servers[at - 1]); at--)
		relay->servers[at] = relay->servers[at - 1];
	relay->servers[at] = *server;
	relay->count++;
	if (relay->started && relay->at >= at)
		relay->at++;
	return (int)at;
}

/**
 * relay_add() - a server is found; the first that may be used is asked at once
 * @relay: the relay
 * @now: the time
 * @server: the server
 */
void relay_add(struct relay *relay, uint64_t now, const struct relay_server *server)
{
	int at = insert(relay, server);

	if (at < 0 || (server->turn.tls && !relay->prefer_tls))
		return;
	if (!relay->started)
		begin(relay, now, (unsigned int)at);
	else if (server->turn.tls)
		relay_prefer_tls(relay, now);
}

/**
 * relay_resume() - go on with the allocation of a helper that has died
 * @relay: a relay without servers
 * @now: the time
 * @server: its server, over UDP
 * @data: what turn_save() wrote; if it cannot be used, a new one is asked for
 * @len: its length
 */
void relay_resume(struct relay *relay, uint64_t now, const struct relay_server *server,
		  const uint8_t *data, size_t len)
{
	int at = insert(relay, server);

	if (at >= 0 && !(make(relay, (unsigned int)at) && turn_load(relay->turn, now, data, len)))
		begin(relay, now, (unsigned int)at);
}

/* Where our address is the same, the server gives no second one beside it. */
static void end_allocation(struct relay *relay, uint64_t now)
{
	if (!relay->turn)
		return;
	turn_stop(relay->turn, now);
	/* Nobody waits for the answer: once more at once, against loss */
	if (turn_deadline(relay->turn) != LOOP_NEVER)
		turn_tick(relay->turn, turn_deadline(relay->turn));
}

/**
 * relay_restart() - ask for another allocation, as the network is another
 * @relay: the relay
 * @now: the time
 */
void relay_restart(struct relay *relay, uint64_t now)
{
	if (!relay->started)
		return;
	relay->prefer_tls = false;
	relay->failures = 0;
	relay->pause = RETRY_FIRST;
	end_allocation(relay, now);
	relay_close(relay);
	relay->ops->changed(relay->arg);
	begin(relay, now, choose(relay, 0));
}

/**
 * relay_prefer_tls() - UDP gets nowhere: use a server over TLS, if there is one
 * @relay: the relay; one that is ready stays
 * @now: the time
 */
void relay_prefer_tls(struct relay *relay, uint64_t now)
{
	unsigned int at;

	relay->prefer_tls = true;
	if (!relay->count || relay_ready(relay))
		return;
	at = choose(relay, 0);
	if (relay->servers[at].turn.tls && !(relay->started && relay_server(relay)->turn.tls))
		begin(relay, now, at);
}

/**
 * relay_stop() - give the allocation back
 * @relay: the relay
 * @now: the time
 */
void relay_stop(struct relay *relay, uint64_t now)
{
	end_allocation(relay, now);
	relay_close(relay);
	explicit_bzero(relay->servers, sizeof(relay->servers));
	relay->count = 0;
	relay->started = false;
}

/**
 * relay_close() - let go of the server; over UDP the allocation lives on there
 * @relay: the relay
 */
void relay_close(struct relay *relay)
{
	relay->retry = LOOP_NEVER;
	relay_tls_close(relay->tls);
	relay->tls = NULL;
	turn_free(relay->turn);
	relay->turn = NULL;
}

/* Behind one that worked, all begins anew. */
static unsigned int after_failure(struct relay *relay)
{
	bool worked = relay->worked;

	relay->worked = false;
	return choose(relay, worked ? 0 : relay->at + 1);
}

/**
 * relay_tick() - do what its time has come for
 * @relay: the relay
 * @now: the time
 */
void relay_tick(struct relay *relay, uint64_t now)
{
	if (now >= relay->retry) {
		begin(relay, now, after_failure(relay));
		return;
	}
	if (relay->turn)
		turn_tick(relay->turn, now);
	if (relay->tls)
		relay_tls_tick(relay->tls, now);
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
	uint64_t tls = relay->tls ? relay_tls_deadline(relay->tls) : LOOP_NEVER;

	if (tls < next)
		next = tls;
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
	return relay->turn && !relay->tls &&
	       mpcnet_endpoint_equal(from, &relay_server(relay)->address) &&
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

/**
 * relay_ready_by_udp() - is there an allocation, and does UDP work?
 * @relay: the relay
 *
 * Return: true if so.
 */
bool relay_ready_by_udp(const struct relay *relay)
{
	return relay_ready(relay) && !relay->tls;
}

/**
 * relay_decided() - has it come to an end, this way or that?
 * @relay: the relay
 *
 * Return: true if there is an allocation, or if every server was asked.
 */
bool relay_decided(const struct relay *relay)
{
	return relay_ready(relay) || (relay->count && relay->failures >= relay->count);
}

/**
 * relay_server() - the server that is used, or tried
 * @relay: a relay that has one
 *
 * Return: the server.
 */
const struct relay_server *relay_server(const struct relay *relay)
{
	return &relay->servers[relay->at];
}

/**
 * relay_channel() - the channel of a peer
 * @relay: the relay
 * @peer: the peer
 *
 * Return: its number, 0 if there is none.
 */
uint16_t relay_channel(const struct relay *relay, const union mpcnet_endpoint *peer)
{
	return relay_ready(relay) ? turn_channel(relay->turn, peer) : 0;
}

/**
 * relay_kernel_address() - where the kernel is to send ChannelData
 * @relay: a relay that is ready
 *
 * Return: the server's address; over TLS the one of our end, on 127.0.0.1.
 */
const union mpcnet_endpoint *relay_kernel_address(const struct relay *relay)
{
	return relay->tls ? relay_tls_address(relay->tls) : &relay_server(relay)->address;
}
