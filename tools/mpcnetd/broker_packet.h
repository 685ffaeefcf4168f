/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon and its child for a broker tell each other, one packet each:
 *
 *	+------+------------------+
 *	| type | data, up to 2048 |
 *	+------+------------------+
 */
#ifndef MPCNETD_BROKER_PACKET_H
#define MPCNETD_BROKER_PACKET_H

#include "medium.h"

#define BROKER_PACKET_MAX (1 + MEDIUM_MAX)
#define BROKER_TROUBLE_MAX 400

enum broker_packet {
	/* to the child */
	BROKER_URL = 'u',  /* of the broker, a 0 behind it */
	BROKER_ID = 'i',   /* medium.id and medium.slot */
	BROKER_WILL = 'w', /* medium.will */
	BROKER_POST = 'p', /* medium.posting */
	BROKER_END = 'e',  /* erase the posting and exit */
	/* to the daemon */
	BROKER_HEARD = 'h',   /* somebody's posting */
	BROKER_TAKEN = 't',   /* the broker has our posting */
	BROKER_TROUBLE = 'x', /* a sentence of printable ASCII; empty: all is well */
};

#endif /* MPCNETD_BROKER_PACKET_H */
