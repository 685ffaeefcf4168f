/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_JOIN_H
#define MPCNETCTL_SESSION_JOIN_H

#include <json-c/json.h>

#include "card.h"
#include "ctl.h"

/**
 * struct session_join - what is asked for with a ticket; the words of a command
 * that joins are taken into one, or into what begins with one
 * @ticket: the ticket
 * @name: of this party; may be empty
 * @index: its place
 * @has_index: it was said
 * @verify: how to tell who the others are, NULL if it was not said
 * @port: TCP port of party 0's program, 0 if it was not said
 * @lost: seconds after which a silent party is lost, 0 if it was not said
 * @wait: seconds, 0 if it was not said
 */
struct session_join {
	const char *ticket;
	char name[CARD_NAME_MAX + 1];
	uint64_t index;
	bool has_index;
	const char *verify;
	uint64_t port;
	uint64_t lost;
	uint64_t wait;
};

extern const struct ctl_word session_join_words[];

int session_take_name(struct ctl_args *args, const char *word, char name[CARD_NAME_MAX + 1]);
int session_join_take_ticket(struct ctl_args *args, struct session_join *join);
int session_join_take_name(struct ctl_args *args, void *request);
int session_join_take_lost(struct ctl_args *args, void *request);
int session_join_take_index(struct ctl_args *args, void *request);
int session_join_take_verify(struct ctl_args *args, void *request);
int session_join_take_wait(struct ctl_args *args, void *request);
int session_join_check(struct ctl_args *args, const struct session_join *join);
struct json_object *session_join_ask(struct ctl_args *args, const struct session_join *join);
int session_join(struct ctl_args *args);

#endif /* MPCNETCTL_SESSION_JOIN_H */
