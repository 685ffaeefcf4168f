/* SPDX-License-Identifier: GPL-2.0 */
/* One ticket for the tests; what follows from it was computed by a program of its own. */
#ifndef MPCNET_UNIT_SAMPLE_H
#define MPCNET_UNIT_SAMPLE_H

#include <arpa/inet.h>

#include "card.h"

#define SAMPLE_TICKET                                                                              \
	"mpc1aeaacaqdaqcqmbyibefawdanbyhqgaaaaaagwsosaadgizlnn4wtccsnaaabqaqvon2hk3romv4gc3lq"     \
	"nrss433sm45dgnbxhajfwmrqgaytuzdcha5dumk5hiztinzyaeuhi5lsnzztuylmnfrwkotqeu2da43tibzg"     \
	"k3dbpexgk6dbnvygyzjon5zgoorugqzqch3nof2hi4z2f4xwe4tpnnsxeltfpbqw24dmmuxg64thhi4dqobt"     \
	"lqefzpq"

static inline struct ticket sample_ticket(void)
{
	struct ticket ticket = {
		.secret = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		.parties = 3,
		.expires = 1800000000,
		.name = "demo-1",
		.network = htonl(0x0a4d0000),
		.network_len = 24,
		.stun = { "stun.example.org:3478", "[2001:db8::1]:3478" },
		.stun_count = 2,
		.turn = { "turns:alice:p%40ss@relay.example.org:443" },
		.turn_count = 1,
		.broker = { "mqtts://broker.example.org:8883" },
		.broker_count = 1,
	};

	return ticket;
}

#endif /* MPCNET_UNIT_SAMPLE_H */
