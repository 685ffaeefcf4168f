// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of PCP: what is taken can be written and is read the same again, and
 * belongs to the request that it was written for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A request differs from its answer in the first 24 bytes only. */
static void answer_from_request(uint8_t data[PCP_MAP_LEN], const struct pcp_answer *answer)
{
	data[1] = 0x81;
	data[3] = answer->result;
	memset(data + 8, 0, 16);
	for (unsigned int i = 0; i < 4; i++) {
		data[4 + i] = (uint8_t)(answer->lifetime >> (24 - 8 * i));
		data[8 + i] = (uint8_t)(answer->epoch >> (24 - 8 * i));
	}
}

static void write_and_read(const struct pcp_answer *answer)
{
	struct pcp_map map = { .external = answer->external, .lifetime = 1 };
	struct pcp_answer again;
	uint8_t data[PCP_MAP_LEN];

	memcpy(map.nonce, answer->nonce, sizeof(map.nonce));
	map.internal.in.sin_family = AF_INET;
	map.internal.in.sin_port = htons(answer->port);
	pcp_map_encode(data, &map);
	if (pcp_answer_decode(&again, data, sizeof(data)) != PCP_NOTHING)
		abort();
	answer_from_request(data, answer);
	if (pcp_answer_decode(&again, data, sizeof(data)) != PCP_ANSWER ||
	    !pcp_answer_is_for(&again, &map))
		abort();
	again.protocol = answer->protocol;
	if (memcmp(&again, answer, sizeof(again)))
		abort();
}

static void clocks(const uint8_t *data, size_t size)
{
	struct pcp_clock pcp = { 0 }, natpmp = { 0 };
	uint64_t now = 1000;
	uint32_t epoch;

	for (; size >= 5; data += 5, size -= 5) {
		memcpy(&epoch, data, 4);
		now += data[4];
		pcp_clock_tick(&pcp, epoch, now);
		natpmp_clock_tick(&natpmp, epoch, now);
		/* Said twice at once, it is right the second time. */
		if (!pcp_clock_tick(&pcp, epoch, now) || !natpmp_clock_tick(&natpmp, epoch, now))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcp_answer answer;
	uint32_t epoch;

	if (pcp_answer_decode(&answer, data, size) == PCP_ANSWER) {
		if (!*pcp_result_text(answer.result))
			abort();
		write_and_read(&answer);
	}
	if (pcp_announced(&epoch, data, size) && natpmp_announced(&epoch, data, size))
		abort();
	clocks(data, size);
	return 0;
}
