/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Port Control Protocol's MAP (RFC 6887), and how both it and NAT-PMP
 * (RFC 6886) tell that a gateway has forgotten. Bytes in, bytes out: no
 * socket, no clock.
 *
 *	 0      1        2          3
 *	+------+--------+----------+--------------+
 *	|  2   |R opcode| reserved | result (R)   |
 *	+------+--------+----------+--------------+
 *	| lifetime                                |
 *	+-----------------------------------------+
 *	| address of the client; (R) epoch and 0s |  16 bytes
 *	+-----------------------------------------+
 *	| nonce                                   |  12 bytes
 *	+------+----------------------------------+
 *	| proto| reserved                         |
 *	+------+----------+-----------------------+
 *	| internal port   | external port         |
 *	+-----------------+-----------------------+
 *	| external address                        |  16 bytes
 *	+-----------------------------------------+
 */
#ifndef MPCNET_PCP_H
#define MPCNET_PCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define PCP_PORT 5351	     /* of the gateway, for both protocols */
#define PCP_CLIENT_PORT 5350 /* where it announces that it restarted */
#define PCP_NONCE_LEN 12
#define PCP_MAP_LEN 60
#define PCP_MESSAGE_MAX 1100
#define PCP_SUCCESS 0

/* What bytes from a gateway are. */
enum pcp_kind {
	PCP_NOTHING, /* not an answer to MAP */
	PCP_ANSWER,
	PCP_OTHER_VERSION, /* an answer, by one who does not speak version 2 */
};

/**
 * struct pcp_map - a mapping to ask for, RFC 6887 section 11.1
 * @nonce: random, the same as long as we want the mapping
 * @internal: our address, as the gateway sees it, and the port to map
 * @external: which we would like; family 0 for any
 * @lifetime: seconds, 0 to remove it
 */
struct pcp_map {
	uint8_t nonce[PCP_NONCE_LEN];
	union mpcnet_endpoint internal;
	union mpcnet_endpoint external;
	uint32_t lifetime;
};

/**
 * struct pcp_answer - what a gateway answers to MAP, RFC 6887 section 11.1
 * @nonce: of the request
 * @result: PCP_SUCCESS, or why not (section 7.4)
 * @protocol: 17 for UDP
 * @port: internal port
 * @external: address and port, if it is a success
 * @lifetime: seconds that the mapping, or the error, lasts
 * @epoch: seconds since the gateway lost its state
 */
struct pcp_answer {
	uint8_t nonce[PCP_NONCE_LEN];
	uint8_t result;
	uint8_t protocol;
	uint16_t port;
	union mpcnet_endpoint external;
	uint32_t lifetime;
	uint32_t epoch;
};

/**
 * struct pcp_clock - what a gateway last said of its epoch
 * @known: it has said something
 * @epoch: what, in seconds
 * @heard: when, in seconds of our monotonic clock
 */
struct pcp_clock {
	bool known;
	uint32_t epoch;
	uint64_t heard;
};

void pcp_map_encode(uint8_t data[PCP_MAP_LEN], const struct pcp_map *map);
enum pcp_kind pcp_answer_decode(struct pcp_answer *answer, const void *data, size_t len);
bool pcp_answer_is_for(const struct pcp_answer *answer, const struct pcp_map *map);
const char *pcp_result_text(unsigned int result);

bool pcp_announced(uint32_t *epoch, const void *data, size_t len);
bool natpmp_announced(uint32_t *epoch, const void *data, size_t len);
bool pcp_clock_tick(struct pcp_clock *clock, uint32_t epoch, uint64_t now);
bool natpmp_clock_tick(struct pcp_clock *clock, uint32_t epoch, uint64_t now);

#endif /* MPCNET_PCP_H */
