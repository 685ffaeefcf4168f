/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of servers become addresses in a child, as the resolver blocks. It
 * begins again until all are found.
 */
#ifndef MPCNETD_RESOLVER_H
#define MPCNETD_RESOLVER_H

#include "loop.h"
#include "addr.h"

#define RESOLVER_NAMES_MAX 8

/**
 * struct resolver - names on their way to addresses
 * @found: name number @which is at @address
 * @arg: handed to @found
 * @count: how many names
 * @names: the names
 * @known: which are found
 * @pipe: the child's answers come here
 * @child: the child, 0 for none
 * @again: when to try once more
 */
struct resolver {
	void (*found)(void *arg, unsigned int which, const union mpcnet_endpoint *address);
	void *arg;
	unsigned int count;
	struct mpcnet_host names[RESOLVER_NAMES_MAX];
	bool known[RESOLVER_NAMES_MAX];
	struct loop_fd pipe;
	int child;
	uint64_t again;
};

void resolver_init(struct resolver *resolver,
		   void (*found)(void *arg, unsigned int which,
				 const union mpcnet_endpoint *address),
		   void *arg);
int resolver_add(struct resolver *resolver, const struct mpcnet_host *name);
void resolver_start(struct resolver *resolver, uint64_t now);
void resolver_restart(struct resolver *resolver, uint64_t now);
void resolver_tick(struct resolver *resolver, uint64_t now);
void resolver_close(struct resolver *resolver);
const char *resolver_missing(const struct resolver *resolver);
const char *resolver_lacks(const struct resolver *resolver, unsigned int which);

#endif /* MPCNETD_RESOLVER_H */
