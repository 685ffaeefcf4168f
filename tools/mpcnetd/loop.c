// SPDX-License-Identifier: GPL-2.0
#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 32
/* A time that has passed is due again no sooner: nothing may spin. */
#define LEAST_PAUSE 200

static int epoll_fd = -1, timer_fd = -1;
static bool stopped;
static struct loop_timer *timers;
/* Of the descriptors that are ready, to skip one that was forgotten meanwhile */
static struct epoll_event ready[EVENTS_AT_ONCE];
static int ready_count;

static uint64_t microseconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/**
 * loop_now() - the time
 *
 * Return: microseconds of a clock that goes on while the machine sleeps.
 */
uint64_t loop_now(void)
{
	return microseconds(CLOCK_BOOTTIME);
}

/**
 * loop_wall() - the time of the calendar
 *
 * Return: microseconds since 1970.
 */
uint64_t loop_wall(void)
{
	return microseconds(CLOCK_REALTIME);
}

/**
 * loop_init() - prepare the loop
 * @err: says why it failed
 *
 * Return: 0, or -errno.
 */
int loop_init(struct mpcnet_err *err)
{
	struct epoll_event event = { .events = EPOLLIN };

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (epoll_fd >= 0 && timer_fd >= 0 && !epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event))
		return 0;
	mpcnet_err_set(err, "cannot wait for events: %s", strerror(errno));
	return -errno;
}

/**
 * loop_watch() - call back when a descriptor is ready
 * @watch: the descriptor; it must live until loop_forget()
 * @events: of EPOLLIN, EPOLLOUT
 * @err: says why it failed
 *
 * Return: 0, or -errno.
 */
int loop_watch(struct loop_fd *watch, uint32_t events, struct mpcnet_err *err)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (!epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &event))
		return 0;
	mpcnet_err_set(err, "cannot watch a descriptor: %s", strerror(errno));
	return -errno;
}

/**
 * loop_change() - wait for other events
 * @watch: a descriptor that is watched
 * @events: of EPOLLIN, EPOLLOUT
 */
void loop_change(struct loop_fd *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

/**
 * loop_forget() - watch a descriptor no more, and close it
 * @watch: the descriptor, or one of fd -1
 */
void loop_forget(struct loop_fd *watch)
{
	if (watch->fd < 0)
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
	for (int i = 0; i < ready_count; i++) {
		if (ready[i].data.ptr == watch)
			ready[i].data.ptr = NULL;
	}
}

/**
 * loop_add_timer() - call back at times
 * @timer: the timer; it must live until loop_remove_timer()
 */
void loop_add_timer(struct loop_timer *timer)
{
	timer->next = timers;
	timers = timer;
}

/**
 * loop_remove_timer() - call back no more
 * @timer: the timer, added or not
 *
 * A timer may remove itself while it is called, and no other.
 */
void loop_remove_timer(struct loop_timer *timer)
{
	for (struct loop_timer **at = &timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			return;
		}
	}
}

static void run_timers(void)
{
	struct loop_timer *next;
	uint64_t now = loop_now();

	for (struct loop_timer *timer = timers; timer; timer = next) {
		next = timer->next;
		if (timer->deadline(timer->arg) <= now)
			timer->due(timer->arg, now);
	}
}

static void set_alarm(void)
{
	uint64_t first = LOOP_NEVER, soonest = loop_now() + LEAST_PAUSE;
	struct itimerspec when = { 0 };

	for (struct loop_timer *timer = timers; timer; timer = timer->next) {
		uint64_t deadline = timer->deadline(timer->arg);

		if (deadline < first)
			first = deadline;
	}
	if (first < soonest)
		first = soonest;
	if (first != LOOP_NEVER) {
		when.it_value.tv_sec = (time_t)(first / 1000000);
		when.it_value.tv_nsec = (long)(first % 1000000) * 1000;
	}
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void take_alarm(void)
{
	uint64_t count;

	/* How often it went off does not matter. */
	if (read(timer_fd, &count, sizeof(count)) < 0)
		return;
}

/**
 * loop_run() - call back until loop_stop()
 */
void loop_run(void)
{
	stopped = false;
	while (!stopped) {
		set_alarm();
		ready_count = epoll_wait(epoll_fd, ready, EVENTS_AT_ONCE, -1);
		for (int i = 0; i < ready_count; i++) {
			struct loop_fd *watch = ready[i].data.ptr;

			if (watch)
				watch->ready(watch->arg, ready[i].events);
		}
		ready_count = 0;
		take_alarm();
		run_timers();
	}
}

/**
 * loop_stop() - leave loop_run() soon
 */
void loop_stop(void)
{
	stopped = true;
}
