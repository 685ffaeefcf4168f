// SPDX-License-Identifier: GPL-2.0
#include "behaviour.h"

#include <string.h>

#define MS 1000ull
/* RFC 8489 section 6.2.1: the first pause is of 500 ms at least, and doubles. */
#define PAUSE_US (500 * MS)
#define TRIES 3
/* So that a NAT sees requests in their order, and none is lost in a burst. */
#define PACE_US (20 * MS)

/* CHANGE-REQUEST, RFC 5780 section 7.2. */
#define CHANGE_ADDRESS 0x4u
#define CHANGE_PORT 0x2u

/*
 * How long an answer is waited for. Whoever answered in the first round answers
 * quickly; the filter's rounds end by silence as a rule.
 */
static const uint64_t patience[] = {
	[BEHAVIOUR_SERVERS] = 3000 * MS,
	[BEHAVIOUR_MAPPING] = 1500 * MS,
	[BEHAVIOUR_FILTERING] = 2000 * MS,
	[BEHAVIOUR_ALLOCATION] = 1200 * MS,
};

/**
 * behaviour_start() - begin
 * @b: the discovery
 * @local: addresses of its two sockets, of one family, as servers are reached
 */
void behaviour_start(struct behaviour *b, const union mpcnet_endpoint local[2])
{
	memset(b, 0, sizeof(*b));
	memcpy(b->local, local, sizeof(b->local));
}

static bool add(struct behaviour *b, uint64_t now, enum behaviour_kind kind,
		enum behaviour_socket socket, const union mpcnet_endpoint *to)
{
	struct behaviour_probe *probe = &b->probes[b->count];

	if (b->count >= BEHAVIOUR_PROBES_MAX || !stun_new_id(probe->id))
		return false;
	probe->kind = kind;
	probe->socket = socket;
	probe->to = *to;
	probe->next = now;
	for (unsigned int i = 0; i < b->count; i++)
		probe->next += b->probes[i].state == BEHAVIOUR_WAITING ? PACE_US : 0;
	probe->until = probe->next + patience[b->round];
	b->count++;
	return true;
}

/**
 * behaviour_ask() - name a server
 * @b: the discovery, of which nothing was sent yet
 * @now: the time
 * @server: its address, of the family of the sockets
 *
 * Return: false if there are too many, or no randomness.
 */
bool behaviour_ask(struct behaviour *b, uint64_t now, const union mpcnet_endpoint *server)
{
	if (b->servers >= BEHAVIOUR_SERVERS_MAX ||
	    !add(b, now, BEHAVIOUR_ASK, BEHAVIOUR_FIRST, server))
		return false;
	b->primary = ++b->servers;
	return true;
}

static const struct behaviour_probe *asked(const struct behaviour *b, enum behaviour_socket socket,
					   const union mpcnet_endpoint *to)
{
	for (unsigned int i = 0; i < b->count; i++) {
		const struct behaviour_probe *probe = &b->probes[i];

		if (probe->kind == BEHAVIOUR_ASK && probe->socket == socket &&
		    mpcnet_endpoint_equal(&probe->to, to))
			return probe;
	}
	return NULL;
}

static bool has_answered(const struct behaviour *b, enum behaviour_socket socket,
			 const union mpcnet_endpoint *to)
{
	const struct behaviour_probe *probe = asked(b, socket, to);

	return probe && probe->state == BEHAVIOUR_ANSWERED;
}

static void ask_once(struct behaviour *b, uint64_t now, enum behaviour_socket socket,
		     const union mpcnet_endpoint *to)
{
	if (!asked(b, socket, to))
		add(b, now, BEHAVIOUR_ASK, socket, to);
}

static uint16_t port_of(const union mpcnet_endpoint *address)
{
	/* It is at the same place in both families. */
	return address->in.sin_port;
}

static union mpcnet_endpoint with_port(const union mpcnet_endpoint *address, uint16_t port)
{
	union mpcnet_endpoint result = *address;

	result.in.sin_port = port;
	return result;
}

/* Can this server answer from another address and port? RFC 5780 section 7.4 */
static bool has_other(const struct behaviour_probe *probe)
{
	return probe->state == BEHAVIOUR_ANSWERED &&
	       probe->other.sa.sa_family == probe->to.sa.sa_family &&
	       endpoint_is_usable(&probe->other) &&
	       !endpoint_same_host(&probe->other, &probe->to) &&
	       port_of(&probe->other) != port_of(&probe->to);
}

static void choose_primary(struct behaviour *b)
{
	for (unsigned int i = b->servers; i--;) {
		if (b->probes[i].state == BEHAVIOUR_ANSWERED)
			b->primary = i;
	}
	for (unsigned int i = b->servers; i--;) {
		if (has_other(&b->probes[i]))
			b->primary = i;
	}
}

/* RFC 5780 section 4.3. */
static void begin_mapping(struct behaviour *b, uint64_t now)
{
	const struct behaviour_probe *primary = &b->probes[b->primary];
	union mpcnet_endpoint to;

	if (has_other(primary)) {
		to = with_port(&primary->to, port_of(&primary->other));
		ask_once(b, now, BEHAVIOUR_FIRST, &to);
		to = with_port(&primary->other, port_of(&primary->to));
		ask_once(b, now, BEHAVIOUR_FIRST, &to);
		ask_once(b, now, BEHAVIOUR_FIRST, &primary->other);
	}
	ask_once(b, now, BEHAVIOUR_SECOND, &primary->to);
}

/*
 * RFC 5780 section 4.4. That nothing comes from an address tells of the filter
 * only if that address is known to answer.
 */
static void begin_filtering(struct behaviour *b, uint64_t now)
{
	const struct behaviour_probe *primary = &b->probes[b->primary];
	const struct behaviour_probe *second = asked(b, BEHAVIOUR_SECOND, &primary->to);
	union mpcnet_endpoint to = with_port(&primary->to, port_of(&primary->other));

	if (!second || second->state != BEHAVIOUR_ANSWERED)
		return;
	if (has_other(primary) && has_answered(b, BEHAVIOUR_FIRST, &primary->other))
		add(b, now, BEHAVIOUR_ASK_ADDRESS, BEHAVIOUR_SECOND, &primary->to);
	if (has_other(primary) && has_answered(b, BEHAVIOUR_FIRST, &to))
		add(b, now, BEHAVIOUR_ASK_PORT, BEHAVIOUR_SECOND, &primary->to);
	if (behaviour_mapping(b) == BEHAVIOUR_NONE)
		return;
	/* RFC 5780 section 4.6, from both sides, as two parties would do it. */
	add(b, now, BEHAVIOUR_HAIRPIN, BEHAVIOUR_FIRST, &second->mapped);
	add(b, now, BEHAVIOUR_HAIRPIN, BEHAVIOUR_SECOND, &primary->mapped);
}

/*
 * More ports, where each destination has its own. Not for the address whose
 * answers the second socket had filtered, see the header.
 */
static void begin_allocation(struct behaviour *b, uint64_t now)
{
	enum behaviour_depends mapping = behaviour_mapping(b);
	union mpcnet_endpoint primary = b->probes[b->primary].to;

	if (mapping != BEHAVIOUR_ADDRESS && mapping != BEHAVIOUR_PORT &&
	    mapping != BEHAVIOUR_EITHER)
		return;
	for (unsigned int i = 0, end = b->count; i < end; i++) {
		const struct behaviour_probe *probe = &b->probes[i];

		if (probe->kind == BEHAVIOUR_ASK && probe->socket == BEHAVIOUR_FIRST &&
		    probe->state == BEHAVIOUR_ANSWERED && !endpoint_same_host(&probe->to, &primary))
			ask_once(b, now, BEHAVIOUR_SECOND, &probe->to);
	}
}

static void begin_round(struct behaviour *b, uint64_t now)
{
	b->round++;
	if (b->round == BEHAVIOUR_MAPPING) {
		choose_primary(b);
		if (b->primary == b->servers)
			b->round = BEHAVIOUR_DONE;
		else
			begin_mapping(b, now);
	} else if (b->round == BEHAVIOUR_FILTERING) {
		begin_filtering(b, now);
	} else if (b->round == BEHAVIOUR_ALLOCATION) {
		begin_allocation(b, now);
	}
}

static size_t encode(const struct behaviour_probe *probe, uint8_t *data, size_t room)
{
	struct stun_builder builder;

	stun_begin(&builder, data, room, STUN_REQUEST, STUN_BINDING, probe->id);
	if (probe->kind == BEHAVIOUR_ASK_PORT)
		stun_put_u32(&builder, STUN_CHANGE_REQUEST, CHANGE_PORT);
	else if (probe->kind == BEHAVIOUR_ASK_ADDRESS)
		stun_put_u32(&builder, STUN_CHANGE_REQUEST, CHANGE_ADDRESS | CHANGE_PORT);
	return stun_end(&builder);
}

static void send_probe(struct behaviour_probe *probe, uint64_t now,
		       struct behaviour_datagram *datagram)
{
	datagram->socket = probe->socket;
	datagram->to = probe->to;
	datagram->len = encode(probe, datagram->data, sizeof(datagram->data));
	probe->next = now + (PAUSE_US << probe->sent++);
	probe->last = now;
	if (probe->sent == TRIES)
		probe->next = UINT64_MAX;
}

/**
 * behaviour_next() - take what is to be sent, and begin what is next
 * @b: the discovery; its round is BEHAVIOUR_DONE when all is known
 * @now: the time
 * @datagram: gets it
 *
 * Return: false if there is nothing to be sent until behaviour_deadline().
 */
bool behaviour_next(struct behaviour *b, uint64_t now, struct behaviour_datagram *datagram)
{
	bool waiting;

	for (; b->round != BEHAVIOUR_DONE; begin_round(b, now)) {
		waiting = false;
		for (unsigned int i = 0; i < b->count; i++) {
			struct behaviour_probe *probe = &b->probes[i];

			if (probe->state != BEHAVIOUR_WAITING)
				continue;
			if (probe->until <= now) {
				probe->state = BEHAVIOUR_SILENT;
			} else if (probe->next <= now) {
				send_probe(probe, now, datagram);
				return true;
			}
			waiting |= probe->state == BEHAVIOUR_WAITING;
		}
		if (waiting)
			break;
	}
	return false;
}

/* Did the answer come from where it was asked to? */
static bool came_right(const struct behaviour_probe *probe, const union mpcnet_endpoint *from)
{
	if (probe->kind == BEHAVIOUR_ASK)
		return mpcnet_endpoint_equal(from, &probe->to);
	return (probe->kind == BEHAVIOUR_ASK_PORT) == endpoint_same_host(from, &probe->to) &&
	       port_of(from) != port_of(&probe->to);
}

static void take_answer(struct behaviour_probe *probe, uint64_t now,
			const struct stun_message *message, const union mpcnet_endpoint *from)
{
	probe->rtt = now - probe->last;
	if (message->class == STUN_SUCCESS && !message->unknown &&
	    message->mapped.sa.sa_family == probe->to.sa.sa_family && came_right(probe, from)) {
		probe->state = BEHAVIOUR_ANSWERED;
		probe->mapped = message->mapped;
		probe->other = message->other;
	} else {
		probe->state = BEHAVIOUR_REFUSED;
	}
}

/**
 * behaviour_input() - take a datagram
 * @b: the discovery
 * @now: the time
 * @socket: by which it came
 * @from: whence
 * @data: its bytes
 * @len: how many
 *
 * Return: false if it is not of the discovery.
 */
bool behaviour_input(struct behaviour *b, uint64_t now, enum behaviour_socket socket,
		     const union mpcnet_endpoint *from, const void *data, size_t len)
{
	struct stun_message message;

	if (!stun_decode(&message, data, len) || message.method != STUN_BINDING ||
	    message.class == STUN_INDICATION)
		return false;
	for (unsigned int i = 0; i < b->count; i++) {
		struct behaviour_probe *probe = &b->probes[i];
		bool own = message.class == STUN_REQUEST;

		/* Our own request at our other socket: the NAT turned it back. */
		if (memcmp(probe->id, message.id, STUN_ID_LEN) || !probe->sent ||
		    own != (probe->kind == BEHAVIOUR_HAIRPIN) || own == (probe->socket == socket))
			continue;
		if (probe->state != BEHAVIOUR_WAITING)
			return true;
		if (own)
			probe->state = BEHAVIOUR_ANSWERED;
		else
			take_answer(probe, now, &message, from);
		return true;
	}
	return false;
}

/**
 * behaviour_deadline() - when behaviour_next() has something to do
 * @b: the discovery
 *
 * Return: the time; UINT64_MAX when all is known.
 */
uint64_t behaviour_deadline(const struct behaviour *b)
{
	uint64_t deadline = UINT64_MAX;

	if (b->round == BEHAVIOUR_DONE)
		return deadline;
	for (unsigned int i = 0; i < b->count; i++) {
		const struct behaviour_probe *probe = &b->probes[i];
		uint64_t due = probe->next < probe->until ? probe->next : probe->until;

		if (probe->state == BEHAVIOUR_WAITING && due < deadline)
			deadline = due;
	}
	/* No answer is missing: the next round begins at once. */
	return deadline == UINT64_MAX ? 0 : deadline;
}
