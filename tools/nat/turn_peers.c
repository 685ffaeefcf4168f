// SPDX-License-Identifier: GPL-2.0
/*
 * Permissions (RFC 8656 section 9), one a host, and channels (section 12), one
 * a peer. Both are asked for at the next tick, permissions together, and
 * renewed before they end.
 */
#include "turn_client.h"

#include "candidate.h"

/* Can the server relay to this peer? A scope means nothing to it. */
static bool peer_fits(const struct turn *turn, const union mpcnet_endpoint *peer)
{
	return peer->sa.sa_family == turn->family && turn->state != TURN_FAILED &&
	       turn->state != TURN_CLOSED && (turn->family == AF_INET || !peer->in6.sin6_scope_id);
}

/**
 * turn_host_find() - the permission of a peer's host
 * @turn: the client
 * @peer: the peer, whatever its port
 *
 * Return: NULL if it was never asked for.
 */
struct turn_host *turn_host_find(struct turn *turn, const union mpcnet_endpoint *peer)
{
	for (unsigned int i = 0; i < turn->host_count; i++) {
		if (endpoint_same_host(&turn->hosts[i].address, peer))
			return &turn->hosts[i];
	}
	return NULL;
}

/**
 * turn_host_add() - want a permission for a peer's host
 * @turn: the client
 * @now: the time
 * @peer: the peer, whatever its port
 *
 * Return: the permission, maybe one that was there; NULL if the table is full
 * or the server cannot relay there.
 */
struct turn_host *turn_host_add(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer)
{
	struct turn_host *host = turn_host_find(turn, peer);

	if (host || turn->host_count == TURN_PEERS_MAX || !peer_fits(turn, peer))
		return host;
	host = &turn->hosts[turn->host_count++];
	*host = (struct turn_host){ .address = *peer, .due = now };
	/* The port is at the same place for both families. */
	host->address.in.sin_port = 0;
	return host;
}

/**
 * turn_permit() - let datagrams of a peer's host pass
 * @turn: the client, ready or on its way there
 * @now: the time
 * @peer: the peer, whatever its port
 *
 * The request goes out at the next turn_tick(), which is due now, together with
 * the others. Nothing happens if the table is full or the server refused it.
 */
void turn_permit(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer)
{
	turn_host_add(turn, now, peer);
}

/**
 * turn_channel_find() - the channel of a peer, bound or not
 * @turn: the client
 * @peer: the peer
 *
 * Return: NULL if it has no number.
 */
struct turn_channel *turn_channel_find(const struct turn *turn, const union mpcnet_endpoint *peer)
{
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		if (mpcnet_endpoint_equal(&turn->channels[i].peer, peer))
			return (struct turn_channel *)&turn->channels[i];
	}
	return NULL;
}

/**
 * turn_channel() - number of the channel that is bound to a peer
 * @turn: the client
 * @peer: the peer
 *
 * Return: the number, 0 for none.
 */
uint16_t turn_channel(const struct turn *turn, const union mpcnet_endpoint *peer)
{
	const struct turn_channel *channel = turn_channel_find(turn, peer);

	return channel && channel->until ? channel->number : 0;
}

static struct turn_channel *channel_add(struct turn *turn, const union mpcnet_endpoint *peer)
{
	struct turn_channel *channel = turn_channel_find(turn, peer);

	if (channel || turn->channel_count == TURN_PEERS_MAX ||
	    turn->next_channel > TURN_CHANNEL_LAST)
		return channel;
	channel = &turn->channels[turn->channel_count++];
	*channel = (struct turn_channel){ .peer = *peer, .number = turn->next_channel++ };
	channel->due = TURN_NEVER;
	return channel;
}

/**
 * turn_bind() - want a channel to a peer
 * @turn: the client, ready or on its way there
 * @now: the time
 * @peer: the peer
 *
 * The request goes out at the next turn_tick(), which is due now. The answer is
 * ops->bound(), before this returns if it is known already. The peer's host
 * gets a permission too, because that ends earlier than the channel.
 */
void turn_bind(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer)
{
	struct turn_channel *channel = NULL;

	/* The port is at the same place for both families. */
	if (peer_fits(turn, peer) && peer->in.sin_port && turn_host_add(turn, now, peer))
		channel = channel_add(turn, peer);
	if (!channel)
		turn->ops.bound(turn->arg, peer, 0);
	else if (channel->until)
		turn->ops.bound(turn->arg, peer, channel->number);
	else if (!channel->asked)
		channel->due = now;
}

static void extend(struct turn_host *host, uint64_t now)
{
	host->refused = false;
	host->until = now + TURN_PERMISSION_LIFETIME;
	host->due = host->until - TURN_MARGIN;
}

/**
 * turn_permitted() - CreatePermission was answered
 * @turn: the client
 * @now: the time
 * @task: which hosts it was for
 * @ok: they may pass
 *
 * One host that is not allowed has all of a request refused, RFC 8656 section
 * 10.2: then each is asked for alone.
 */
void turn_permitted(struct turn *turn, uint64_t now, const struct turn_task *task, bool ok)
{
	for (unsigned int i = 0; i < task->count; i++) {
		struct turn_host *host = &turn->hosts[task->at[i]];

		host->asked = false;
		if (ok) {
			extend(host, now);
		} else if (task->count > 1) {
			host->alone = true;
			host->due = now;
		} else {
			host->refused = true;
			host->until = 0;
		}
	}
}

/* A channel that is bound no more, or never was; its number stays its own. */
static void unbind(struct turn *turn, struct turn_channel *channel)
{
	channel->until = 0;
	channel->due = TURN_NEVER;
	turn->ops.bound(turn->arg, &channel->peer, 0);
}

/**
 * turn_bound() - ChannelBind was answered
 * @turn: the client
 * @now: the time
 * @task: which channel it was for
 * @ok: it is bound
 */
void turn_bound(struct turn *turn, uint64_t now, const struct turn_task *task, bool ok)
{
	struct turn_channel *channel = &turn->channels[task->at[0]];
	bool before = channel->until != 0;
	struct turn_host *host;

	channel->asked = false;
	if (!ok) {
		unbind(turn, channel);
		return;
	}
	channel->until = now + TURN_CHANNEL_LIFETIME;
	channel->due = channel->until - TURN_MARGIN;
	/* The host may pass, too. A permission that was there keeps its turn with
	 * the others.
	 */
	host = turn_host_find(turn, &channel->peer);
	if (host && !host->asked && host->until <= now)
		extend(host, now);
	if (!before)
		turn->ops.bound(turn->arg, &channel->peer, channel->number);
}

/**
 * turn_peers_lost() - CreatePermission or ChannelBind was not answered
 * @turn: the client
 * @now: the time
 * @task: what for
 *
 * What there was is asked for again.
 */
void turn_peers_lost(struct turn *turn, uint64_t now, const struct turn_task *task)
{
	struct turn_channel *channel = &turn->channels[task->at[0]];

	turn_doubt(turn, now);
	if (task->method == STUN_CHANNEL_BIND) {
		channel->asked = false;
		channel->due = now;
		if (!channel->until)
			unbind(turn, channel);
		return;
	}
	for (unsigned int i = 0; i < task->count; i++) {
		turn->hosts[task->at[i]].asked = false;
		turn->hosts[task->at[i]].due = now;
	}
}

/**
 * turn_peers_forget() - the allocation is gone, and all of it
 * @turn: the client; only the numbers of channels stay taken
 */
void turn_peers_forget(struct turn *turn)
{
	turn->host_count = 0;
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		turn->channels[i].until = 0;
		turn->channels[i].due = TURN_NEVER;
		turn->channels[i].asked = false;
	}
}

static bool is_wanted(const struct turn_host *host, uint64_t by)
{
	return !host->asked && !host->refused && host->due <= by;
}

static void put(struct turn *turn, struct turn_task *task, unsigned int at)
{
	turn->hosts[at].asked = true;
	task->at[task->count++] = (uint16_t)at;
}

/* Put hosts into a request that are due at about the same time as the first. */
static void put_others(struct turn *turn, uint64_t now, struct turn_task *task)
{
	for (unsigned int i = 0; i < turn->host_count && task->count < TURN_BATCH; i++) {
		const struct turn_host *host = &turn->hosts[i];

		if (!host->alone && is_wanted(host, now + TURN_TOGETHER))
			put(turn, task, i);
	}
}

static void ask_permissions(struct turn *turn, uint64_t now)
{
	for (unsigned int i = 0; i < turn->host_count && turn_request_room(turn); i++) {
		struct turn_task task = { .method = STUN_CREATE_PERMISSION };
		const struct turn_host *host = &turn->hosts[i];

		if (!is_wanted(host, now))
			continue;
		put(turn, &task, i);
		if (!host->alone)
			put_others(turn, now, &task);
		turn_request_start(turn, now, &task,
				   host->until > now ? TURN_PATIENCE_FULL : TURN_PATIENCE);
	}
}

static void ask_channels(struct turn *turn, uint64_t now)
{
	for (unsigned int i = 0; i < turn->channel_count && turn_request_room(turn); i++) {
		struct turn_task task = { .method = STUN_CHANNEL_BIND, .at = { (uint16_t)i } };
		struct turn_channel *channel = &turn->channels[i];

		if (channel->asked || channel->due > now)
			continue;
		channel->asked = true;
		turn_request_start(turn, now, &task,
				   channel->until ? TURN_PATIENCE_FULL : TURN_PATIENCE);
	}
}

/**
 * turn_peers_tick() - ask for what is due, and notice what ended
 * @turn: the client, ready
 * @now: the time
 */
void turn_peers_tick(struct turn *turn, uint64_t now)
{
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		struct turn_channel *channel = &turn->channels[i];

		if (channel->until && channel->until <= now)
			unbind(turn, channel);
	}
	ask_permissions(turn, now);
	ask_channels(turn, now);
}

/**
 * turn_peers_deadline() - when turn_peers_tick() has something to do
 * @turn: the client, ready
 *
 * Return: the time; TURN_NEVER if there is nothing.
 */
uint64_t turn_peers_deadline(const struct turn *turn)
{
	bool room = turn_request_room(turn);
	uint64_t deadline = TURN_NEVER;

	for (unsigned int i = 0; room && i < turn->host_count; i++) {
		const struct turn_host *host = &turn->hosts[i];

		if (!host->asked && !host->refused)
			deadline = turn_min(deadline, host->due);
	}
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		const struct turn_channel *channel = &turn->channels[i];

		if (channel->until)
			deadline = turn_min(deadline, channel->until);
		if (room && !channel->asked)
			deadline = turn_min(deadline, channel->due);
	}
	return deadline;
}
