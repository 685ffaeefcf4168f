/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's loop: descriptors by epoll, times by timerfd. */
#ifndef MPCNETD_LOOP_H
#define MPCNETD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define LOOP_NEVER UINT64_MAX

/**
 * struct loop_fd - a descriptor that is watched; it lives in its owner
 * @fd: the descriptor, -1 for none
 * @ready: it has something, of the EPOLL flags in @events
 * @arg: handed to @ready
 */
struct loop_fd {
	int fd;
	void (*ready)(void *arg, uint32_t events);
	void *arg;
};

/**
 * struct loop_timer - something that has a time; it lives in its owner
 * @deadline: when is @due to be called?
 * @due: its time has come
 * @arg: handed to both
 * @next: the timer behind it
 */
struct loop_timer {
	uint64_t (*deadline)(void *arg);
	void (*due)(void *arg, uint64_t now);
	void *arg;
	struct loop_timer *next;
};

int loop_init(struct mpcnet_err *err);
void loop_run(void);
void loop_stop(void);
uint64_t loop_now(void);
uint64_t loop_wall(void);
int loop_watch(struct loop_fd *watch, uint32_t events, struct mpcnet_err *err);
void loop_change(struct loop_fd *watch, uint32_t events);
void loop_forget(struct loop_fd *watch);
void loop_add_timer(struct loop_timer *timer);
void loop_remove_timer(struct loop_timer *timer);

#endif /* MPCNETD_LOOP_H */
