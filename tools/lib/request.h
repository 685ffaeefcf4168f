/* SPDX-License-Identifier: GPL-2.0 */
/* What mpcnetctl asks of mpcnetd: one line of JSON each way. */
#ifndef MPCNET_REQUEST_H
#define MPCNET_REQUEST_H

#include <stddef.h>

#include "card.h"

/* Longest line, of which a ticket is the most */
#define REQUEST_MAX 8192

enum request_verb {
	REQUEST_VERSION,
	REQUEST_JOIN,
	REQUEST_SHOW,
	REQUEST_LEAVE,
	REQUEST_CARD,
	REQUEST_ADD,
	REQUEST_VERIFY,
	REQUEST_HOLD,
	REQUEST_VERBS
};

/* How each is spelt, as "do" */
extern const char *const request_verbs[REQUEST_VERBS];

/* Goes up when requests or their answers are others: each answer says it as "speaks". */
#define REQUEST_SPEAKS 1
/* A year, in seconds */
#define REQUEST_LOST_MAX 31536000

/**
 * struct request - a request
 * @verb: of enum request_verb
 * @session: the session's name; empty if it is the only one
 * @brief: of REQUEST_SHOW: as who waits needs it, no more
 * @ticket: of REQUEST_JOIN
 * @name: of REQUEST_JOIN; may be empty
 * @index: of REQUEST_JOIN, -1 for any
 * @port: of REQUEST_JOIN: TCP port of party 0's program, 0 if it was not said
 * @lost: of REQUEST_JOIN: seconds after which a silent party is lost, 0 if it was not said
 * @verify: of REQUEST_JOIN: ticket, keys or sas; may be empty
 * @card: of REQUEST_ADD
 * @string: of REQUEST_VERIFY: what the others read
 */
struct request {
	enum request_verb verb;
	char session[64];
	bool brief;
	char ticket[TICKET_TEXT_MAX];
	char name[CARD_NAME_MAX + 1];
	int index;
	uint16_t port;
	uint32_t lost;
	char verify[8];
	char card[CARD_TEXT_MAX];
	char string[32];
};

int request_parse(struct request *request, const char *line, size_t len, struct mpcnet_err *err);

#endif /* MPCNET_REQUEST_H */
