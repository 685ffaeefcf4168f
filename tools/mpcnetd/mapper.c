// SPDX-License-Identifier: GPL-2.0
#include "mapper.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"
#include "portmap.h"
#include "worker.h"

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
	char bytes[PORTMAP_LINE_MAX + 1];
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

/**
 * mapper_child() - what the child does
 * @socket: leads to the daemon, which first tells the port
 */
void mapper_child(int socket)
{
	uint16_t port;

	if (read(socket, &port, sizeof(port)) == sizeof(port))
		portmap_child(socket, socket, port);
	_exit(1);
}

/**
 * mapper_start() - have the router map a port
 * @mapper: the mapper, without a child
 * @port: our UDP port
 * @now: the time
 */
void mapper_start(struct mapper *mapper, uint16_t port, uint64_t now)
{
	struct mpcnet_err err;
	pid_t child;

	mapper->patience = now + PATIENCE;
	mapper->lines = (struct loop_fd){ .fd = worker_start("portmap", &child, &err),
					  .ready = on_ready,
					  .arg = mapper };
	if (mapper->lines.fd < 0) {
		log_error("no port is mapped: %s", err.text);
		return;
	}
	if (write(mapper->lines.fd, &port, sizeof(port)) != sizeof(port) ||
	    loop_watch(&mapper->lines, EPOLLIN, &err))
		mapper_abandon(mapper);
}

/**
 * mapper_stop() - have the mappings removed
 * @mapper: the mapper
 *
 * The child does it by itself, and is not waited for.
 */
void mapper_stop(struct mapper *mapper)
{
	if (mapper->lines.fd >= 0 && write(mapper->lines.fd, "end\n", 4) != 4)
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
