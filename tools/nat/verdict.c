// SPDX-License-Identifier: GPL-2.0
/* What will work, from what was found out about the NAT, in words. */
#include "behaviour.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Parties by how they can be reached. */
enum party {
	PARTY_OPEN,
	PARTY_FILTERED,
	PARTY_SEQUENTIAL,
	PARTY_DEPENDENT,
	PARTY_BLOCKED,
	PARTY_UNKNOWN, /* ourselves only */
};

/* Pairs that reach each other directly, as measured with each kind of NAT. */
static const bool direct[PARTY_UNKNOWN + 1][PARTY_BLOCKED + 1] = {
	[PARTY_OPEN] = { true, true, true, true, false },
	[PARTY_FILTERED] = { true, true, true, false, false },
	[PARTY_SEQUENTIAL] = { true, true, false, false, false },
	[PARTY_DEPENDENT] = { true, false, false, false, false },
	[PARTY_BLOCKED] = { false, false, false, false, false },
	[PARTY_UNKNOWN] = { true, false, false, false, false },
};

static const char *const others[] = {
	[PARTY_OPEN] = "with an open or mapped port, or a NAT that filters by address at most",
	[PARTY_FILTERED] = "behind a NAT with one port for all destinations (most home routers)",
	[PARTY_SEQUENTIAL] = "behind a NAT that counts on to the next port for each destination",
	[PARTY_DEPENDENT] = "behind a NAT with a random port for each destination",
	[PARTY_BLOCKED] = "where UDP is blocked",
};

static const char *const ours[] = {
	[PARTY_OPEN] = "All who can send UDP can be reached.",
	[PARTY_FILTERED] = "One port is seen by all, but it lets in only those whom we send to: "
			   "most others can be reached.",
	[PARTY_SEQUENTIAL] = "The NAT counts on to the next port for each destination: "
			     "our port can be guessed.",
	[PARTY_DEPENDENT] = "The NAT takes a port that cannot be foreseen for each destination: "
			    "many others cannot be reached.",
	[PARTY_BLOCKED] = "UDP is blocked or the servers are down: no server answered.",
	[PARTY_UNKNOWN] = "Which kind of NAT it is cannot be told: name a second STUN server on "
			  "another address.",
};

static void __attribute__((format(printf, 2, 3))) say(struct verdict *verdict, const char *fmt, ...)
{
	va_list ap;

	if (verdict->count >= VERDICT_LINES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(verdict->lines[verdict->count++], VERDICT_LINE_MAX, fmt, ap);
	va_end(ap);
}

/* A filter that is not known is taken for the strictest, which most have. */
static enum party by_filter(enum behaviour_depends filtering)
{
	return filtering == BEHAVIOUR_ENDPOINT || filtering == BEHAVIOUR_ADDRESS ? PARTY_OPEN :
										   PARTY_FILTERED;
}

static enum party classify(const struct behaviour_result *result, bool port_mapped)
{
	if (!result->passes)
		return PARTY_BLOCKED;
	if (port_mapped)
		return PARTY_OPEN;
	switch (result->mapping) {
	case BEHAVIOUR_NONE:
	case BEHAVIOUR_ENDPOINT:
		return by_filter(result->filtering);
	case BEHAVIOUR_ADDRESS:
	case BEHAVIOUR_PORT:
	case BEHAVIOUR_EITHER:
		return result->allocation == BEHAVIOUR_SEQUENTIAL ? PARTY_SEQUENTIAL :
								    PARTY_DEPENDENT;
	default:
		return PARTY_UNKNOWN;
	}
}

/* One line for all kinds that are reached in one way. */
static void say_whom(struct verdict *verdict, enum party we, bool directly)
{
	char list[VERDICT_LINE_MAX] = "";
	size_t len = 0;

	for (enum party other = PARTY_OPEN; other <= PARTY_BLOCKED; other++) {
		if (direct[we][other] != directly || len >= sizeof(list))
			continue;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? "; " : "",
					others[other]);
	}
	if (!len)
		return;
	if (directly)
		say(verdict, "Direct: parties %s.", list);
	else
		say(verdict, "By a relay: parties %s.", list);
}

static void say_parties(struct verdict *verdict, enum party we)
{
	if (we == PARTY_BLOCKED) {
		say(verdict, "By a relay: all parties. Where UDP is blocked it takes a TURN server "
			     "with TLS on port 443.");
	} else if (we == PARTY_UNKNOWN) {
		say_whom(verdict, we, true);
		say(verdict, "Direct or by a relay, not known: all other parties.");
	} else {
		say_whom(verdict, we, true);
		say_whom(verdict, we, false);
	}
}

static void say_neighbours(struct verdict *verdict, enum behaviour_answer hairpin)
{
	if (hairpin == BEHAVIOUR_YES)
		say(verdict, "Direct: parties behind this same NAT, which turns their datagrams "
			     "back.");
	else if (hairpin == BEHAVIOUR_NO)
		say(verdict, "Parties behind this same NAT: direct where their local addresses "
			     "reach each other, else by a relay.");
}

/**
 * verdict_make() - say what will work
 * @verdict: gets the sentences
 * @facts: what was found
 */
void verdict_make(struct verdict *verdict, const struct verdict_facts *facts)
{
	const struct behaviour_result *ipv4 = &facts->ipv4;
	enum party we = classify(ipv4, facts->port_mapped);

	memset(verdict, 0, sizeof(*verdict));
	if (!ipv4->passes && facts->ipv6.answered) {
		say(verdict, "No server answered over IPv4.");
		say(verdict, "By a relay: parties without IPv6.");
	} else {
		say(verdict, "%s", ours[we]);
		say_parties(verdict, we);
	}
	if (we == PARTY_FILTERED && !ipv4->filtering)
		say(verdict, "Whom the NAT lets in is not known, the server cannot tell: the "
			     "strictest is assumed.");
	if (facts->port_mapped && ipv4->answered)
		say(verdict, "The router maps a port to us on request, as each session does.");
	say_neighbours(verdict, ipv4->hairpin);
	if (facts->ipv6.answered)
		say(verdict, "Direct over IPv6: parties that have it too.");
}
