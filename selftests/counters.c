// SPDX-License-Identifier: GPL-2.0
/*
 * Each counter is raised by its cause, by so much, and by nothing else: every
 * test compares all counters of the interface and of its peer, before and
 * after.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "netlink_lib.h"
#include "party.h"

#define SCALE 60

static struct party party;
static struct nl nl;
static char *before;
static uint8_t packet[1500];

/* The counters as they are now: what follows is compared with them. */
static const char *mark(void)
{
	free(before);
	before = nl_dump(&nl, RIG_LINK);
	return before ? NULL : "no dump";
}

static const char *begin(bool with_endpoint)
{
	KTAP_TRY(party_begin(&party, with_endpoint, false));
	return mark();
}

/* Value of the counter that a line of a dump is about, 0 if it has none. */
static long long value_of(const char *dump, const char *line, int words)
{
	const char *value = text_get(dump, "%.*s", words, line);

	return value ? strtoll(value, NULL, 10) : 0;
}

/* Whether a line like "dev counter replay 7" is about @name. */
static bool about(const char *line, const char *name)
{
	const char *at = strstr(line, " counter ");
	size_t len = strlen(name);

	return at && !strncmp(at + 9, name, len) && at[9 + len] == ' ';
}

/*
 * How much @name has risen; -1 if any other has risen as well. @where gets the
 * line of that other one.
 */
static long long risen(const char *name, char *where)
{
	char *after = nl_dump(&nl, RIG_LINK), *line, *save = NULL;
	long long result = 0;
	char *copy = strdup(after);

	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		int words = strrchr(line, ' ') - line;
		long long by;

		if (!strstr(line, " counter "))
			continue;
		by = value_of(after, line, words) -
		     value_of(before, line, words);
		if (!by)
			continue;
		if (about(line, name)) {
			result = by;
			continue;
		}
		snprintf(where, 128, "%s, was %lld", strstr(line, "counter"),
			 value_of(before, line, words));
		result = -1;
		break;
	}
	free(copy);
	free(after);
	return result;
}

/* @name rises by @by within a while, and nothing else does. */
static const char *rises(const char *name, long long by)
{
	char other[128] = "";
	long long is = 0;

	wait_for((is = risen(name, other)) == by || is < 0, 3000);
	usleep(20000);
	is = risen(name, other);
	if (is < 0)
		return ktap_why("another one rose: %s", other);
	return is == by ? NULL :
	       ktap_why("%s rose by %lld, not by %lld", name, is, by);
}

static const char *test_none(void)
{
	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	KTAP_TRY(party_echo(&party, 4));
	KTAP_TRY(party_echo(&party, 6));
	return rises("none", 0);
}

static long long bytes(const char *way)
{
	return nl_get(&nl, RIG_LINK, "peer %s %s", hex(party.hs.self.public),
		      way);
}

/* 100 bytes, padded to 112, into the module and out of it. */
static const char *test_bytes(void)
{
	size_t len = party_inbound(packet, 4, 100, 1);
	long long rx, tx;

	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	party_send_inner(&party, packet, len);
	KTAP_TRY(party_expect_delivered(packet, len));
	rx = bytes("rx-bytes");
	tx = bytes("tx-bytes");
	party_send_inner(&party, packet, len);
	KTAP_TRY(party_expect_delivered(packet, len));
	len = party_outbound(packet, 4, 100, 2);
	inner_tap_send(packet, len);
	KTAP_TRY(party_expect_inner(&party, packet, len));
	rx = bytes("rx-bytes") - rx;
	tx = bytes("tx-bytes") - tx;
	if (rx != NOISE_DATA_LEN(112) || tx != NOISE_DATA_LEN(112))
		return ktap_why("%lld received, %lld sent", rx, tx);
	return NULL;
}

static const char *test_malformed(void)
{
	uint8_t msg[200] = { 1 };

	KTAP_TRY(begin(true));
	party_send(&party, msg, 147);
	party_send(&party, msg, 149);
	party_send(&party, msg, 0);
	party_send(&party, msg, 3);
	msg[0] = 4;
	party_send(&party, msg, 31);
	msg[0] = 5;
	party_send(&party, msg, 148);
	return rises("malformed", 6);
}

static const char *test_unknown_index(void)
{
	uint8_t msg[64] = { 4, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef };

	KTAP_TRY(begin(true));
	party_send(&party, msg, 32);
	party_send(&party, msg, 64);
	return rises("unknown-index", 2);
}

static const char *test_bad_mac(void)
{
	struct noise_initiation msg;

	KTAP_TRY(begin(true));
	noise_initiate(&party.hs, &msg);
	msg.mac1[3] ^= 1;
	party_send(&party, &msg, sizeof(msg));
	return rises("bad-mac", 1);
}

static const char *test_bad_handshake(void)
{
	struct noise_initiation msg;
	struct party stranger;

	KTAP_TRY(begin(true));
	noise_initiate(&party.hs, &msg);
	party_send(&party, &msg, sizeof(msg));
	KTAP_TRY(party_await(&party, NOISE_RESPONSE, PARTY_PATIENCE));
	KTAP_TRY(rises("none", 0));
	party_send(&party, &msg, sizeof(msg));
	KTAP_TRY(rises("bad-handshake", 1));
	party_open(&stranger, RIG_JUDGE, RIG_MODULE, false);
	party_send_initiation(&stranger);
	party_close(&stranger);
	return rises("bad-handshake", 2);
}

static const char *test_bad_packet(void)
{
	uint8_t msg[NOISE_DATA_LEN(64)], junk[64];
	size_t len;

	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	memset(junk, 0xff, sizeof(junk));
	len = noise_seal_raw(&party.session, 100, msg, junk, sizeof(junk));
	msg[len - 1] ^= 1;
	party_send(&party, msg, len);
	KTAP_TRY(rises("bad-packet", 1));
	len = noise_seal_raw(&party.session, 101, msg, junk, sizeof(junk));
	party_send(&party, msg, len);
	return rises("bad-packet", 2);
}

static const char *test_replay(void)
{
	uint8_t msg[NOISE_DATA_LEN(0)];
	size_t len;

	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	len = noise_seal_raw(&party.session, 20000, msg, NULL, 0);
	party_send(&party, msg, len);
	party_send(&party, msg, len);
	KTAP_TRY(rises("replay", 1));
	len = noise_seal_raw(&party.session, 20000 - 9000, msg, NULL, 0);
	party_send(&party, msg, len);
	return rises("replay", 2);
}

static const char *test_source(void)
{
	struct inner inner = {
		.src = "10.99.0.1", .dst = RIG_IN_MODULE, .len = 64,
	};

	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	party_send_inner(&party, packet, inner_make(packet, &inner));
	inner.src = RIG_IN_MODULE;
	party_send_inner(&party, packet, inner_make(packet, &inner));
	return rises("source-not-allowed", 2);
}

/* Data for the index of a handshake that is under way. */
static const char *test_no_key(void)
{
	uint8_t msg[32] = { 4 };

	KTAP_TRY(begin(true));
	inner_tap_send(packet, party_outbound(packet, 4, 0, 1));
	KTAP_TRY(party_await_initiation(&party, PARTY_PATIENCE));
	noise_put32(msg + 4, party.hs.remote_index);
	party_send(&party, msg, sizeof(msg));
	return rises("no-key", 1);
}

static const char *test_key_expired(void)
{
	if (rig_time_scale(SCALE) == 1)
		return "SKIP no time_scale in a release build";
	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	usleep(200 * 1000000ull / SCALE);
	KTAP_TRY(mark());
	party_send_keepalive(&party);
	KTAP_TRY(rises("key-expired", 1));
	rig_time_scale(1);
	return NULL;
}

static const char *test_no_endpoint(void)
{
	KTAP_TRY(begin(false));
	inner_tap_send(packet, party_outbound(packet, 4, 0, 1));
	return rises("no-endpoint", 1);
}

/* More than may wait; then nobody answers, and those that waited are lost. */
static const char *test_queue(void)
{
	const int sent = 300, kept = 128;
	int i;

	if (rig_time_scale(SCALE) == 1)
		return "SKIP no time_scale in a release build";
	KTAP_TRY(begin(true));
	for (i = 0; i < sent; i++)
		inner_tap_send(packet, party_outbound(packet, 4, 0, i));
	KTAP_TRY(rises("queue-full", sent - kept));
	KTAP_TRY(mark());
	if (!wait_for(nl_get(&nl, RIG_LINK, "peer %s counter unreachable",
			     hex(party.hs.self.public)) > 0, 15000))
		return "the handshake is not given up";
	KTAP_TRY(rises("unreachable", kept));
	rig_time_scale(1);
	return NULL;
}

static const char *test_no_peer(void)
{
	struct inner inner = {
		.src = RIG_IN_MODULE, .dst = "10.77.0.9", .len = 64,
	};

	KTAP_TRY(begin(true));
	inner_tap_send(packet, inner_make(packet, &inner));
	return rises("no-peer", 1);
}

static const char *test_send_failed(void)
{
	struct set *s;
	char other[128];
	long long by;

	KTAP_TRY(begin(true));
	KTAP_TRY(party_establish(&party));
	KTAP_TRY(party_echo(&party, 4));
	s = set_begin(&nl, RIG_LINK);
	set_peer(s, party.hs.self.public);
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "203.0.113.9", 9);
	if (set_send(s))
		return nl.why;
	KTAP_TRY(mark());
	inner_tap_send(packet, party_outbound(packet, 4, 0, 1));
	wait_for(risen("send-failed", other), 2000);
	by = risen("send-failed", other);
	if (by < 0)
		return ktap_why("another one rose: %s", other);
	return by ? NULL : "send-failed did not rise";
}

static long long device(const char *name)
{
	return nl_get(&nl, RIG_LINK, "dev counter %s", name);
}

/* From now on run on this CPU, before all that is not of real time. */
static void seize(int cpu)
{
	struct sched_param param = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	sched_setscheduler(0, SCHED_FIFO, &param);
}

/*
 * Faster than any worker: the same initiation so many times, from a child on
 * one CPU, while another one keeps each of the others busy.
 */
static void flood(const struct noise_initiation *msg, int times)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), cpu, i;
	static pid_t child[CPU_SETSIZE];

	for (cpu = 0; cpu < cpus; cpu++) {
		child[cpu] = fork();
		if (child[cpu])
			continue;
		seize(cpu);
		for (i = 0; cpu || i < times; i++)
			if (!cpu)
				party_send(&party, msg, sizeof(*msg));
		_exit(0);
	}
	waitpid(child[0], NULL, 0);
	for (cpu = 1; cpu < cpus; cpu++) {
		kill(child[cpu], SIGKILL);
		waitpid(child[cpu], NULL, 0);
	}
}

/* Packets that the kernel dropped before any protocol saw them, all CPUs. */
static long long backlog_drops(void)
{
	FILE *f = fopen("/proc/net/softnet_stat", "r");
	unsigned int seen, dropped;
	long long sum = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%x %x", &seen, &dropped) == 2)
			sum += dropped;
	if (f)
		fclose(f);
	return sum;
}

static long long counted(void)
{
	return device("bad-handshake") + device("cookie-sent") +
	       device("handshake-queue-full") + device("rate-limited");
}

/* All of a flood is counted, under one name or another. */
static const char *test_flood(void)
{
	const int times = 20000;
	struct noise_initiation msg;
	long long dropped;
	int sent = 0, i;

	KTAP_TRY(begin(true));
	noise_initiate(&party.hs, &msg);
	party_send(&party, &msg, sizeof(msg));
	KTAP_TRY(party_await(&party, NOISE_RESPONSE, PARTY_PATIENCE));
	dropped = backlog_drops();
	for (i = 0; i < 5 && device("handshake-queue-full") <= 0; i++) {
		flood(&msg, times);
		sent += times;
	}
	wait_for(counted() + backlog_drops() - dropped >= sent, 10000);
	dropped = backlog_drops() - dropped;
	ktap_diag("bad-handshake %lld, cookie-sent %lld, handshake-queue-full %lld, before us %lld",
		  device("bad-handshake"), device("cookie-sent"),
		  device("handshake-queue-full"), dropped);
	/* Our answers may be among those that were dropped. */
	if (counted() > sent || counted() + dropped < sent)
		return ktap_why("%lld counted of %d, %lld dropped before us",
				counted(), sent, dropped);
	if (!device("cookie-sent"))
		return "no cookie was sent";
	return device("handshake-queue-full") ? NULL : "the queue took all";
}

/* With a right mac2 a source is limited to so many a second. */
static const char *test_rate(void)
{
	struct noise_initiation msg;
	long long limited;

	KTAP_TRY(begin(true));
	noise_initiate(&party.hs, &msg);
	flood(&msg, 8000);
	KTAP_TRY(party_await(&party, NOISE_COOKIE, PARTY_PATIENCE));
	KTAP_TRY(noise_cookie_take(&party.hs, party.msg, party.len));
	noise_initiate(&party.hs, &msg);
	limited = device("rate-limited");
	flood(&msg, 3000);
	return wait_for(device("rate-limited") > limited, 5000) ? NULL :
		"rate-limited did not rise";
}

static const char *test_ethtool(void)
{
	static const char * const names[] = {
		"no-peer", "unknown-index", "malformed", "bad-mac",
		"bad-handshake", "handshake-queue-full", "rate-limited",
		"cookie-sent", "foreign", "foreign-limited",
	};
	uint8_t msg[64] = { 4 };
	unsigned int i;
	char *at;

	if (!rig_run("command -v ethtool >/dev/null"))
		return "SKIP ethtool is not installed";
	KTAP_TRY(begin(true));
	for (i = 0; i < 7; i++)
		party_send(&party, msg, i < 3 ? 20 : 64);
	KTAP_TRY(wait_for(device("unknown-index") == 4, 2000) ? NULL :
		 "unknown-index did not rise");
	for (i = 0; i < KTAP_COUNT(names); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s", names[i]);
		while ((at = strchr(name, '-')))
			*at = '_';
		if (!rig_run("ethtool -S " RIG_LINK " | grep -qw '%s: %lld'",
			     name, device(names[i])))
			return ktap_why("%s is not %lld there", name,
					device(names[i]));
	}
	return NULL;
}

static const struct ktap_case cases[] = {
	{ "good traffic raises none", test_none },
	{ "bytes of messages, headers included", test_bytes },
	{ "malformed", test_malformed },
	{ "unknown-index", test_unknown_index },
	{ "bad-mac", test_bad_mac },
	{ "bad-handshake", test_bad_handshake },
	{ "bad-packet", test_bad_packet },
	{ "replay", test_replay },
	{ "source-not-allowed", test_source },
	{ "no-key", test_no_key },
	{ "key-expired", test_key_expired },
	{ "no-endpoint", test_no_endpoint },
	{ "queue-full, and unreachable", test_queue },
	{ "no-peer", test_no_peer },
	{ "send-failed", test_send_failed },
	{ "cookie-sent and handshake-queue-full", test_flood },
	{ "rate-limited", test_rate },
	{ "ethtool shows the interface's counters", test_ethtool },
};

int main(void)
{
	if (geteuid())
		ktap_skip_all("needs root");
	if (!kind_is_own())
		ktap_skip_all("only mpcnet has these counters");
	rig_open();
	rig_enter(RIG_SIDE_MODULE);
	if (!nl_open(&nl, kind()))
		ktap_skip_all("no mpcnet on this machine");
	rig_enter(RIG_SIDE_JUDGE);
	return ktap_run(cases, KTAP_COUNT(cases));
}
