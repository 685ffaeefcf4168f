// SPDX-License-Identifier: GPL-2.0
/* A session's links: its interface, and the paths that the agent chooses for it. */
#include "session.h"

#include <string.h>

#include "log.h"
#include "udp.h"

#define SEC UINT64_C(1000000)
/* One NAT, and two with a router in between */
#define HOPS_LEAST 2
#define HOPS_MOST 4

static void send_check(void *arg, const struct agent_path *path, unsigned int ttl, const void *data,
		       size_t len)
{
	struct session *session = arg;

	if (path->via == AGENT_DIRECT)
		udp_send(session->socket.fd, &path->remote, ttl, data, len);
	else if (relay_ready(&session->relay))
		turn_send(session->relay.turn, loop_now(), &path->remote, data, len);
}

static void use_path(void *arg, unsigned int party, const struct agent_path *path)
{
	struct session *session = arg;
	struct session_link *link = &session->links[party];
	uint16_t channel = 0;
	struct mpcnet_err err;

	if (!path) {
		link->down_since = link->used ? loop_now() : link->down_since;
		link->used = false;
		session_epoch_plan(session);
		session_look(session);
		return;
	}
	if (path->via == AGENT_RELAY) {
		channel = relay_channel(&session->relay, &path->remote);
		if (!channel)
			return;
	}
	if (kernel_use(&session->kernel, session->roster.cards[party].public_key, &path->remote,
		       relay_kernel_address(&session->relay), channel, !link->used, &err))
		log_error("session %s: %s", session->name, err.text);
	else
		link->used = true;
	link->down_since = 0;
	session_look(session);
}

static void bind_peer(void *arg, const union mpcnet_endpoint *peer)
{
	struct session *session = arg;

	if (relay_ready(&session->relay))
		turn_bind(session->relay.turn, loop_now(), peer);
}

static void permit_peer(void *arg, const union mpcnet_endpoint *peer)
{
	struct session *session = arg;

	if (relay_ready(&session->relay))
		turn_permit(session->relay.turn, loop_now(), peer);
}

static void doubt_relay(void *arg)
{
	struct session *session = arg;

	if (relay_ready(&session->relay))
		turn_doubt(session->relay.turn, loop_now());
}

/* Without STUN servers, the others tell what our address is. */
static void seen_by(void *arg, unsigned int party, const union mpcnet_endpoint *mapped)
{
	struct session *session = arg;

	(void)party;
	if (session->ticket.stun_count || session->own.candidates.count >= CANDIDATES_MAX / 2)
		return;
	if (candidates_add(&session->own.candidates, CANDIDATE_REFLEXIVE, mapped))
		session_publish(session);
}

static void link_changed(void *arg, unsigned int party)
{
	struct session *session = arg;

	(void)party;
	session->dirty = session->dirty == LOOP_NEVER ? loop_now() + SEC : session->dirty;
	session_look(session);
}

static const struct agent_ops agent_ops = {
	.send = send_check,
	.use = use_path,
	.bind = bind_peer,
	.permit = permit_peer,
	.doubt = doubt_relay,
	.seen = seen_by,
	.changed = link_changed,
};

static void on_handshake(void *arg, const uint8_t public_key[MPCNET_KEY_LEN])
{
	struct session *session = arg;
	int party = roster_find(&session->roster, public_key);

	if (party < 0)
		return;
	session->links[party].keyed = true;
	session->links[party].verified = true;
	session_look(session);
}

static void on_moved(void *arg, const uint8_t public_key[MPCNET_KEY_LEN],
		     const union mpcnet_endpoint *endpoint, bool relayed)
{
	struct agent_path path = { AGENT_DIRECT, *endpoint };
	struct session *session = arg;
	int party = roster_find(&session->roster, public_key);

	/* To the relay it moves by our own doing only. */
	if (party < 0 || relayed || !session->agent)
		return;
	endpoint_unmap(&path.remote);
	/* The other's handshake was faster than our choice. */
	if (!session->links[party].used)
		use_path(session, (unsigned int)party, &path);
	agent_moved(session->agent, loop_now(), (unsigned int)party, &path);
}

/* Which handshakes were there since the roster is in force? */
static void on_lost(void *arg)
{
	struct session *session = arg;
	struct mpcnet_device device = { 0 };
	struct mpcnet_err err;

	if (mpcnet_device_get(&device, session->kernel.name, &err))
		return;
	for (size_t i = 0; i < device.peer_count; i++) {
		if (device.peers[i].handshake_s &&
		    device.peers[i].handshake_s >= session->epoch.renewed_s)
			on_handshake(session, device.peers[i].public_key);
	}
	mpcnet_device_clear(&device);
}

static void on_deadline(void *arg)
{
	session_fail(arg, "its time is over: the kernel has forgotten its keys");
}

static const struct kernel_ops kernel_ops = { .handshake = on_handshake,
					      .moved = on_moved,
					      .lost = on_lost,
					      .deadline = on_deadline };

/**
 * session_paths_connect() - take up a party, or its later card
 * @session: the session, with an agent
 * @party: its place
 */
void session_paths_connect(struct session *session, unsigned int party)
{
	const struct card *card = &session->roster.cards[party];
	struct agent_peer peer = { .candidates = card->candidates };

	if (!session->agent || party == session->self || !roster_has(&session->roster, party))
		return;
	peer.controlling = memcmp(session->own.public_key, card->public_key, MPCNET_KEY_LEN) < 0;
	if (pair_key(peer.key, &session->ticket, session->private_key, card->public_key))
		agent_add(session->agent, loop_now(), party, &peer);
	else
		log_error("session %s: the key of party %u is none", session->name, party);
	explicit_bzero(peer.key, sizeof(peer.key));
}

static int add_peer(struct session *session, unsigned int party, struct mpcnet_err *err)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];
	uint8_t psk[MPCNET_KEY_LEN];
	int ret;

	if (!roster_psk(psk, &session->roster, session->self, party))
		return mpcnet_err_set(err, "libcrypto cannot compute a key");
	roster_addresses(addresses, &session->ticket, party);
	ret = kernel_add_peer(&session->kernel, session->roster.cards[party].public_key, psk,
			      addresses, ROSTER_ADDRESSES, err);
	explicit_bzero(psk, sizeof(psk));
	return ret;
}

static int make_interface(struct session *session, struct mpcnet_err *err)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];
	struct kernel_link link = {
		.private_key = session->private_key,
		.socket = session->socket.fd,
		.addresses = addresses,
		.address_count = ROSTER_ADDRESSES,
		.expires = session->expires,
	};
	int ret;

	roster_addresses(addresses, &session->ticket, session->self);
	addresses[0].cidr = session->ticket.network_len;
	addresses[1].cidr = 64;
	ret = kernel_create(&session->kernel, &link, err);
	session->have_kernel = !ret;
	for (unsigned int i = 0; !ret && i < session->ticket.parties; i++) {
		if (i != session->self && roster_has(&session->roster, i))
			ret = add_peer(session, i, err);
	}
	return ret;
}

/**
 * session_paths_add() - take up a party that has come later
 * @session: the session, with interface and agent
 * @party: its place
 * @err: says why not
 *
 * Return: 0, or not 0.
 */
int session_paths_add(struct session *session, unsigned int party, struct mpcnet_err *err)
{
	int ret = add_peer(session, party, err);

	if (!ret)
		session_paths_connect(session, party);
	return ret;
}

/**
 * session_paths_renew() - give a link the key of the roster that is in force
 * now, and have it make a handshake with it; what there is carries data meanwhile
 * @session: the session, with interface and agent
 * @party: place of the party
 * @err: says why not
 *
 * Return: 0, or not 0.
 */
int session_paths_renew(struct session *session, unsigned int party, struct mpcnet_err *err)
{
	uint8_t psk[MPCNET_KEY_LEN];
	int ret;

	if (!roster_psk(psk, &session->roster, session->self, party))
		return mpcnet_err_set(err, "libcrypto cannot compute a key");
	session->links[party].verified = false;
	ret = kernel_renew_peer(&session->kernel, session->roster.cards[party].public_key, psk,
				err);
	explicit_bzero(psk, sizeof(psk));
	return ret;
}

/**
 * session_paths_drop() - forget a party that is in no roster any more
 * @session: the session, with interface and agent
 * @party: the place that it had
 * @public_key: its identity
 * @err: says why not
 *
 * Return: 0, or not 0.
 */
int session_paths_drop(struct session *session, unsigned int party,
		       const uint8_t public_key[MPCNET_KEY_LEN], struct mpcnet_err *err)
{
	agent_remove(session->agent, party);
	return kernel_remove_peer(&session->kernel, public_key, err);
}

/**
 * session_paths_set_hops() - say how far the first datagrams of a round get
 * @session: the session, with an agent
 *
 * They must come through our own NATs, of which the nearest STUN server is
 * behind all, and should not get much farther.
 */
void session_paths_set_hops(struct session *session)
{
	unsigned int hops = session->gather.hops;

	if (hops < HOPS_LEAST)
		hops = HOPS_LEAST;
	agent_set_hops(session->agent, hops < HOPS_MOST ? hops : HOPS_MOST);
}

static int make_agent(struct session *session, struct mpcnet_err *err)
{
	struct agent_conf conf = {
		.self = session->self,
		.parties = session->ticket.parties,
		.relays = session->ticket.turn_count,
		.wall = loop_wall() - loop_now(),
	};

	memcpy(conf.roster, session->roster.hash, sizeof(conf.roster));
	session->agent = agent_new(&conf, &agent_ops, session);
	if (!session->agent)
		return mpcnet_err_set(err, "there is no memory for the links");
	session_paths_set_hops(session);
	agent_set_self(session->agent, loop_now(), &session->own.candidates);
	for (unsigned int i = 0; i < session->ticket.parties; i++)
		session_paths_connect(session, i);
	return 0;
}

/**
 * session_paths_open() - make the interface
 * @session: the session, of which the roster is settled
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int session_paths_open(struct session *session, struct mpcnet_err *err)
{
	if (make_interface(session, err) ||
	    kernel_watch(&session->kernel, &kernel_ops, session, err))
		return -1;
	return 0;
}

/**
 * session_paths_start() - begin to look for paths
 * @session: the session, with its interface
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int session_paths_start(struct session *session, struct mpcnet_err *err)
{
	return make_agent(session, err);
}

static void resume_paths(struct session *session, const struct mpcnet_device *device)
{
	for (size_t i = 0; i < device->peer_count; i++) {
		const struct mpcnet_peer *peer = &device->peers[i];
		struct agent_path path = { AGENT_DIRECT, peer->endpoint };
		int party = roster_find(&session->roster, peer->public_key);

		if (party < 0)
			continue;
		session->links[party].keyed = peer->handshake_s;
		session->links[party].verified =
			peer->handshake_s && peer->handshake_s >= session->epoch.renewed_s;
		if (!peer->endpoint.sa.sa_family || peer->relayed)
			continue;
		session->links[party].used = true;
		endpoint_unmap(&path.remote);
		agent_resume(session->agent, loop_now(), (unsigned int)party, &path);
	}
}

/**
 * session_paths_resume() - take up the interface of a helper that has died
 * @session: the session, of which the roster is settled, and the kernel known
 * @err: says why not
 *
 * Return: 0, or not 0.
 */
int session_paths_resume(struct session *session, struct mpcnet_err *err)
{
	struct mpcnet_device device = { 0 };
	int ret = kernel_watch(&session->kernel, &kernel_ops, session, err);

	if (!ret)
		ret = make_agent(session, err);
	if (!ret)
		ret = mpcnet_device_get(&device, session->kernel.name, err);
	if (!ret)
		resume_paths(session, &device);
	mpcnet_device_clear(&device);
	session_look(session);
	return ret;
}
