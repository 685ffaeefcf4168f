// SPDX-License-Identifier: GPL-2.0
/*
 * Does the router map a port, by each protocol? Each has a process and a port
 * of its own, and the mapping is removed before the check ends.
 */
#include "nat.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../mpcnetd/portmap.h"

/* By then the child has said something, see there, on a busy machine too. */
#define WAIT_US 4000000ull
/* Should we die without a word, the mapping goes after so many seconds. */
#define LIFETIME 60

/**
 * struct child - a process that maps a port
 * @pid: of the process, 0 if there is none
 * @to: its standard input, -1 if it was told to end
 * @from: its lines, -1 if it has ended
 * @held: socket that has the port, so that nobody else gets it
 * @text: the line so far
 * @len: bytes in it
 */
struct child {
	pid_t pid;
	int to;
	int from;
	int held;
	char text[PORTMAP_LINE_MAX + 1];
	size_t len;
};

static struct child children[PORTMAP_HOWS];
static uint64_t started;

static void tell_end(struct child *child)
{
	ssize_t written;

	if (child->to < 0)
		return;
	/* Whoever does not read it has ended. */
	written = write(child->to, "end\n", 4);
	(void)written;
	close(child->to);
	child->to = -1;
}

/* Interrupted: the children go on for a moment and remove what they made. */
static void on_signal(int number)
{
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++)
		tell_end(&children[i]);
	signal(number, SIG_DFL);
	raise(number);
}

static void set_signals(void (*handler)(int), void (*pipe)(int))
{
	signal(SIGINT, handler);
	signal(SIGTERM, handler);
	signal(SIGHUP, handler);
	signal(SIGPIPE, pipe);
}

static uint16_t hold_port(struct child *child)
{
	union mpcnet_endpoint at = { .sa = { .sa_family = AF_INET } };
	socklen_t len = sizeof(at);

	child->held = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (child->held < 0 || bind(child->held, &at.sa, sizeof(at.in)) ||
	    getsockname(child->held, &at.sa, &len))
		return 0;
	return ntohs(at.in.sin_port);
}

static void start(struct child *child, enum portmap_how how)
{
	struct portmap_conf conf = { .port = hold_port(child),
				     .lifetime = LIFETIME,
				     .hows = 1u << how };
	int in[2], out[2];

	if (!conf.port || pipe2(in, O_CLOEXEC))
		return;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return;
	}
	child->pid = fork();
	if (!child->pid)
		portmap_run(in[0], out[1], &conf);
	close(in[0]);
	close(out[1]);
	child->to = in[1];
	child->from = out[0];
}

/**
 * nat_portmap_start() - begin to ask the router
 */
void nat_portmap_start(void)
{
	started = nat_now();
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++)
		children[i].to = children[i].from = children[i].held = -1;
	set_signals(on_signal, SIG_IGN);
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++)
		start(&children[i], i);
}

static void take_line(struct nat_check *check, const char *text)
{
	struct portmap_line line;

	if (!portmap_line_parse(&line, text))
		return;
	check->maps[line.how].line = line;
	check->maps[line.how].told = true;
}

/* Take what it says. Once it was told to end, what it loses is no news. */
static void take(struct nat_check *check, struct child *child)
{
	char bytes[256];
	ssize_t got = read(child->from, bytes, sizeof(bytes));

	if (got <= 0) {
		close(child->from);
		child->from = -1;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] != '\n' && child->len < sizeof(child->text) - 1) {
			child->text[child->len++] = bytes[i];
			continue;
		}
		child->text[child->len] = '\0';
		child->len = 0;
		if (child->to >= 0)
			take_line(check, child->text);
	}
}

/* Is there something to wait for: a first line, or the end? */
static bool is_awaited(const struct nat_check *check, unsigned int how)
{
	const struct child *child = &children[how];

	return child->from >= 0 && (child->to < 0 || !check->maps[how].told);
}

/* Listen until everything awaited has come. */
static void listen_until(struct nat_check *check, uint64_t end)
{
	struct pollfd fds[PORTMAP_HOWS];
	uint64_t now;
	bool any;

	while ((now = nat_now()) < end) {
		any = false;
		for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
			bool awaited = is_awaited(check, i);

			fds[i].fd = awaited ? children[i].from : -1;
			fds[i].events = POLLIN;
			any |= awaited;
		}
		if (!any)
			return;
		if (poll(fds, PORTMAP_HOWS, (int)((end - now) / 1000) + 1) <= 0)
			continue;
		for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
			if (fds[i].fd >= 0 && fds[i].revents)
				take(check, &children[i]);
		}
	}
}

/**
 * nat_portmap_finish() - hear what the router said, and have it forget
 * @check: gets what it said
 * @end: when to stop, microseconds of nat_now(); a child that is not done by
 * then ends by itself
 */
void nat_portmap_finish(struct nat_check *check, uint64_t end)
{
	listen_until(check, started + WAIT_US < end ? started + WAIT_US : end);
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++)
		tell_end(&children[i]);
	listen_until(check, end);
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
		if (children[i].from >= 0)
			close(children[i].from);
		if (children[i].held >= 0)
			close(children[i].held);
		if (children[i].pid > 0)
			waitpid(children[i].pid, NULL, WNOHANG);
	}
	set_signals(SIG_DFL, SIG_DFL);
}
