/* SPDX-License-Identifier: GPL-2.0 */
/* This machine's own addresses, and word of their changes. */
#ifndef MPCNETD_HOSTS_H
#define MPCNETD_HOSTS_H

#include "candidate.h"
#include "loop.h"

/**
 * struct hosts - a watch on the machine's network
 * @watch: of the netlink socket
 * @changed: links, addresses or default routes may be others
 * @arg: handed to @changed
 */
struct hosts {
	struct loop_fd watch;
	void (*changed)(void *arg);
	void *arg;
};

int hosts_watch(struct hosts *hosts, void (*changed)(void *arg), void *arg, struct mpcnet_err *err);
void hosts_close(struct hosts *hosts);
void hosts_candidates(struct candidates *c, uint16_t port);
bool hosts_have_network(void);

#endif /* MPCNETD_HOSTS_H */
