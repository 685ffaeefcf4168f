// SPDX-License-Identifier: GPL-2.0
/*
 * The short times of the protocol in full, all at once with three peers:
 * keepalive after 10 s, a new handshake 15 s after what was not answered, and
 * initiations each 5 s.
 */
#include <poll.h>
#include <string.h>

#include "ktap.h"
#include "party.h"

#define SPAN		17000
#define JITTER		333
#define EARLY		20
#define LATE		300
#define MOST		8

enum {
	OWES,		/* the module owes it an answer */
	IGNORES,	/* it does not answer the module's data */
	ABSENT,		/* it does not answer initiations */
	PARTIES,
};

static struct party parties[PARTIES];

/* What came from the module, and when it should have begun to count. */
static struct {
	uint64_t since;
	uint64_t ms[MOST];
	uint8_t type[MOST];
	unsigned int count;
} seen[PARTIES];

static void note(int i)
{
	unsigned int at = seen[i].count;

	if (party_next(&parties[i], 0) || at == MOST)
		return;
	seen[i].ms[at] = parties[i].meta.ms - seen[i].since;
	seen[i].type[at] = parties[i].msg[0];
	seen[i].count++;
	ktap_diag("peer %d: message of type %u and %zu bytes after %llu ms", i,
		  seen[i].type[at], parties[i].len, (unsigned long long)seen[i].ms[at]);
}

static void watch_all(void)
{
	uint64_t now, end = outer_now() + SPAN;
	struct pollfd pollers[PARTIES];
	int i;

	for (i = 0; i < PARTIES; i++)
		pollers[i] = (struct pollfd){ .fd = parties[i].sock, .events = POLLIN };
	while ((now = outer_now()) < end) {
		poll(pollers, PARTIES, (int)(end - now));
		for (i = 0; i < PARTIES; i++)
			if (pollers[i].revents)
				note(i);
	}
}

static size_t packet_to(uint8_t *packet, const char *address)
{
	struct inner inner = {
		.src = RIG_IN_MODULE, .dst = address, .len = INNER_MIN4, .seq = 1,
	};

	return inner_make(packet, &inner);
}

static const char *begin(void)
{
	static const char *const inside[] = { RIG_IN_JUDGE, "10.77.0.11", "10.77.0.12" };
	static const char *const allowed[] = { RIG_ALLOWED, "10.77.0.11/32", "10.77.0.12/32" };
	uint8_t packet[INNER_MIN4];
	int i;

	KTAP_TRY(rig_link_new());
	inner_tap_open();
	for (i = 0; i < PARTIES; i++) {
		party_open(&parties[i], RIG_JUDGE, RIG_MODULE, false);
		parties[i].allowed = allowed[i];
		KTAP_TRY(party_add(&parties[i], true, 0));
	}
	KTAP_TRY(party_establish(&parties[OWES]));
	KTAP_TRY(party_establish(&parties[IGNORES]));
	outer_sleep(100);

	party_send_inner(&parties[OWES], packet, party_inbound(packet, 4, 0, 1));
	seen[OWES].since = outer_now();
	inner_tap_send(packet, packet_to(packet, inside[IGNORES]));
	KTAP_TRY(party_await_data(&parties[IGNORES], PARTY_PATIENCE));
	seen[IGNORES].since = parties[IGNORES].meta.ms;
	inner_tap_send(packet, packet_to(packet, inside[ABSENT]));
	KTAP_TRY(party_await_initiation(&parties[ABSENT], PARTY_PATIENCE));
	seen[ABSENT].since = parties[ABSENT].meta.ms;
	watch_all();
	return NULL;
}

static const char *in_time(int i, unsigned int at, enum noise_type type, unsigned int ms,
			   unsigned int more)
{
	if (at >= seen[i].count || seen[i].type[at] != type)
		return ktap_why("message %u was not of type %d", at, type);
	if (seen[i].ms[at] + EARLY < ms || seen[i].ms[at] > ms + more + LATE)
		return ktap_why("it came after %llu ms, not %u",
				(unsigned long long)seen[i].ms[at], ms);
	return NULL;
}

static const char *test_keepalive(void)
{
	KTAP_TRY(in_time(OWES, 0, NOISE_DATA, 10000, 0));
	if (parties[OWES].len != NOISE_DATA_LEN(0))
		return "it was no keepalive";
	return seen[OWES].count == 1 ? NULL : "more than one message came";
}

static const char *test_unanswered(void)
{
	KTAP_TRY(in_time(IGNORES, 0, NOISE_INITIATION, 15000, JITTER));
	return seen[IGNORES].count == 1 ? NULL : "more than one message came";
}

static const char *test_retransmission(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		KTAP_TRY(in_time(ABSENT, i, NOISE_INITIATION, 5000 * (i + 1),
				 (i + 1) * (JITTER + 20)));
	return seen[ABSENT].count == 3 ? NULL : "more than three messages came";
}

static const struct ktap_case cases[] = {
	{ "three peers are there", begin },
	{ "keepalive after 10 s", test_keepalive },
	{ "handshake after 15 s without an answer", test_unanswered },
	{ "initiations each 5 s and jitter", test_retransmission },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
