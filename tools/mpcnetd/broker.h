/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's side of the child that speaks with one broker. */
#ifndef MPCNETD_BROKER_H
#define MPCNETD_BROKER_H

#include <stdbool.h>

#include "broker_packet.h"
#include "bucket.h"
#include "card.h"
#include "loop.h"
#include "medium.h"

/**
 * struct broker - a broker
 * @medium: what it carries
 * @url: where it is; may hold a secret
 * @socket: to the child; fd -1 while there is none
 * @start_at: when to make a child; LOOP_NEVER: there is one, or none is wanted
 * @failures: children that ended by themselves, one after the other
 * @unsent: bits of enum broker_part that the child is to be told
 * @allowed: how much of what comes is looked at
 * @paused: it is not, until there is something in the bucket
 * @taken: it has had our posting
 * @trouble: why it does not work, empty if it does or nothing is known yet
 */
struct broker {
	const struct medium *medium;
	char url[TICKET_URL_MAX + 1];
	struct loop_fd socket;
	uint64_t start_at;
	unsigned int failures;
	unsigned int unsent;
	struct bucket allowed;
	bool paused;
	bool taken;
	char trouble[BROKER_TROUBLE_MAX + 1];
};

void broker_open(struct broker *broker, const struct medium *medium, const char *url);
void broker_post(struct broker *broker);
void broker_will(struct broker *broker);
void broker_tick(struct broker *broker, uint64_t now);
uint64_t broker_deadline(const struct broker *broker);
void broker_end(struct broker *broker);
void broker_close(struct broker *broker);

/* broker_child.c: its other side, does not return */
void broker_child(int socket);

#endif /* MPCNETD_BROKER_H */
