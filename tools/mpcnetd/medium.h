/* SPDX-License-Identifier: GPL-2.0 */
/* What brokers and the local network have of a session, as parts of its rendezvous. */
#ifndef MPCNETD_MEDIUM_H
#define MPCNETD_MEDIUM_H

#include <stddef.h>
#include <stdint.h>

/* Longest posting; what is longer is nobody's. */
#define MEDIUM_MAX 2048
#define MEDIUM_ID_LEN 16
#define MEDIUM_SLOT_LEN 8
/* Postings of more parties than a session has are not kept apart. */
#define MEDIUM_SLOTS_MAX 256
/* How many postings of strangers are looked at: at once, and a second */
#define MEDIUM_BURST 1000
#define MEDIUM_RATE 200
/* How many in one turn of the loop */
#define MEDIUM_AT_ONCE 32

/**
 * struct medium_data - sealed bytes
 * @len: how many; 0: there are none
 * @data: the bytes
 */
struct medium_data {
	size_t len;
	uint8_t data[MEDIUM_MAX];
};

/**
 * struct medium - what a medium carries, and for whom
 * @id: names the session to those who carry
 * @slot: names this party to them, and does not tell who it is
 * @posting: our latest one
 * @will: what is said for us when we are silent
 * @received: somebody's posting, unjudged; may close the rendezvous
 * @changed: a medium works or works no more
 * @arg: handed to both
 */
struct medium {
	uint8_t id[MEDIUM_ID_LEN];
	uint8_t slot[MEDIUM_SLOT_LEN];
	struct medium_data posting;
	struct medium_data will;
	void (*received)(void *arg, const uint8_t *data, size_t len);
	void (*changed)(void *arg);
	void *arg;
};

#endif /* MPCNETD_MEDIUM_H */
