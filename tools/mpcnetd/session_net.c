// SPDX-License-Identifier: GPL-2.0
/*
 * A session's side to the network: what comes in by its socket, where it goes,
 * and our own candidates.
 *
 *	kernel ── data ──► (never seen here)
 *	socket ──► relay.c		from the relay: its answers, and
 *	   │          └──► agent	checks of others by way of it
 *	   ├─────► gather		answers of STUN servers
 *	   └─────► agent		checks of others
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"
#include "udp.h"

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
/* What answers later makes a later card. */
#define GATHER_TIME (4 * SEC)
/* After the ticket has expired, or the session has failed */
#define FORGET_TIME (5 * SEC)
/* Changes of the network come in bursts. */
#define NETWORK_PAUSE (300 * MSEC)
/* One turn of the loop takes no more datagrams, so that time goes on. */
#define DATAGRAMS_AT_ONCE 64

static void take_datagram(struct session *session, const union mpcnet_endpoint *from,
			  unsigned int ttl, const uint8_t *data, size_t len)
{
	struct agent_path path = { AGENT_DIRECT, *from };
	uint64_t now = loop_now();

	if (relay_input(&session->relay, now, from, data, len) ||
	    gather_input(&session->gather, now, from, ttl, data, len))
		return;
	if (session->agent)
		agent_input(session->agent, now, &path, data, len);
}

static void on_socket(void *arg, uint32_t events)
{
	struct session *session = arg;
	union mpcnet_endpoint from;
	uint8_t data[UDP_ROOM];
	unsigned int ttl;
	ssize_t len;

	(void)events;
	for (unsigned int i = 0; i < DATAGRAMS_AT_ONCE && session->socket.fd >= 0; i++) {
		len = udp_receive(session->socket.fd, data, sizeof(data), &from, &ttl);
		if (len == -EAGAIN)
			return;
		if (len > 0)
			take_datagram(session, &from, ttl, data, (size_t)len);
	}
}

static void send_to_server(void *arg, const union mpcnet_endpoint *server, const void *data,
			   size_t len)
{
	struct session *session = arg;

	udp_send(session->socket.fd, server, 0, data, len);
}

static void on_gathered(void *arg)
{
	session_net_update(arg);
}

static const struct gather_ops gather_ops = { .send = send_to_server, .changed = on_gathered };

/* A server of a family that this machine does not have, is none. */
static bool have_family(sa_family_t family)
{
	struct candidates hosts = { 0 };

	hosts_candidates(&hosts, 1);
	for (unsigned int i = 0; i < hosts.count; i++) {
		if (hosts.at[i].address.sa.sa_family == family)
			return true;
	}
	return false;
}

/* Servers are numbered as the resolver was told: STUN, then TURN. */
static void on_resolved(void *arg, unsigned int which, const union mpcnet_endpoint *address)
{
	struct session *session = arg;

	if (!have_family(address->sa.sa_family))
		return;
	if (which < session->ticket.stun_count) {
		gather_add_server(&session->gather, loop_now(), address);
		return;
	}
	session_relay_found(session, which - session->ticket.stun_count, address);
}

/* What does our card wait for? NULL if for nothing. */
static const char *waits_for(struct session *session, char *text, size_t room)
{
	const char *missing = resolver_missing(&session->resolver);

	if (!hosts_have_network())
		return "a network: this machine has no address yet";
	if (session->publish_by == LOOP_NEVER)
		return NULL;
	if (missing) {
		snprintf(text, room, "the address of %.80s", missing);
		return text;
	}
	if (!session->gather.done)
		return "the STUN servers";
	if (session->ticket.turn_count && !relay_decided(&session->relay))
		return "the relay";
	return NULL;
}

/**
 * session_net_card_waits() - what does a card wait for that is carried by hand?
 * @session: the session
 *
 * What a router maps, which may take it a second, comes with a later card else.
 *
 * Return: it, or NULL if the card may be taken.
 */
const char *session_net_card_waits(const struct session *session)
{
	if (!session->have_card)
		return session->waits;
	return mapper_decided(&session->mapper, loop_now()) ? NULL : "the router";
}

static void collect(struct session *session, struct candidates *c)
{
	struct candidates hosts = { 0 };

	memset(c, 0, sizeof(*c));
	hosts_candidates(&hosts, udp_port(session->socket.fd));
	*c = hosts;
	mapper_candidates(&session->mapper, c);
	gather_candidates(&session->gather, c);
	c->mapping = gather_mapping(&session->gather, &hosts);
	c->udp_blocked = gather_silent(&session->gather) && !relay_ready_by_udp(&session->relay);
	if (relay_ready_by_udp(&session->relay))
		candidates_add(c, CANDIDATE_REFLEXIVE, turn_mapped(session->relay.turn));
	if (relay_ready(&session->relay))
		candidates_add(c, CANDIDATE_RELAYED, turn_relayed(session->relay.turn));
}

static bool same_candidates(const struct candidates *a, const struct candidates *b)
{
	return a->mapping == b->mapping && a->udp_blocked == b->udp_blocked &&
	       a->count == b->count && !memcmp(a->at, b->at, a->count * sizeof(a->at[0]));
}

/**
 * session_net_update() - something of our candidates may be new
 * @session: the session
 *
 * The agent is told, and the others by a card.
 */
void session_net_update(struct session *session)
{
	const char *waits = waits_for(session, session->waits, sizeof(session->waits));
	struct candidates c;

	if (waits && waits != session->waits)
		snprintf(session->waits, sizeof(session->waits), "%s", waits);
	if (waits || session->state == SESSION_FAILED)
		return;
	collect(session, &c);
	if (session->have_card && same_candidates(&c, &session->own.candidates))
		return;
	session->own.candidates = c;
	if (session->agent) {
		session_paths_set_hops(session);
		agent_set_self(session->agent, loop_now(), &c);
	}
	session_publish(session);
}

static void on_network(void *arg)
{
	struct session *session = arg;

	session->network_changed = loop_now() + NETWORK_PAUSE;
}

/* Other addresses mean another NAT: all that was found out counts no more. */
static void look_at_network(struct session *session, uint64_t now)
{
	struct candidates hosts = { 0 };

	session->network_changed = LOOP_NEVER;
	hosts_candidates(&hosts, udp_port(session->socket.fd));
	if (session->have_kernel && !kernel_is_there(&session->kernel))
		session_fail(session, "somebody has removed its interface");
	if (same_candidates(&session->looked_at, &hosts))
		return;
	session->looked_at = hosts;
	log_info("session %s: the network has changed", session->name);
	session->publish_by = now + GATHER_TIME;
	gather_restart(&session->gather, now);
	resolver_restart(&session->resolver, now);
	session_relay_restart(session, now);
	mapper_stop(&session->mapper);
	mapper_start(&session->mapper, udp_port(session->socket.fd), now);
	if (session->agent)
		agent_network_changed(session->agent, now);
	session_net_update(session);
}

static uint64_t first_of(const struct session *session)
{
	uint64_t times[] = {
		session_board_deadline(session),
		gather_deadline(&session->gather),
		session_relay_deadline(session),
		session->resolver.again,
		session->agent ? agent_deadline(session->agent) : LOOP_NEVER,
		session->publish_by,
		session->expires,
		session->mapper.patience,
		session->network_changed,
		session->dirty,
	};
	uint64_t first = LOOP_NEVER;

	for (unsigned int i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		first = times[i] < first ? times[i] : first;
	return first;
}

static uint64_t deadline(void *arg)
{
	const struct session *session = arg;

	return session->state == SESSION_FAILED ? session->forget_at : first_of(session);
}

/* Who asks is told why, as long as the ticket is good, and a while behind it. */
static void end_or_forget(struct session *session, uint64_t now)
{
	if (session->forget_at) {
		session_leave(session);
		return;
	}
	session_end(session);
	session->forget_at = now + FORGET_TIME;
	if (session->forget_at < session->expires)
		session->forget_at = session->expires;
	loop_add_timer(&session->timer);
}

static void due(void *arg, uint64_t now)
{
	struct session *session = arg;

	if (session->state == SESSION_FAILED) {
		end_or_forget(session, now);
		return;
	}
	if (now >= session->expires)
		session_fail(session, "its time is over");
	session_board_tick(session, now);
	gather_tick(&session->gather, now);
	session_relay_tick(session, now);
	resolver_tick(&session->resolver, now);
	if (session->agent)
		agent_tick(session->agent, now);
	if (now >= session->publish_by || now >= session->mapper.patience) {
		session->mapper.patience = LOOP_NEVER;
		if (now >= session->publish_by)
			session->publish_by = LOOP_NEVER;
		session_net_update(session);
	}
	if (now >= session->network_changed)
		look_at_network(session, now);
	if (now >= session->dirty)
		session_save(session);
}

static int add_server(struct session *session, const struct mpcnet_host *host,
		      struct mpcnet_err *err)
{
	if (resolver_add(&session->resolver, host) < 0)
		return mpcnet_err_set(err, "the ticket names too many servers");
	return 0;
}

static int add_servers(struct session *session, struct mpcnet_err *err)
{
	const struct ticket *ticket = &session->ticket;
	struct mpcnet_host host;
	struct ticket_turn turn;
	int ret = 0;

	for (unsigned int i = 0; !ret && i < ticket->stun_count; i++) {
		ret = ticket_stun_parse(&host, ticket->stun[i], err);
		if (!ret)
			ret = add_server(session, &host, err);
	}
	for (unsigned int i = 0; !ret && i < ticket->turn_count; i++) {
		ret = ticket_turn_parse(&turn, ticket->turn[i], err);
		if (!ret)
			ret = add_server(session, &turn.host, err);
		explicit_bzero(turn.password, sizeof(turn.password));
	}
	return ret;
}

static int check_module(struct mpcnet_err *err)
{
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open_genl(&nl, err);

	if (!ret)
		mpcnet_nl_close(&nl);
	return ret;
}

/**
 * session_net_open() - find out where we are reached
 * @session: the session
 * @socket: its UDP socket, of a helper that has died; -1: a new one
 * @err: says why not
 *
 * Return: 0, or not 0; session_net_close() ends it in both cases.
 */
int session_net_open(struct session *session, int socket, struct mpcnet_err *err)
{
	int ret = check_module(err);

	if (ret)
		return ret;
	resolver_init(&session->resolver, on_resolved, session);
	gather_init(&session->gather, &gather_ops, session);
	mapper_init(&session->mapper, on_gathered, session);
	session->socket = (struct loop_fd){ .fd = socket < 0 ? udp_open(0, err) : socket,
					    .ready = on_socket,
					    .arg = session };
	if (session->socket.fd < 0 || (socket >= 0 && udp_prepare(socket, err)) ||
	    loop_watch(&session->socket, EPOLLIN, err) ||
	    hosts_watch(&session->hosts, on_network, session, err) || add_servers(session, err) ||
	    session_board_open(session, err))
		return -1;
	session_relay_open(session);
	session->publish_by = loop_now() + GATHER_TIME;
	session->expires = loop_now() + session->ticket.expires * SEC - loop_wall();
	hosts_candidates(&session->looked_at, udp_port(session->socket.fd));
	session->timer = (struct loop_timer){ .deadline = deadline, .due = due, .arg = session };
	loop_add_timer(&session->timer);
	resolver_start(&session->resolver, loop_now());
	mapper_start(&session->mapper, udp_port(session->socket.fd), loop_now());
	session_net_update(session);
	return 0;
}

/**
 * session_net_close() - let go of all; the interface stays as it is
 * @session: the session
 */
void session_net_close(struct session *session)
{
	loop_remove_timer(&session->timer);
	resolver_close(&session->resolver);
	mapper_abandon(&session->mapper);
	relay_close(&session->relay);
	hosts_close(&session->hosts);
	kernel_close(&session->kernel);
	loop_forget(&session->socket);
	agent_free(session->agent);
	session->agent = NULL;
}

/**
 * session_net_end() - give back what we have of relay and router, and close
 * @session: the session
 */
void session_net_end(struct session *session)
{
	relay_stop(&session->relay, loop_now());
	mapper_stop(&session->mapper);
	session_net_close(session);
}
