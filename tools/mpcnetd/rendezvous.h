/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way by which postings of the parties reach each other: sealed bytes, one
 * posting a party, of which the latest counts. Each of the ticket's brokers
 * carries them, or without any the local network. A medium may drop, repeat,
 * reorder, forge and withhold: all that comes is handed up, unjudged, but no
 * more than so much a second.
 *
 *	                           +-- broker.c == child == broker, up to 4
 *	session -- rendezvous.c ---+
 *	                           +-- lan.c == multicast on each interface
 */
#ifndef MPCNETD_RENDEZVOUS_H
#define MPCNETD_RENDEZVOUS_H

#include "broker.h"
#include "card.h"
#include "lan.h"
#include "medium.h"

/**
 * struct rendezvous_ops - what it tells its owner
 * @received: somebody's posting, unjudged: up to MEDIUM_MAX bytes. The rendezvous
 * may be used and closed here, but has to live on until this returns.
 * @changed: rendezvous_trouble() says something else now
 */
struct rendezvous_ops {
	void (*received)(void *arg, const uint8_t *data, size_t len);
	void (*changed)(void *arg);
};

/**
 * struct rendezvous - the media of a session
 * @ops: its owner's
 * @arg: handed to them
 * @medium: what is carried
 * @brokers: the ticket's
 * @broker_count: how many; none: @lan is used
 * @lan: the local network
 * @trouble: what does not work, as told last
 */
struct rendezvous {
	const struct rendezvous_ops *ops;
	void *arg;
	struct medium medium;
	struct broker brokers[TICKET_SERVERS_MAX];
	unsigned int broker_count;
	struct lan lan;
	char trouble[BROKER_TROUBLE_MAX + 64];
};

int rendezvous_open(struct rendezvous *r, const struct ticket *ticket,
		    const uint8_t public_key[MPCNET_KEY_LEN], const struct rendezvous_ops *ops,
		    void *arg, struct mpcnet_err *err);
void rendezvous_post(struct rendezvous *r, const uint8_t *data, size_t len);
void rendezvous_will(struct rendezvous *r, const uint8_t *data, size_t len);
void rendezvous_tick(struct rendezvous *r, uint64_t now);
uint64_t rendezvous_deadline(const struct rendezvous *r);
const char *rendezvous_trouble(const struct rendezvous *r);
bool rendezvous_reached(const struct rendezvous *r);
void rendezvous_end(struct rendezvous *r);
void rendezvous_close(struct rendezvous *r);

#endif /* MPCNETD_RENDEZVOUS_H */
