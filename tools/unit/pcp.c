// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "pcp.h"

/* Laid out by RFC 6887 sections 7.1, 7.2 and 11.1. */
#define NONCE "\1\2\3\4\5\6\7\10\11\12\13\14"
#define MAPPED(address) "\0\0\0\0\0\0\0\0\0\0\xff\xff" address
#define MAPPING                                                                                    \
	NONCE                                                                                      \
	"\x11\0\0\0" /* UDP */                                                                     \
	"\x30\x39"   /* internal port */                                                           \
	"\x30\x3a"   /* external port */                                                           \
		MAPPED("\x2d\x2d\x00\x01")

static const uint8_t request[PCP_MAP_LEN + 1] = "\2\1\0\0"   /* version, MAP */
						"\0\0\2\x58" /* lifetime */
	MAPPED("\xc0\xa8\x01\x14")			     /* client */
	MAPPING;

static const uint8_t answered[PCP_MAP_LEN + 1] = "\2\x81\0\0" /* version, MAP, result */
						 "\0\0\2\x58" /* lifetime */
						 "\0\0\1\2"   /* epoch */
						 "\0\0\0\0\0\0\0\0\0\0\0\0" MAPPING;

static union mpcnet_endpoint at4(const char *address, uint16_t port)
{
	union mpcnet_endpoint e = { .in = { .sin_family = AF_INET, .sin_port = htons(port) } };

	inet_pton(AF_INET, address, &e.in.sin_addr);
	return e;
}

static struct pcp_map map_example(void)
{
	return (struct pcp_map){
		.nonce = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
		.internal = at4("192.168.1.20", 12345),
		.external = at4("45.45.0.1", 12346),
		.lifetime = 600,
	};
}

static void requests(void)
{
	struct pcp_map map = map_example();
	uint8_t data[PCP_MAP_LEN], want[PCP_MAP_LEN];

	pcp_map_encode(data, &map);
	CHECK(!memcmp(data, request, sizeof(data)));

	/* No wish is port 0 of ::ffff:0.0.0.0. */
	memcpy(want, request, sizeof(want));
	memset(want + 42, 0, 2);
	memset(want + 56, 0, 4);
	map.external.sa.sa_family = 0;
	pcp_map_encode(data, &map);
	CHECK(!memcmp(data, want, sizeof(data)));

	/* Removal has no wish either. */
	map = map_example();
	map.lifetime = 0;
	memset(want + 4, 0, 4);
	pcp_map_encode(data, &map);
	CHECK(!memcmp(data, want, sizeof(data)));
}

static void request_ipv6(void)
{
	struct pcp_map map = map_example();
	uint8_t data[PCP_MAP_LEN], address[16];

	inet_pton(AF_INET6, "2001:db8::7", address);
	memset(&map.internal, 0, sizeof(map.internal));
	map.internal.in6.sin6_family = AF_INET6;
	map.internal.in6.sin6_port = htons(12345);
	memcpy(&map.internal.in6.sin6_addr, address, 16);
	pcp_map_encode(data, &map);
	CHECK(!memcmp(data + 8, address, 16));
	CHECK(!memcmp(data + 24, request + 24, sizeof(data) - 24));
}

static void answers(void)
{
	struct pcp_map map = map_example();
	struct pcp_answer answer;

	CHECK(pcp_answer_decode(&answer, answered, PCP_MAP_LEN) == PCP_ANSWER);
	CHECK(answer.result == PCP_SUCCESS);
	CHECK(answer.lifetime == 600);
	CHECK(answer.epoch == 0x102);
	CHECK(mpcnet_endpoint_equal(&answer.external, &map.external));
	CHECK(pcp_answer_is_for(&answer, &map));

	answer.nonce[11]++;
	CHECK(!pcp_answer_is_for(&answer, &map));
	answer.nonce[11]--;
	answer.protocol = IPPROTO_TCP;
	CHECK(!pcp_answer_is_for(&answer, &map));
	answer.protocol = IPPROTO_UDP;
	answer.port++;
	CHECK(!pcp_answer_is_for(&answer, &map));
}

static void refusals(void)
{
	struct pcp_answer answer;
	uint8_t data[PCP_MAP_LEN];

	memcpy(data, answered, sizeof(data));
	data[3] = 2;
	CHECK(pcp_answer_decode(&answer, data, sizeof(data)) == PCP_ANSWER);
	CHECK(answer.result == 2);
	CHECK(answer.external.sa.sa_family == 0);
	CHECK(!strcmp(pcp_result_text(2), "is set to refuse it"));
	CHECK(!strcmp(pcp_result_text(0), pcp_result_text(255)));
	CHECK(strcmp(pcp_result_text(13), pcp_result_text(14)));
}

/* What one changed byte makes of the answer. */
static enum pcp_kind with(size_t at, uint8_t value, size_t len)
{
	uint8_t data[PCP_MESSAGE_MAX + 4] = { 0 };
	struct pcp_answer answer;

	memcpy(data, answered, PCP_MAP_LEN);
	data[at] = value;
	return pcp_answer_decode(&answer, data, len);
}

static void other_messages(void)
{
	static const uint8_t natpmp[8] = { 0, 0x81, 0, 1, 0, 0, 0, 9 };
	struct pcp_answer answer;

	CHECK(with(1, 0x01, 60) == PCP_NOTHING); /* a request */
	CHECK(with(1, 0x82, 60) == PCP_NOTHING); /* PEER */
	CHECK(with(0, 1, 60) == PCP_OTHER_VERSION);
	CHECK(pcp_answer_decode(&answer, natpmp, 8) == PCP_OTHER_VERSION);
	CHECK(pcp_answer_decode(&answer, natpmp, 7) == PCP_NOTHING);
	CHECK(pcp_answer_decode(&answer, answered, 0) == PCP_NOTHING);
}

static void lengths(void)
{
	CHECK(with(0, 2, 56) == PCP_NOTHING);
	CHECK(with(0, 2, 59) == PCP_NOTHING);
	CHECK(with(0, 2, 62) == PCP_NOTHING);
	CHECK(with(0, 2, PCP_MESSAGE_MAX) == PCP_ANSWER);
	CHECK(with(0, 2, PCP_MESSAGE_MAX + 4) == PCP_NOTHING);
	/* An option of 4 bytes, of 5 that are padded, and one cut short. */
	CHECK(with(63, 4, 68) == PCP_ANSWER);
	CHECK(with(63, 5, 72) == PCP_ANSWER);
	CHECK(with(63, 5, 68) == PCP_NOTHING);
	CHECK(with(62, 0xff, 72) == PCP_NOTHING);
}

static void announcements(void)
{
	uint8_t pcp[24] = { 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 };
	uint8_t natpmp[12] = { 0, 0x80, 0, 0, 0, 0, 0, 8, 45, 45, 0, 1 };
	uint32_t epoch = 0;

	CHECK(pcp_announced(&epoch, pcp, sizeof(pcp)) && epoch == 7);
	CHECK(!pcp_announced(&epoch, pcp, sizeof(pcp) - 4));
	CHECK(!pcp_announced(&epoch, natpmp, sizeof(natpmp)));
	CHECK(natpmp_announced(&epoch, natpmp, sizeof(natpmp)) && epoch == 8);
	CHECK(!natpmp_announced(&epoch, natpmp, sizeof(natpmp) - 1));
	CHECK(!natpmp_announced(&epoch, pcp, sizeof(natpmp)));
	natpmp[3] = 1;
	CHECK(!natpmp_announced(&epoch, natpmp, sizeof(natpmp)));
	pcp[3] = 1;
	CHECK(!pcp_announced(&epoch, pcp, sizeof(pcp)));
	pcp[3] = 0;
	pcp[1] = 0;
	CHECK(!pcp_announced(&epoch, pcp, sizeof(pcp)));
}

typedef bool (*tick_fn)(struct pcp_clock *clock, uint32_t epoch, uint64_t now);

/* Is the epoch believed, SECONDS after one of 1000? */
static bool after(tick_fn tick, uint64_t seconds, uint32_t epoch)
{
	struct pcp_clock clock = { 0 };
	bool valid;

	CHECK(tick(&clock, 1000, 50));
	valid = tick(&clock, epoch, 50 + seconds);
	CHECK(clock.known && clock.epoch == epoch && clock.heard == 50 + seconds);
	return valid;
}

static void clock_pcp(void)
{
	CHECK(after(pcp_clock_tick, 300, 1300));
	CHECK(after(pcp_clock_tick, 0, 999)); /* late by one */
	CHECK(!after(pcp_clock_tick, 0, 998));
	CHECK(!after(pcp_clock_tick, 2000, 0));
	/* 320 s of ours are at least 298 of theirs. */
	CHECK(after(pcp_clock_tick, 320, 1298));
	CHECK(!after(pcp_clock_tick, 320, 1297));
	/* 320 s of theirs are at least 298 of ours. */
	CHECK(after(pcp_clock_tick, 298, 1320));
	CHECK(!after(pcp_clock_tick, 297, 1320));
	CHECK(!after(pcp_clock_tick, 10, UINT32_MAX));
}

static void clock_natpmp(void)
{
	CHECK(after(natpmp_clock_tick, 300, 1300));
	CHECK(after(natpmp_clock_tick, 0, 998));
	CHECK(!after(natpmp_clock_tick, 0, 997));
	/* 320 s of ours are at least 278 of theirs. */
	CHECK(after(natpmp_clock_tick, 320, 1278));
	CHECK(!after(natpmp_clock_tick, 320, 1277));
	CHECK(after(natpmp_clock_tick, 0, 5000));
}

static const struct unit_test tests[] = {
	{ "pcp: requests", requests },
	{ "pcp: a request of IPv6", request_ipv6 },
	{ "pcp: answers", answers },
	{ "pcp: refusals", refusals },
	{ "pcp: what is no answer", other_messages },
	{ "pcp: lengths and options", lengths },
	{ "pcp: announcements", announcements },
	{ "pcp: the epoch of PCP", clock_pcp },
	{ "pcp: the epoch of NAT-PMP", clock_natpmp },
	{ 0 },
};
UNIT_TESTS(tests)
