// SPDX-License-Identifier: GPL-2.0
/*
 * A session's relay: which of the ticket's TURN servers is used. Those over UDP
 * come first; those over TLS are for parties whose UDP is blocked, or when no
 * other works.
 */
#include "session.h"

#include <string.h>

#include "log.h"
#include "udp.h"

#define SEC UINT64_C(1000000)
/* What has not answered by then, does not by UDP. */
#define UDP_TIME (3 * SEC)
/* Our card waits so long for a relay over TLS, which is given up before. */
#define TLS_TIME (10 * SEC)

static void send_to_server(void *arg, const union mpcnet_endpoint *server, const void *data,
			   size_t len)
{
	struct session *session = arg;

	udp_send(session->socket.fd, server, 0, data, len);
}

static void on_changed(void *arg)
{
	struct session *session = arg;

	if (session->agent && !relay_ready(&session->relay))
		agent_relay_lost(session->agent, loop_now());
	if (*session->relay.reason)
		log_error("session %s: %s", session->name, session->relay.reason);
	session->dirty = loop_now();
	session_net_update(session);
}

static void on_bound(void *arg, const union mpcnet_endpoint *peer, bool ok)
{
	struct session *session = arg;

	session->dirty = loop_now();
	if (session->agent)
		agent_bound(session->agent, loop_now(), peer, ok);
}

static void on_data(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len)
{
	struct agent_path path = { AGENT_RELAY, *peer };
	struct session *session = arg;

	if (session->agent)
		agent_input(session->agent, loop_now(), &path, data, len);
}

static const struct relay_ops relay_ops = { .send = send_to_server,
					    .changed = on_changed,
					    .bound = on_bound,
					    .data = on_data };

static bool only_tls(const struct session *session)
{
	bool tls = session->ticket.turn_count;

	for (unsigned int i = 0; i < session->ticket.turn_count; i++)
		tls &= !strncmp(session->ticket.turn[i], "turns:", strlen("turns:"));
	return tls;
}

/**
 * session_relay_open() - begin without a relay
 * @session: the session, whose socket is open
 */
void session_relay_open(struct session *session)
{
	relay_init(&session->relay, &relay_ops, session);
	session->relay.port = udp_port(session->socket.fd);
	session_relay_restart(session, loop_now());
}

/**
 * session_relay_restart() - the network is another
 * @session: the session
 * @now: the time
 */
void session_relay_restart(struct session *session, uint64_t now)
{
	session->udp_by = session->ticket.turn_count ? now + UDP_TIME : LOOP_NEVER;
	relay_restart(&session->relay, now);
	if (only_tls(session))
		relay_prefer_tls(&session->relay, now);
}

/**
 * session_relay_found() - the address of a TURN server is known
 * @session: the session
 * @url: the server's place in the ticket
 * @address: the address
 */
void session_relay_found(struct session *session, unsigned int url,
			 const union mpcnet_endpoint *address)
{
	struct relay_server server = { .url = url, .address = *address };
	struct mpcnet_err err;

	if (!ticket_turn_parse(&server.turn, session->ticket.turn[url], &err))
		relay_add(&session->relay, loop_now(), &server);
	explicit_bzero(&server, sizeof(server));
}

static bool stun_answers(const struct session *session)
{
	struct candidates c = { 0 };

	gather_candidates(&session->gather, &c);
	return c.count;
}

/**
 * session_relay_tick() - do what its time has come for
 * @session: the session
 * @now: the time
 */
void session_relay_tick(struct session *session, uint64_t now)
{
	relay_tick(&session->relay, now);
	if (now < session->udp_by)
		return;
	session->udp_by = LOOP_NEVER;
	if (relay_ready(&session->relay) || (session->relay.started && stun_answers(session)))
		return;
	relay_prefer_tls(&session->relay, now);
	if (session->relay.tls && session->publish_by != LOOP_NEVER)
		session->publish_by = now + TLS_TIME;
}

/**
 * session_relay_deadline() - when is session_relay_tick() to be called?
 * @session: the session
 *
 * Return: the time, LOOP_NEVER for never.
 */
uint64_t session_relay_deadline(const struct session *session)
{
	uint64_t next = relay_deadline(&session->relay);

	return session->udp_by < next ? session->udp_by : next;
}
