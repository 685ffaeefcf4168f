/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes of the daemon that speak with strangers. Each is this program
 * executed anew, so that none of the daemon's secrets is in its memory:
 *
 *	daemon                          child
 *	worker_start("broker") -------> worker_become(): nothing of the daemon's
 *	   |                            is left but a socket, standard input
 *	   |                               |
 *	   +--- packets, in both ways ---- run(), which calls worker_drop()
 */
#ifndef MPCNETD_WORKER_H
#define MPCNETD_WORKER_H

#include <sys/types.h>

#include "err.h"

/* By when one whose daemon has died is gone, in seconds. */
#define WORKER_LAST_SECONDS 3

/**
 * struct worker_role - what a child may be
 * @name: how its parent calls it; NULL ends a list
 * @run: does not return; @socket leads to the daemon
 */
struct worker_role {
	const char *name;
	void (*run)(int socket);
};

int worker_start(const char *role, pid_t *pid, struct mpcnet_err *err);
void worker_become(int argc, char **argv, const struct worker_role *roles);
void worker_drop(void);

#endif /* MPCNETD_WORKER_H */
