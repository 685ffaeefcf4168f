// SPDX-License-Identifier: GPL-2.0
/* What the answers to a discovery say, RFC 5780 section 4. */
#include "behaviour.h"

#include <arpa/inet.h>

/* Two ports this near are taken one after the other, RFC 4787 section 4.2.2;
 * by chance that is one of 4096.
 */
#define STEP_MAX 8

static bool is_asked(const struct behaviour_probe *probe)
{
	return probe->kind == BEHAVIOUR_ASK && probe->state == BEHAVIOUR_ANSWERED;
}

static const struct behaviour_probe *primary_of(const struct behaviour *b)
{
	return b->primary < b->servers ? &b->probes[b->primary] : NULL;
}

/* Compare two destinations of one socket: changed by address, by port, or neither. */
static void compare(const struct behaviour_probe *a, const struct behaviour_probe *b,
		    bool seen[2][2])
{
	if (!mpcnet_endpoint_equal(&a->to, &b->to))
		seen[endpoint_same_host(&a->to, &b->to)]
		    [mpcnet_endpoint_equal(&a->mapped, &b->mapped)] = true;
}

/**
 * behaviour_mapping() - on what the public port depends, RFC 5780 section 4.3
 * @b: the discovery, behind its second round
 *
 * Return: of enum behaviour_depends.
 */
enum behaviour_depends behaviour_mapping(const struct behaviour *b)
{
	const struct behaviour_probe *primary = primary_of(b);
	/* By whether the host, and the public address, were the same. */
	bool seen[2][2] = { 0 };

	if (!primary)
		return BEHAVIOUR_UNKNOWN;
	if (mpcnet_endpoint_equal(&primary->mapped, &b->local[BEHAVIOUR_FIRST]))
		return BEHAVIOUR_NONE;
	for (unsigned int i = 0; i < b->count; i++) {
		for (unsigned int j = 0; j < i; j++) {
			if (is_asked(&b->probes[i]) && is_asked(&b->probes[j]) &&
			    b->probes[i].socket == BEHAVIOUR_FIRST &&
			    b->probes[j].socket == BEHAVIOUR_FIRST)
				compare(&b->probes[i], &b->probes[j], seen);
		}
	}
	if (seen[true][false])
		return BEHAVIOUR_PORT;
	if (seen[false][false])
		return seen[true][true] ? BEHAVIOUR_ADDRESS : BEHAVIOUR_EITHER;
	return seen[false][true] ? BEHAVIOUR_ENDPOINT : BEHAVIOUR_UNKNOWN;
}

/* How a kind of probe went: answered if one was, waiting if there was none. */
static enum behaviour_state outcome(const struct behaviour *b, enum behaviour_kind kind)
{
	enum behaviour_state state = BEHAVIOUR_WAITING;

	for (unsigned int i = 0; i < b->count; i++) {
		if (b->probes[i].kind == kind && state != BEHAVIOUR_ANSWERED)
			state = b->probes[i].state;
	}
	return state;
}

/* RFC 5780 section 4.4. */
static enum behaviour_depends filtering(const struct behaviour *b)
{
	enum behaviour_state address = outcome(b, BEHAVIOUR_ASK_ADDRESS);
	enum behaviour_state port = outcome(b, BEHAVIOUR_ASK_PORT);

	if (address == BEHAVIOUR_ANSWERED)
		return BEHAVIOUR_ENDPOINT;
	if (address == BEHAVIOUR_SILENT && port == BEHAVIOUR_ANSWERED)
		return BEHAVIOUR_ADDRESS;
	if (address == BEHAVIOUR_SILENT && port == BEHAVIOUR_SILENT)
		return BEHAVIOUR_PORT;
	return BEHAVIOUR_UNKNOWN;
}

static enum behaviour_answer hairpin(const struct behaviour *b)
{
	switch (outcome(b, BEHAVIOUR_HAIRPIN)) {
	case BEHAVIOUR_ANSWERED:
		return BEHAVIOUR_YES;
	case BEHAVIOUR_SILENT:
		return BEHAVIOUR_NO;
	default:
		return BEHAVIOUR_NOT_KNOWN;
	}
}

static enum behaviour_answer port_preserved(const struct behaviour *b)
{
	enum behaviour_answer answer = BEHAVIOUR_NOT_KNOWN;

	for (unsigned int i = 0; i < b->count; i++) {
		const struct behaviour_probe *probe = &b->probes[i];

		if (!is_asked(probe))
			continue;
		if (probe->mapped.in.sin_port != b->local[probe->socket].in.sin_port)
			return BEHAVIOUR_NO;
		answer = BEHAVIOUR_YES;
	}
	return answer;
}

/* The public ports in the order in which they were taken, each mapping once. */
static unsigned int ports_taken(const struct behaviour *b, uint16_t ports[BEHAVIOUR_PROBES_MAX])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < b->count; i++) {
		bool old = !is_asked(&b->probes[i]);

		for (unsigned int j = 0; j < i && !old; j++)
			old = is_asked(&b->probes[j]) &&
			      b->probes[j].socket == b->probes[i].socket &&
			      mpcnet_endpoint_equal(&b->probes[j].mapped, &b->probes[i].mapped);
		if (!old)
			ports[count++] = ntohs(b->probes[i].mapped.in.sin_port);
	}
	return count;
}

/* The least of the steps in one direction, if these are more than half of all:
 * others who use the NAT make it larger, never smaller.
 */
static bool find_step(const uint16_t *ports, unsigned int count, int sign, int *step)
{
	unsigned int hits = 0;
	int least = STEP_MAX;

	for (unsigned int i = 1; i < count; i++) {
		int by = sign * (int16_t)(uint16_t)(ports[i] - ports[i - 1]);

		if (by < 1 || by > STEP_MAX)
			continue;
		least = by < least ? by : least;
		hits++;
	}
	if (hits < 2 || 2 * hits <= count - 1)
		return false;
	*step = sign * least;
	return true;
}

static enum behaviour_allocation allocation(const struct behaviour *b, int *step)
{
	uint16_t ports[BEHAVIOUR_PROBES_MAX];
	unsigned int count = ports_taken(b, ports);

	if (find_step(ports, count, 1, step) || find_step(ports, count, -1, step))
		return BEHAVIOUR_SEQUENTIAL;
	return count > 2 ? BEHAVIOUR_RANDOM : BEHAVIOUR_ALLOCATION_UNKNOWN;
}

static bool has_come_back(const struct behaviour *b)
{
	for (unsigned int i = 0; i < b->count; i++) {
		if (b->probes[i].state == BEHAVIOUR_ANSWERED ||
		    b->probes[i].state == BEHAVIOUR_REFUSED)
			return true;
	}
	return false;
}

/**
 * behaviour_conclude() - say what was found
 * @b: the discovery; what it has not come to is not known
 * @result: gets it
 */
void behaviour_conclude(const struct behaviour *b, struct behaviour_result *result)
{
	const struct behaviour_probe *primary = primary_of(b);

	*result = (struct behaviour_result){
		.passes = has_come_back(b),
		.mapping = behaviour_mapping(b),
		.local = b->local[BEHAVIOUR_FIRST],
	};
	if (!primary)
		return;
	result->answered = true;
	result->public = primary->mapped;
	result->filtering = filtering(b);
	result->hairpin = hairpin(b);
	result->port_preserved = port_preserved(b);
	if (result->mapping == BEHAVIOUR_ADDRESS || result->mapping == BEHAVIOUR_PORT ||
	    result->mapping == BEHAVIOUR_EITHER)
		result->allocation = allocation(b, &result->step);
}
