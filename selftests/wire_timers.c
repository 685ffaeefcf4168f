// SPDX-License-Identifier: GPL-2.0
/*
 * When the module sends what nobody asked for, and until when a session is
 * good (paper, section 6). The times are cut by the debug parameter
 * time_scale; wire_clock has some of them in full.
 *
 * MPCNET_SLOW=1 runs them in full also where they cannot be cut, as for the
 * control.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktap.h"
#include "party.h"

#define REKEY_AFTER		120
#define RECEIVE_REKEY_AFTER	165
#define REJECT_AFTER		180
#define REKEY_TIMEOUT		5
#define ATTEMPTS_TIME		90
#define ZEROED_AFTER		540
#define KEEPALIVE		10
#define UNANSWERED		(KEEPALIVE + REKEY_TIMEOUT)

/* Milliseconds that are added at random before an initiation. */
#define JITTER			333

/* What a tick more or less and an emulated processor take, in ms. */
#define EARLY			30
#define LATE			400

static struct party judge;
static unsigned int scale;

/* Seconds of the protocol in milliseconds of the clock. */
static unsigned int ms(unsigned int seconds)
{
	return seconds * 1000 / scale;
}

static const char *begin(unsigned int cut, bool with_endpoint)
{
	scale = rig_time_scale(cut);
	if (scale == 1 && !getenv("MPCNET_SLOW"))
		return "SKIP times cannot be cut here, MPCNET_SLOW=1 waits for them";
	return party_begin(&judge, with_endpoint, false);
}

/* The module as initiator, and what it sent is answered. */
static const char *begin_as_responder(unsigned int cut, uint64_t *birth)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 1);

	KTAP_TRY(begin(cut, true));
	KTAP_TRY(party_provoke(&judge, packet, len));
	*birth = outer_now();
	party_send_keepalive(&judge);
	return NULL;
}

static const char *begin_as_initiator(unsigned int cut, uint64_t *birth)
{
	KTAP_TRY(begin(cut, true));
	KTAP_TRY(party_establish(&judge));
	*birth = outer_now();
	return NULL;
}

/* @at is @seconds after @since, and at most @more ms and what is lost later. */
static const char *judge_time(const char *what, uint64_t since, uint64_t at, unsigned int seconds,
			      unsigned int more)
{
	uint64_t took = at - since;

	if (took + EARLY < ms(seconds) || took > ms(seconds) + more + LATE)
		return ktap_why("%s after %llu ms, not %u", what, (unsigned long long)took,
				ms(seconds));
	return NULL;
}

static void sleep_until(uint64_t when)
{
	uint64_t now = outer_now();

	if (when > now)
		outer_sleep((unsigned int)(when - now));
}

static void module_sends(void)
{
	uint8_t packet[INNER_MIN4];

	inner_tap_send(packet, party_outbound(packet, 4, 0, 2));
}

static void judge_sends(void)
{
	uint8_t packet[INNER_MIN4];

	party_send_inner(&judge, packet, party_inbound(packet, 4, 0, 3));
}

/* Let both send until @end. Returns true as soon as the module initiates. */
static bool talk_until(uint64_t end)
{
	while (outer_now() < end) {
		uint64_t next = outer_now() + ms(2);

		module_sends();
		party_send_keepalive(&judge);
		while (outer_now() < next)
			if (!party_next(&judge, (int)(next - outer_now() + 1)) &&
			    judge.msg[0] == NOISE_INITIATION)
				return true;
	}
	return false;
}

/*
 * Respond to the initiation that came until the module sends in the new
 * session. With times cut, a slow machine sees it initiate again meanwhile.
 */
static const char *agree(void)
{
	int tries;

	for (tries = 0; tries < 5; tries++) {
		party_respond(&judge);
		do {
			KTAP_TRY(party_next(&judge, PARTY_PATIENCE));
			if (judge.msg[0] == NOISE_DATA)
				return noise_open(&judge.session, judge.msg, judge.len,
						  judge.plain, &judge.plain_len);
		} while (judge.msg[0] != NOISE_INITIATION);
		KTAP_TRY(noise_judge_initiation(&judge.hs, judge.msg, judge.len));
	}
	return "initiations do not end, in spite of responses";
}

static const char *test_keepalive(void)
{
	uint64_t birth, sent;

	KTAP_TRY(begin_as_initiator(10, &birth));
	judge_sends();
	sent = outer_now();
	KTAP_TRY(party_expect_keepalive(&judge, (int)ms(2 * KEEPALIVE) + LATE));
	KTAP_TRY(judge_time("keepalive", sent, judge.meta.ms, KEEPALIVE, 0));
	return party_quiet(&judge, (int)ms(UNANSWERED + 5) + LATE);
}

/* What is sent in time is answer enough. */
static const char *test_no_keepalive(void)
{
	uint64_t birth;

	KTAP_TRY(begin_as_initiator(10, &birth));
	judge_sends();
	outer_sleep(ms(4));
	module_sends();
	KTAP_TRY(party_await_data(&judge, PARTY_PATIENCE));
	party_send_keepalive(&judge);
	return party_quiet(&judge, (int)ms(KEEPALIVE) + LATE);
}

static const char *test_unanswered(void)
{
	uint64_t birth, sent;

	KTAP_TRY(begin_as_initiator(10, &birth));
	module_sends();
	sent = outer_now();
	KTAP_TRY(party_await_initiation(&judge, (int)ms(2 * UNANSWERED) + JITTER + LATE));
	return judge_time("handshake", sent, judge.meta.ms, UNANSWERED, JITTER);
}

static const char *test_answered(void)
{
	uint64_t birth;

	KTAP_TRY(begin_as_initiator(10, &birth));
	module_sends();
	KTAP_TRY(party_await_data(&judge, PARTY_PATIENCE));
	outer_sleep(ms(KEEPALIVE));
	party_send_keepalive(&judge);
	return party_quiet(&judge, (int)ms(UNANSWERED) + JITTER + LATE);
}

/* A socket of the module's host towards the judge, to be told when it cannot be reached. */
static int inside_socket(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(9) };
	int sock, one = 1;

	rig_enter(RIG_SIDE_MODULE);
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rig_enter(RIG_SIDE_JUDGE);
	name.sin_addr.s_addr = htonl(0x0a4d0001);
	/* An unreachable host is not told to a UDP socket that did not ask. */
	setsockopt(sock, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	if (sock < 0 || connect(sock, (struct sockaddr *)&name, sizeof(name)))
		ktap_bail("a socket inside cannot be connected");
	return sock;
}

/* Retransmit until it is given up, and count. */
static const char *count_tries(unsigned int *tries, uint64_t *first, uint64_t *last)
{
	KTAP_TRY(party_await_initiation(&judge, PARTY_PATIENCE));
	*first = judge.meta.ms;
	*last = *first;
	for (*tries = 1; *tries < 30; ++*tries) {
		const char *why;

		if (party_next(&judge, (int)ms(2 * REKEY_TIMEOUT) + JITTER + LATE))
			return NULL;
		why = noise_judge_initiation(&judge.hs, judge.msg, judge.len);
		if (why)
			return why;
		KTAP_TRY(judge_time("retransmission", *last, judge.meta.ms, REKEY_TIMEOUT,
				    JITTER));
		*last = judge.meta.ms;
	}
	return "initiations do not end";
}

static const char *test_gives_up(void)
{
	unsigned int tries, spread;
	uint64_t first, last;
	int sock, error = 0;
	socklen_t len = sizeof(error);
	const char *why;

	KTAP_TRY(begin(20, true));
	sock = inside_socket();
	if (send(sock, "x", 1, 0) != 1)
		return "nothing can be sent inside";
	why = count_tries(&tries, &first, &last);
	getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &len);
	close(sock);
	if (why)
		return why;
	ktap_diag("%u initiations in %llu ms", tries, (unsigned long long)(last - first));
	spread = tries * (JITTER + LATE / 4);
	if (tries < ATTEMPTS_TIME / REKEY_TIMEOUT - 1 || tries > ATTEMPTS_TIME / REKEY_TIMEOUT + 2)
		return ktap_why("gave up after %u initiations", tries);
	if (last - first > ms(ATTEMPTS_TIME + 2 * REKEY_TIMEOUT) + spread)
		return "gave up too late";
	if (!rig_is_control() && error != EHOSTUNREACH)
		return ktap_why("sender was told \"%s\"", strerror(error));
	module_sends();
	return party_await_initiation(&judge, PARTY_PATIENCE);
}

static const char *test_rekey(void)
{
	uint64_t birth, first;

	KTAP_TRY(begin_as_responder(40, &birth));
	if (!talk_until(birth + ms(REKEY_AFTER + 10) + LATE))
		return "no handshake after 120 s";
	KTAP_TRY(judge_time("handshake", birth, judge.meta.ms, REKEY_AFTER, ms(5)));
	KTAP_TRY(noise_judge_initiation(&judge.hs, judge.msg, judge.len));
	first = noise_get32(((struct noise_initiation *)judge.msg)->sender);
	if (first == judge.session.remote_index)
		return "index is that of the session before";
	KTAP_TRY(agree());
	if (judge.session.expected != 1)
		return "counters of the new session do not begin with 0";
	return party_echo(&judge, 4);
}

/* The responder has no hurry; but at 180 s it is over. */
static const char *test_responder(void)
{
	uint8_t packet[INNER_MAX];
	uint64_t birth;

	KTAP_TRY(begin_as_initiator(40, &birth));
	if (talk_until(birth + ms(REJECT_AFTER - 6)))
		return ktap_why("responder initiates after %llu ms",
				(unsigned long long)(judge.meta.ms - birth));
	sleep_until(birth + ms(REJECT_AFTER) + 2 * EARLY);
	while (inner_tap_receive(packet, 0) >= 0 || !party_next(&judge, 0))
		;
	judge_sends();
	if (inner_tap_receive(packet, 200) >= 0)
		return "old session is still received";
	module_sends();
	KTAP_TRY(party_next(&judge, PARTY_PATIENCE));
	if (judge.msg[0] == NOISE_DATA)
		return "old session is still sent with";
	KTAP_TRY(noise_judge_initiation(&judge.hs, judge.msg, judge.len));
	return agree();
}

static const char *test_initiator_receives(void)
{
	uint64_t birth;

	KTAP_TRY(begin_as_responder(20, &birth));
	KTAP_TRY(party_quiet(&judge, (int)(birth + ms(RECEIVE_REKEY_AFTER + 1) - outer_now())));
	judge_sends();
	KTAP_TRY(party_await_initiation(&judge, (int)ms(KEEPALIVE) - EARLY));
	return agree();
}

/* Before 165 s a receiver does not initiate, though it could. */
static const char *test_initiator_receives_early(void)
{
	uint64_t birth;

	KTAP_TRY(begin_as_responder(20, &birth));
	KTAP_TRY(party_quiet(&judge, (int)(birth + ms(REKEY_AFTER + 20) - outer_now())));
	judge_sends();
	return party_quiet(&judge, (int)ms(KEEPALIVE - 2));
}

static const char *test_initiator_over(void)
{
	uint8_t packet[INNER_MAX];
	uint64_t birth;

	KTAP_TRY(begin_as_responder(40, &birth));
	sleep_until(birth + ms(REJECT_AFTER) + 2 * EARLY);
	while (!party_next(&judge, 0))
		;
	judge_sends();
	if (inner_tap_receive(packet, 200) >= 0)
		return "old session is still received";
	module_sends();
	KTAP_TRY(party_next(&judge, PARTY_PATIENCE));
	if (judge.msg[0] == NOISE_DATA)
		return "old session is still sent with";
	return noise_judge_initiation(&judge.hs, judge.msg, judge.len);
}

/* Has the module counted something under this name? */
static bool counted(const char *object, const char *name)
{
	return rig_run("mpcnetctl -j %s show " RIG_LINK " | grep -q '\"%s\": *[1-9]'", object, name);
}

/* Keys that are gone are seen by their index: it is not known any more. */
static const char *test_zeroed(void)
{
	uint64_t birth;

	if (rig_is_control())
		return "SKIP only mpcnet counts what it drops";
	KTAP_TRY(begin_as_initiator(100, &birth));
	sleep_until(birth + ms(ZEROED_AFTER - 40));
	judge_sends();
	outer_sleep(EARLY);
	if (counted("link", "unknown_index"))
		return "session is gone before its time";
	if (!counted("peer", "key_expired"))
		return "session that is over was not known";
	sleep_until(birth + ms(ZEROED_AFTER) + LATE);
	judge_sends();
	outer_sleep(EARLY);
	return counted("link", "unknown_index") ? NULL : "session is still known";
}

/* The interval is the user's and is not cut. */
static const char *test_persistent(void)
{
	uint64_t last;
	int i;

	scale = rig_time_scale(1);
	KTAP_TRY(party_begin_persistent(&judge, 1));
	last = judge.meta.ms;
	for (i = 0; i < 4; i++) {
		KTAP_TRY(party_expect_keepalive(&judge, 1000 + LATE));
		KTAP_TRY(judge_time("persistent keepalive", last, judge.meta.ms, 1, 0));
		last = judge.meta.ms;
	}
	return NULL;
}

static const struct ktap_case cases[] = {
	{ "keepalive 10 s after what was received was not answered", test_keepalive },
	{ "no keepalive if it was", test_no_keepalive },
	{ "handshake 15 s after what was sent was not answered", test_unanswered },
	{ "no handshake if it was", test_answered },
	{ "initiation each 5 s and jitter, given up after 90 s", test_gives_up },
	{ "initiator makes a new session after 120 s", test_rekey },
	{ "responder does not, and ends the session after 180 s", test_responder },
	{ "initiator that only receives makes a new session after 165 s", test_initiator_receives },
	{ "initiator that only receives does not so before", test_initiator_receives_early },
	{ "session of the initiator ends after 180 s", test_initiator_over },
	{ "keys are gone after 540 s", test_zeroed },
	{ "persistent keepalive", test_persistent },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
