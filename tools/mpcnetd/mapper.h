/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's side of portmap.h: starts the child, and reads what it says. */
#ifndef MPCNETD_MAPPER_H
#define MPCNETD_MAPPER_H

#include "candidate.h"
#include "loop.h"
#include "portmap_line.h"

/**
 * struct mapper - the mappings of a port on the router
 * @changed: they are others
 * @arg: handed to @changed
 * @lines: what the child says comes here, and it is told here to end
 * @text: the line that is coming
 * @len: how much of it has come
 * @known: the last line of each protocol, if @heard
 * @heard: there was one
 * @patience: until then the first answers may be waited for; LOOP_NEVER: no more
 */
struct mapper {
	void (*changed)(void *arg);
	void *arg;
	struct loop_fd lines;
	char text[PORTMAP_LINE_MAX];
	size_t len;
	struct portmap_line known[PORTMAP_HOWS];
	bool heard[PORTMAP_HOWS];
	uint64_t patience;
};

void mapper_init(struct mapper *mapper, void (*changed)(void *arg), void *arg);
void mapper_child(int socket) __attribute__((noreturn));
void mapper_start(struct mapper *mapper, uint16_t port, uint64_t now);
void mapper_stop(struct mapper *mapper);
void mapper_abandon(struct mapper *mapper);
void mapper_candidates(const struct mapper *mapper, struct candidates *c);
bool mapper_decided(const struct mapper *mapper, uint64_t now);

#endif /* MPCNETD_MAPPER_H */
