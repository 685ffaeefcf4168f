// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams that arrive as one packet (UDP_SEGMENT): what is wrong with one
 * of them is not held against the others, and each is taken for what it is.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktap.h"
#include "party.h"

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define COUNT		16
#define INNER_LEN	208
#define SIZE		NOISE_DATA_LEN(INNER_LEN)
#define INITIATION_LEN	sizeof(struct noise_initiation)

/**
 * struct batch - datagrams of one length, but for the last
 * @bytes: one behind the other
 * @len: length of all
 * @size: length of each
 */
struct batch {
	uint8_t bytes[65000];
	size_t len;
	size_t size;
};

static struct party judge;
static struct batch batch;
static uint8_t inner[64][INNER_LEN];
static uint16_t seq;

static const char *begin(void)
{
	static bool begun;
	static uint8_t rest[INNER_MAX];

	if (!begun)
		KTAP_TRY(party_begin(&judge, false, false));
	begun = true;
	KTAP_TRY(party_establish(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	while (inner_tap_receive(rest, 0) >= 0)
		;
	batch.len = 0;
	batch.size = SIZE;
	return NULL;
}

static void add(const void *msg, size_t len)
{
	memcpy(batch.bytes + batch.len, msg, len);
	batch.len += len;
}

/* Seal packet @i of the batch with a session. */
static void add_data(struct noise_session *session, unsigned int i)
{
	uint8_t msg[SIZE];

	party_inbound(inner[i], 4, INNER_LEN, ++seq);
	add(msg, noise_seal(session, msg, inner[i], INNER_LEN));
}

static void add_many(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		add_data(&judge.session, i);
}

static const char *send_batch(void)
{
	uint8_t control[CMSG_SPACE(sizeof(uint16_t))] __attribute__((aligned(8))) = { 0 };
	struct iovec part = { .iov_base = batch.bytes, .iov_len = batch.len };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(RIG_PORT) };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	uint16_t size = (uint16_t)batch.size;

	inet_pton(AF_INET, judge.to, &to.sin_addr);
	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	if (sendmsg(judge.sock, &msg, 0) == (ssize_t)batch.len)
		return NULL;
	return ktap_why("%zu bytes by %zu are not sent: %s", batch.len, batch.size,
			strerror(errno));
}

/* All packets of the batch come, in order, but those whose bit is set. */
static const char *delivered(unsigned int count, uint64_t without)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (without >> i & 1)
			continue;
		why = party_expect_delivered(inner[i], INNER_LEN);
		if (why)
			return ktap_why("packet %u of %u: %s", i, count, why);
	}
	return NULL;
}

static unsigned int drops(const char *reason)
{
	char command[256], path[] = "/tmp/wire_batch.XXXXXX";
	unsigned int count = 0;
	FILE *file;
	int fd = mkstemp(path);

	if (fd < 0)
		return 0;
	snprintf(command, sizeof(command),
		 "mpcnetctl -j peer show " RIG_LINK " | jq -r '[.. | .%s? // empty][0] // 0' >%s",
		 reason, path);
	rig_run("%s", command);
	file = fdopen(fd, "r");
	if (file && fscanf(file, "%u", &count) != 1)
		count = 0;
	if (file)
		fclose(file);
	unlink(path);
	return count;
}

static const char *test_whole(void)
{
	KTAP_TRY(begin());
	add_many(64);
	KTAP_TRY(send_batch());
	return delivered(64, 0);
}

static const char *test_damaged(void)
{
	unsigned int bad = drops("bad_packet");

	KTAP_TRY(begin());
	add_many(COUNT);
	batch.bytes[5 * SIZE + SIZE / 2] ^= 1;
	batch.bytes[9 * SIZE - 1] ^= 0x80;
	KTAP_TRY(send_batch());
	KTAP_TRY(delivered(COUNT, 1 << 5 | 1 << 8));
	bad = drops("bad_packet") - bad;
	return bad == 2 ? NULL : ktap_why("%u bad packets are counted", bad);
}

static const char *test_forged(void)
{
	KTAP_TRY(begin());
	add_many(COUNT);
	/* another session's index, another type, and nothing known at all */
	randombytes_buf(batch.bytes + 3 * SIZE + 4, SIZE - 4);
	noise_put32(batch.bytes + 7 * SIZE, 7);
	randombytes_buf(batch.bytes + 11 * SIZE, SIZE);
	KTAP_TRY(send_batch());
	return delivered(COUNT, 1 << 3 | 1 << 7 | 1 << 11);
}

static const char *test_first(void)
{
	KTAP_TRY(begin());
	add_many(COUNT);
	memset(batch.bytes, 0xff, SIZE);
	KTAP_TRY(send_batch());
	return delivered(COUNT, 1);
}

static const char *test_twice(void)
{
	unsigned int replay = drops("replay");

	KTAP_TRY(begin());
	add_many(COUNT);
	memcpy(batch.bytes + 4 * SIZE, batch.bytes + 2 * SIZE, SIZE);
	KTAP_TRY(send_batch());
	KTAP_TRY(delivered(COUNT, 1 << 4));
	replay = drops("replay") - replay;
	return replay == 1 ? NULL : ktap_why("%u replays are counted", replay);
}

static const char *test_sessions(void)
{
	struct noise_session old;
	unsigned int i;

	KTAP_TRY(begin());
	old = judge.session;
	KTAP_TRY(party_initiate(&judge));
	for (i = 0; i < COUNT; i++)
		add_data(i % 3 ? &judge.session : &old, i);
	KTAP_TRY(send_batch());
	return delivered(COUNT, 0);
}

static const char *test_keepalive(void)
{
	uint8_t msg[NOISE_DATA_LEN(0)];

	KTAP_TRY(begin());
	add_many(COUNT);
	add(msg, noise_seal(&judge.session, msg, NULL, 0));
	KTAP_TRY(send_batch());
	return delivered(COUNT, 0);
}

static const char *answered(void)
{
	KTAP_TRY(party_await(&judge, NOISE_RESPONSE, PARTY_PATIENCE));
	judge.initiated = outer_now();
	return noise_conclude(&judge.hs, judge.msg, judge.len, &judge.session);
}

static const char *test_initiation_last(void)
{
	struct noise_initiation initiation;

	KTAP_TRY(begin());
	add_many(COUNT);
	outer_sleep(30);
	judge.hs.index = 0;
	noise_initiate(&judge.hs, &initiation);
	add(&initiation, sizeof(initiation));
	KTAP_TRY(send_batch());
	KTAP_TRY(delivered(COUNT, 0));
	return answered();
}

/* Messages of the length of an initiation, padded in no regular way */
static void add_odd(unsigned int i)
{
	uint8_t msg[INITIATION_LEN];
	size_t len = sizeof(msg) - NOISE_DATA_LEN(0);

	party_inbound(inner[i], 4, len, ++seq);
	add(msg, noise_seal_raw(&judge.session, judge.session.next++, msg, inner[i], len));
}

static const char *test_initiation_within(void)
{
	size_t len = INITIATION_LEN - NOISE_DATA_LEN(0);
	struct noise_initiation initiation;
	unsigned int i;

	KTAP_TRY(begin());
	outer_sleep(30);
	judge.hs.index = 0;
	noise_initiate(&judge.hs, &initiation);
	for (i = 0; i < COUNT; i++) {
		if (i == 6)
			add(&initiation, sizeof(initiation));
		add_odd(i);
	}
	batch.size = INITIATION_LEN;
	KTAP_TRY(send_batch());
	for (i = 0; i < COUNT; i++)
		KTAP_TRY(party_expect_delivered(inner[i], len));
	return answered();
}

/* Noise in batches of any length: it does no harm, and what follows comes. */
static const char *test_noise(void)
{
	unsigned int round, i;

	KTAP_TRY(begin());
	for (round = 0; round < 300; round++) {
		batch.size = 1 + randombytes_uniform(round % 2 ? 40 : 1400);
		batch.len = batch.size * (2 + randombytes_uniform(40));
		if (batch.len > sizeof(batch.bytes))
			batch.len = batch.size * 2;
		batch.len -= randombytes_uniform((uint32_t)batch.size);
		randombytes_buf(batch.bytes, batch.len);
		for (i = 0; i * batch.size + 8 <= batch.len; i++) {
			if (randombytes_uniform(8) == 0)
				continue;
			noise_put32(batch.bytes + i * batch.size, 1 + randombytes_uniform(4));
			noise_put32(batch.bytes + i * batch.size + 4, judge.session.remote_index);
		}
		KTAP_TRY(send_batch());
	}
	outer_sleep(1200);
	return test_whole();
}

static const struct ktap_case cases[] = {
	{ "64 messages come whole and in order", test_whole },
	{ "damaged messages are missing, and no others", test_damaged },
	{ "forged messages are missing, and no others", test_forged },
	{ "what begins with something foreign", test_first },
	{ "a message comes once", test_twice },
	{ "messages of two sessions by turns", test_sessions },
	{ "a keepalive at the end", test_keepalive },
	{ "an initiation at the end is answered", test_initiation_last },
	{ "an initiation among them is answered", test_initiation_within },
	{ "noise of any size does no harm", test_noise },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
