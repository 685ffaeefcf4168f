// SPDX-License-Identifier: GPL-2.0
/*
 * Noise at the module: 20,000 messages of each type, random ones and right
 * ones that were changed. None is answered, the kernel's log stays as it is,
 * and the module works afterwards. MPCNET_SEED repeats the noise of a run.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "party.h"

#define MESSAGES	20000
#define DEEP		5000

/* Lines of the kernel's log that one test may add: limited, not one a message. */
#define LOG_LINES	50

static struct party judge;
static struct noise_handshake pending;
static int kernel_log = -1;
static uint64_t state;

/* Xorshift: noise that can be repeated, and costs no system call. */
static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t limit)
{
	return (size_t)(noise() >> 8) % limit;
}

static void fill(uint8_t *out, size_t len)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < len; i += sizeof(word)) {
		word = noise();
		memcpy(out + i, &word, len - i < sizeof(word) ? len - i : sizeof(word));
	}
}

static void seed(void)
{
	const char *given = getenv("MPCNET_SEED");

	randombytes_buf(&state, sizeof(state));
	if (given)
		state = strtoull(given, NULL, 0);
	state |= !state;
	ktap_diag("MPCNET_SEED=0x%llx", (unsigned long long)state);
}

static const char *begin(void)
{
	static bool begun;

	if (!begun) {
		seed();
		KTAP_TRY(party_begin(&judge, false, false));
		kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	begun = true;
	KTAP_TRY(party_establish(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	outer_watch_count();
	if (kernel_log >= 0)
		lseek(kernel_log, 0, SEEK_END);
	return NULL;
}

static const char *log_clean(void)
{
	static const char *const bad[] = { "BUG", "WARNING", "Oops", "Call Trace", "KASAN" };
	char line[1024];
	unsigned int lines = 0;
	ssize_t len;
	size_t i;

	while (kernel_log >= 0 && (len = read(kernel_log, line, sizeof(line) - 1)) > 0) {
		line[len] = 0;
		lines++;
		for (i = 0; i < KTAP_COUNT(bad); i++)
			if (strstr(line, bad[i]))
				return ktap_why("kernel's log: %.100s", line);
	}
	return lines > LOG_LINES ? ktap_why("%u lines in the kernel's log", lines) : NULL;
}

/* Noise is not answered; the load that it makes is over, and the module works. */
static const char *survived(void)
{
	unsigned int answers;

	outer_sleep(300);
	answers = outer_watch_count();
	if (answers)
		return ktap_why("%u packets came as answers", answers);
	KTAP_TRY(log_clean());
	outer_sleep(1200);
	KTAP_TRY(party_initiate(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	return party_echo(&judge, 6);
}

/* Change up to seven bits: an odd number of flips changes something. */
static void flip(uint8_t *msg, size_t from, size_t len)
{
	size_t flips = 1 + 2 * below(4), bit;

	while (flips--) {
		bit = below(8 * (len - from));
		msg[from + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* A message of @type: random bytes, a wrong length, or @right with some bits changed. */
static size_t make_noise(uint8_t *msg, uint32_t type, const void *right, size_t right_len,
			 size_t spare)
{
	size_t len = right_len;

	switch (below(4)) {
	case 0:
		len = 4 + below(300);
		/* fall through */
	case 1:
		fill(msg, len);
		noise_put32(msg, type);
		return len;
	case 2:
		memcpy(msg, right, len);
		return below(len);
	default:
		memcpy(msg, right, len);
		flip(msg, 0, len - spare);
		return len;
	}
}

static const char *fuzz(uint32_t type, const void *right, size_t len, size_t spare)
{
	uint8_t msg[512];
	int i;

	for (i = 0; i < MESSAGES; i++)
		party_send(&judge, msg, make_noise(msg, type, right, len, spare));
	return survived();
}

static const char *test_initiation(void)
{
	struct noise_initiation right;

	KTAP_TRY(begin());
	outer_sleep(30);
	noise_initiate(&judge.hs, &right);
	/* mac2 means nothing without load: the message would be right. */
	return fuzz(NOISE_INITIATION, &right, sizeof(right), NOISE_MAC);
}

static const char *test_response(void)
{
	struct noise_response right;
	struct noise_session none;

	KTAP_TRY(begin());
	pending = judge.hs;
	pending.remote_index = judge.session.remote_index;
	noise_respond(&pending, &right, &none);
	return fuzz(NOISE_RESPONSE, &right, sizeof(right), 0);
}

static const char *test_cookie(void)
{
	struct noise_initiation initiation;
	struct noise_cookie right;
	uint8_t cookie[NOISE_MAC] = { 9 };

	KTAP_TRY(begin());
	noise_initiate(&judge.hs, &initiation);
	noise_cookie_make(&right, judge.hs.self.public, cookie, &initiation, sizeof(initiation));
	noise_put32(right.receiver, judge.session.remote_index);
	return fuzz(NOISE_COOKIE, &right, sizeof(right), 0);
}

static const char *test_data(void)
{
	uint8_t packet[INNER_MIN6], right[256], delivered[INNER_MAX];
	size_t len;

	KTAP_TRY(begin());
	len = noise_seal(&judge.session, right, packet, party_inbound(packet, 6, 0, 1));
	while (inner_tap_receive(delivered, 0) >= 0)
		;
	/* What is delivered would be found in place of the first packet afterwards. */
	return fuzz(NOISE_DATA, right, len, 0);
}

static const char *test_other_types(void)
{
	uint8_t right[148] = { 0 };

	KTAP_TRY(begin());
	return fuzz((uint32_t)noise() | 5, right, sizeof(right), 0);
}

/* Right mac1, so that more of the module sees it. Under load a cookie may come. */
static const char *test_deep_initiation(void)
{
	struct noise_initiation right, msg;
	int i;

	KTAP_TRY(begin());
	outer_sleep(30);
	noise_initiate(&judge.hs, &right);
	for (i = 0; i < DEEP; i++) {
		msg = right;
		flip((uint8_t *)&msg, 8, sizeof(msg) - 2 * NOISE_MAC);
		noise_mac(&judge.hs, &msg, sizeof(msg));
		party_send(&judge, &msg, sizeof(msg));
	}
	while (!party_next(&judge, 1500))
		if (judge.msg[0] != NOISE_COOKIE || judge.len != sizeof(struct noise_cookie))
			return ktap_why("message of type %u and %zu bytes came", judge.msg[0],
					judge.len);
	outer_watch_count();
	return survived();
}

/* Right seals around random content: what a peer itself may do. */
static const char *test_deep_data(void)
{
	uint8_t plain[1500], msg[2048];
	int i;

	KTAP_TRY(begin());
	for (i = 0; i < DEEP; i++) {
		size_t len = below(i % 2 ? 100 : sizeof(plain));

		fill(plain, len);
		if (len && i % 3)
			plain[0] = i % 3 == 1 ? 0x45 : 0x60;
		party_send(&judge, msg, noise_seal_raw(&judge.session, judge.session.next++, msg,
						       plain, len));
	}
	outer_sleep(300);
	KTAP_TRY(log_clean());
	while (!party_next(&judge, 0))
		;
	outer_watch_count();
	return survived();
}

static const struct ktap_case cases[] = {
	{ "noise as initiations", test_initiation },
	{ "noise as responses", test_response },
	{ "noise as cookie replies", test_cookie },
	{ "noise as data", test_data },
	{ "noise of other types", test_other_types },
	{ "noise in initiations with a right mac1", test_deep_initiation },
	{ "noise in data that authenticates", test_deep_data },
};

int main(void)
{
	rig_open();
	outer_watch_start();
	return ktap_run(cases, KTAP_COUNT(cases));
}
