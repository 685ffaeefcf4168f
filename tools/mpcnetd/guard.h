/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of nftables for a session, in the table "inet mpcnet_INTERFACE": what its
 * program listens on is reached by the session's interface only, and nothing is
 * routed through it.
 */
#ifndef MPCNETD_GUARD_H
#define MPCNETD_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define GUARD_RANGES_MAX 16
/* Party I of MPyC listens at this port plus I. */
#define GUARD_PORT_MPYC 11365

/**
 * struct guard_range - ports, one after the other
 * @first: the first, from 1 on
 * @last: the last
 * @udp: of UDP; else of TCP
 */
struct guard_range {
	uint16_t first;
	uint16_t last;
	bool udp;
};

/**
 * struct guard_ports - where a session's program listens
 * @ranges: its ports
 * @count: how many ranges
 */
struct guard_ports {
	struct guard_range ranges[GUARD_RANGES_MAX];
	unsigned int count;
};

void guard_ports_mpyc(struct guard_ports *ports, unsigned int parties);
int guard_up(const char *interface, uint16_t daemon_port, const struct guard_ports *ports,
	     bool open, struct mpcnet_err *err);
void guard_down(const char *interface);
void guard_sweep(void);

/* guard_rules.c: their text */
struct mpcnet_text;
bool guard_name_is_valid(const char *interface);
int guard_rules(struct mpcnet_text *text, const char *interface, uint16_t daemon_port,
		const struct guard_ports *ports, bool open, struct mpcnet_err *err);

/* guard_nft.c: what talks with the kernel */
int guard_nft_check(struct mpcnet_err *err);
int guard_nft_run(const char *commands, struct mpcnet_err *err);
int guard_nft_others(const char *interface, const struct guard_ports *ports,
		     struct mpcnet_err *err);
int guard_nft_tables(void (*take)(const char *interface, void *arg), void *arg,
		     struct mpcnet_err *err);

#endif /* MPCNETD_GUARD_H */
