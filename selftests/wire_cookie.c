// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies. The module is brought under load by a flood of initiations whose
 * mac1 is right and whose rest is noise; then only a sender who shows that it
 * receives at its address is worked for, and not more often than its rate.
 */
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktap.h"
#include "party.h"

/* What one source may have worked on, and at once. */
#define RATE		20
#define BURST		5
#define CROWD		40

#define FLOOD		1500

static struct party judge;
static struct party crowd[CROWD];
static int flooder = -1;

static void flood(unsigned int messages)
{
	static struct noise_initiation msg;
	struct noise_handshake hs = judge.hs;

	if (flooder < 0)
		flooder = outer_socket(RIG_JUDGE2, 42000);
	hs.has_cookie = false;
	randombytes_buf(&msg, sizeof(msg));
	noise_put32(msg.type, NOISE_INITIATION);
	noise_mac(&hs, &msg, sizeof(msg));
	while (messages--)
		outer_send(flooder, RIG_MODULE, RIG_PORT, &msg, sizeof(msg), 0);
}

/* Is the module under load now? Leaves the answers of the flood unread. */
static bool loaded(void)
{
	static uint8_t answer[OUTER_MAX];

	while (outer_receive(flooder, answer, 0, NULL) >= 0)
		;
	flood(1);
	return outer_receive(flooder, answer, 300, NULL) == sizeof(struct noise_cookie);
}

static const char *load(void)
{
	unsigned int tries;

	for (tries = 1; tries <= 6; tries++) {
		flood(FLOOD * tries);
		if (loaded())
			return NULL;
	}
	return "module does not come under load: no cookie reply";
}

static const char *calm(void)
{
	uint64_t until = outer_now() + 10000;

	while (loaded())
		if (outer_now() > until)
			return "module stays under load";
		else
			outer_sleep(200);
	return NULL;
}

static const char *begin(void)
{
	static bool begun;

	if (begun)
		party_close(&judge);
	else
		KTAP_TRY(rig_link_new());
	begun = true;
	inner_tap_open();
	party_open(&judge, RIG_JUDGE, RIG_MODULE, false);
	KTAP_TRY(party_add(&judge, false, 0));
	return load();
}

/*
 * Run a test under load. The load ends by itself: if it is over when the test
 * is, the test proves nothing, and is repeated.
 */
static const char *under_load(const char *(*run)(void))
{
	const char *why;
	int tries;

	for (tries = 0; tries < 6; tries++) {
		KTAP_TRY(begin());
		why = run();
		if (loaded())
			return why;
	}
	return "module is not under load for long enough";
}

/* Ask as one that is not known to receive, and take the cookie. */
static const char *take_cookie(struct party *party)
{
	party->hs.has_cookie = false;
	party_send_initiation(party);
	KTAP_TRY(party_next(party, PARTY_PATIENCE));
	if (party->msg[0] == NOISE_RESPONSE)
		return "initiation without mac2 is answered under load";
	return noise_cookie_take(&party->hs, party->msg, party->len);
}

static const char *cookie_reply(void)
{
	KTAP_TRY(take_cookie(&judge));
	KTAP_TRY(party_initiate(&judge));
	return party_echo(&judge, 4);
}

static const char *test_cookie_reply(void)
{
	return under_load(cookie_reply);
}

static const char *wrong_mac2(void)
{
	KTAP_TRY(take_cookie(&judge));
	judge.hs.cookie[3] ^= 1;
	party_send_initiation(&judge);
	KTAP_TRY(party_next(&judge, PARTY_PATIENCE));
	if (judge.msg[0] != NOISE_COOKIE)
		return "initiation with a wrong mac2 is answered under load";
	KTAP_TRY(noise_cookie_take(&judge.hs, judge.msg, judge.len));
	return party_initiate(&judge);
}

static const char *test_wrong_mac2(void)
{
	return under_load(wrong_mac2);
}

static const char *bound_to_source(void)
{
	uint8_t cookie[NOISE_MAC];

	KTAP_TRY(take_cookie(&judge));
	memcpy(cookie, judge.hs.cookie, NOISE_MAC);
	party_move(&judge, RIG_JUDGE);
	party_send_initiation(&judge);
	KTAP_TRY(party_next(&judge, PARTY_PATIENCE));
	if (judge.msg[0] != NOISE_COOKIE)
		return "cookie of one port is taken from another";
	KTAP_TRY(noise_cookie_take(&judge.hs, judge.msg, judge.len));
	if (!memcmp(cookie, judge.hs.cookie, NOISE_MAC))
		return "two ports have the same cookie";
	return party_initiate(&judge);
}

static const char *test_bound_to_source(void)
{
	return under_load(bound_to_source);
}

/* Under load as at any time: no answer without mac1. */
static const char *mac1_first(void)
{
	struct noise_initiation msg;

	judge.hs.index = 0;
	noise_initiate(&judge.hs, &msg);
	msg.mac1[4] ^= 1;
	party_send(&judge, &msg, sizeof(msg));
	KTAP_TRY(take_cookie(&judge));
	noise_initiate(&judge.hs, &msg);
	msg.mac1[4] ^= 1;
	party_send(&judge, &msg, sizeof(msg));
	return party_quiet(&judge, 300);
}

static const char *test_mac1_first(void)
{
	return under_load(mac1_first);
}

static const char *make_crowd(void)
{
	static char allowed[CROWD][32];
	int i;

	for (i = 0; i < CROWD; i++) {
		party_open(&crowd[i], RIG_JUDGE, RIG_MODULE, false);
		party_close(&crowd[i]);
		snprintf(allowed[i], sizeof(allowed[i]), "10.78.0.%d/32", i + 1);
		crowd[i].allowed = allowed[i];
		KTAP_TRY(party_add(&crowd[i], false, 0));
	}
	return NULL;
}

/* Send all of the crowd's initiations at once, and count what is answered. */
static const char *answered(unsigned int *responses, uint64_t *took)
{
	static struct noise_initiation msgs[CROWD];
	uint64_t from, last;
	int i;

	for (i = 0; i < CROWD; i++) {
		memcpy(crowd[i].hs.cookie, judge.hs.cookie, NOISE_MAC);
		crowd[i].hs.has_cookie = true;
		noise_initiate(&crowd[i].hs, &msgs[i]);
	}
	KTAP_TRY(load());
	from = outer_now();
	last = from;
	for (i = 0; i < CROWD; i++)
		party_send(&judge, &msgs[i], sizeof(msgs[i]));
	for (*responses = 0; !party_next(&judge, 150); ++*responses) {
		if (judge.msg[0] != NOISE_RESPONSE)
			return "something else than a response came";
		last = judge.meta.ms;
	}
	*took = last - from;
	return NULL;
}

/* Many peers at one address, all with a right mac2. */
static const char *rate(void)
{
	unsigned int responses, most;
	uint64_t took;

	KTAP_TRY(take_cookie(&judge));
	KTAP_TRY(answered(&responses, &took));
	most = BURST + 1 + (unsigned int)(took * RATE / 1000);
	ktap_diag("%u of %d initiations within %llu ms were answered", responses, CROWD,
		  (unsigned long long)took);
	if (responses < BURST || responses > most)
		return ktap_why("%u were answered, not %d to %u", responses, BURST, most);
	if (!loaded())
		return "module is not under load any more";
	/* It was the rate that held them back: another address is answered. */
	KTAP_TRY(load());
	party_move(&judge, RIG_JUDGE2);
	KTAP_TRY(take_cookie(&judge));
	return party_initiate(&judge);
}

static const char *test_rate(void)
{
	KTAP_TRY(begin());
	KTAP_TRY(make_crowd());
	/* What the tests before took from the address' rate is given back. */
	outer_sleep(1000 * BURST / RATE);
	return under_load(rate);
}

/* When the load is over a mac2 is not asked for, nor looked at. */
static const char *test_calm(void)
{
	KTAP_TRY(under_load(cookie_reply));
	KTAP_TRY(calm());
	judge.hs.has_cookie = false;
	KTAP_TRY(party_initiate(&judge));
	judge.hs.has_cookie = true;
	judge.hs.cookie[0] ^= 1;
	return party_initiate(&judge);
}

static void give_cookie(struct party *party, const uint8_t cookie[NOISE_MAC])
{
	struct noise_cookie reply;

	noise_cookie_make(&reply, party->hs.self.public, cookie, party->msg, party->len);
	party_send(party, &reply, sizeof(reply));
}

/* The module's initiation is answered by cookies that are none, then by one that is. */
static const char *test_module_takes(void)
{
	uint8_t packet[INNER_MIN4], wrong[NOISE_MAC] = { 7 };
	size_t len = party_outbound(packet, 4, 0, 1);
	struct noise_cookie reply;

	rig_time_scale(10);
	KTAP_TRY(party_begin(&judge, true, false));
	inner_tap_send(packet, len);
	KTAP_TRY(party_await_initiation(&judge, PARTY_PATIENCE));

	noise_cookie_make(&reply, judge.hs.self.public, wrong, judge.msg, judge.len);
	reply.cookie[2] ^= 1;
	party_send(&judge, &reply, sizeof(reply));
	noise_cookie_make(&reply, judge.hs.self.public, wrong, judge.msg, judge.len);
	reply.receiver[0] ^= 1;
	party_send(&judge, &reply, sizeof(reply));
	noise_cookie_make(&reply, rig_public(), wrong, judge.msg, judge.len);
	party_send(&judge, &reply, sizeof(reply));
	judge.msg[sizeof(struct noise_initiation) - 2 * NOISE_MAC] ^= 1;
	give_cookie(&judge, wrong);
	KTAP_TRY(party_await_initiation(&judge, 8000));

	randombytes_buf(judge.hs.given, NOISE_MAC);
	give_cookie(&judge, judge.hs.given);
	/* One cookie for one message: a second one is too late. */
	give_cookie(&judge, wrong);
	judge.hs.has_given = true;
	KTAP_TRY(party_await_initiation(&judge, 8000));
	party_respond(&judge);
	KTAP_TRY(party_expect_inner(&judge, packet, len));
	rig_time_scale(1);
	return party_echo(&judge, 4);
}

/* A response is answered by a cookie: the next response has it. */
static const char *test_module_takes_as_responder(void)
{
	KTAP_TRY(party_begin(&judge, false, false));
	KTAP_TRY(party_initiate(&judge));
	randombytes_buf(judge.hs.given, NOISE_MAC);
	give_cookie(&judge, judge.hs.given);
	judge.hs.has_given = true;
	outer_sleep(50);
	KTAP_TRY(party_initiate(&judge));
	return party_echo(&judge, 4);
}

static const struct ktap_case cases[] = {
	{ "under load a cookie comes, and with it a response", test_cookie_reply },
	{ "wrong mac2 is as none", test_wrong_mac2 },
	{ "cookie is bound to address and port", test_bound_to_source },
	{ "wrong mac1 is not answered under load either", test_mac1_first },
	{ "one address is worked for at its rate", test_rate },
	{ "without load no cookie is needed", test_calm },
	{ "module takes a cookie as initiator, and no wrong one", test_module_takes },
	{ "module takes a cookie as responder", test_module_takes_as_responder },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
