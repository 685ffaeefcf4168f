// SPDX-License-Identifier: GPL-2.0
#include "mapper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "portmap.h"

/* A card does not wait longer for a router; what it says later makes a later card. */
#define PATIENCE UINT64_C(500000)

/**
 * mapper_init() - begin without mappings
 * @mapper: gets it
 * @changed: called when there are others
 * @arg: handed to @changed
 */
void mapper_init(struct mapper *mapper, void (*changed)(void *arg), void *arg)
{
	memset(mapper, 0, sizeof(*mapper));
	mapper->changed = changed;
	mapper->arg = arg;
	mapper->lines.fd = -1;
	mapper->end = -1;
}

static void take_line(struct mapper *mapper)
{
	struct portmap_line line;

	if (!portmap_line_parse(&line, mapper->text))
		return;
	mapper->known[line.how] = line;
	mapper->heard[line.how] = true;
	mapper->changed(mapper->arg);
}

/* What is longer than a line can be, is none. */
static void take_byte(struct mapper *mapper, char byte)
{
	if (byte != '\n') {
		if (mapper->len < sizeof(mapper->text) - 1)
			mapper->text[mapper->len++] = byte;
		return;
	}
	mapper->text[mapper->len] = 0;
	mapper->len = 0;
	take_line(mapper);
}

static void on_ready(void *arg, uint32_t events)
{
	struct mapper *mapper = arg;
	char bytes[256];
	ssize_t len;

	(void)events;
	len = read(mapper->lines.fd, bytes, sizeof(bytes));
	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0) {
		mapper_abandon(mapper);
		return;
	}
	for (ssize_t i = 0; i < len; i++)
		take_byte(mapper, bytes[i]);
}

/* It takes along nothing of ours but its two pipes. */
static void become_child(int in, int out, uint16_t port)
{
	sigset_t none;

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(1);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
	portmap_child(STDIN_FILENO, STDOUT_FILENO, port);
}

/**
 * mapper_start() - have the router map a port
 * @mapper: the mapper, without a child
 * @port: our UDP port
 * @now: the time
 */
void mapper_start(struct mapper *mapper, uint16_t port, uint64_t now)
{
	struct mpcnet_err ignored;
	int in[2], out[2];

	mapper->patience = now;
	if (pipe2(in, O_CLOEXEC))
		return;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return;
	}
	mapper->child = fork();
	if (!mapper->child)
		become_child(in[0], out[1], port);
	close(in[0]);
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	mapper->end = in[1];
	mapper->lines = (struct loop_fd){ .fd = out[0], .ready = on_ready, .arg = mapper };
	if (mapper->child < 0 || loop_watch(&mapper->lines, EPOLLIN, &ignored))
		mapper_abandon(mapper);
	mapper->patience = now + PATIENCE;
}

/**
 * mapper_stop() - have the mappings removed
 * @mapper: the mapper
 *
 * The child does it by itself, and is not waited for.
 */
void mapper_stop(struct mapper *mapper)
{
	if (mapper->end >= 0 && write(mapper->end, "end\n", 4) != 4)
		errno = 0; /* it has ended by itself */
	mapper_abandon(mapper);
}

/**
 * mapper_abandon() - leave the mappings to whoever comes next
 * @mapper: the mapper
 *
 * They end by themselves if nobody does.
 */
void mapper_abandon(struct mapper *mapper)
{
	loop_forget(&mapper->lines);
	if (mapper->end >= 0)
		close(mapper->end);
	mapper->end = -1;
	mapper->child = 0;
	memset(mapper->heard, 0, sizeof(mapper->heard));
}

/**
 * mapper_candidates() - add the mapped candidates
 * @mapper: the mapper
 * @c: gets them
 */
void mapper_candidates(const struct mapper *mapper, struct candidates *c)
{
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
		if (mapper->heard[i] && mapper->known[i].what == PORTMAP_MAPPED)
			candidates_add(c, CANDIDATE_MAPPED, &mapper->known[i].external);
	}
}

/**
 * mapper_decided() - is there anything left to wait for?
 * @mapper: the mapper
 * @now: the time
 *
 * Return: true if there is a mapping, or there was time enough for one.
 */
bool mapper_decided(const struct mapper *mapper, uint64_t now)
{
	struct candidates c = { 0 };

	mapper_candidates(mapper, &c);
	return c.count || mapper->lines.fd < 0 || now >= mapper->patience ||
	       mapper->patience == LOOP_NEVER;
}
