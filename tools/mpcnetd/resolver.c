// SPDX-License-Identifier: GPL-2.0
#include "resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SEC UINT64_C(1000000)
#define AGAIN (3 * SEC)

/* What the child writes for each address; shorter than a pipe's atomic size */
struct answer {
	unsigned int which;
	union mpcnet_endpoint address;
};

/**
 * resolver_init() - begin without names
 * @resolver: gets it
 * @found: called for each address of a name
 * @arg: handed to @found
 */
void resolver_init(struct resolver *resolver,
		   void (*found)(void *arg, unsigned int which,
				 const union mpcnet_endpoint *address),
		   void *arg)
{
	memset(resolver, 0, sizeof(*resolver));
	resolver->found = found;
	resolver->arg = arg;
	resolver->pipe.fd = -1;
	resolver->again = LOOP_NEVER;
}

/**
 * resolver_add() - add a name
 * @resolver: the resolver
 * @name: the name
 *
 * Return: its number, -1 if there are too many.
 */
int resolver_add(struct resolver *resolver, const struct mpcnet_host *name)
{
	if (resolver->count == RESOLVER_NAMES_MAX)
		return -1;
	resolver->names[resolver->count] = *name;
	return (int)resolver->count++;
}

/**
 * resolver_missing() - a name that has no address yet
 * @resolver: the resolver
 *
 * Return: the name, or NULL.
 */
const char *resolver_missing(const struct resolver *resolver)
{
	for (unsigned int i = 0; i < resolver->count; i++) {
		if (!resolver->known[i])
			return resolver->names[i].name;
	}
	return NULL;
}

/**
 * resolver_lacks() - has a name no address yet?
 * @resolver: the resolver
 * @which: the name's number
 *
 * Return: the name, NULL if it has one.
 */
const char *resolver_lacks(const struct resolver *resolver, unsigned int which)
{
	if (which >= resolver->count || resolver->known[which])
		return NULL;
	return resolver->names[which].name;
}

/* One address of each family: of a name, or the name itself. */
static void look_up(const struct mpcnet_host *name, unsigned int which, int out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP };
	struct addrinfo *list, *at;
	sa_family_t done = AF_UNSPEC;

	if (getaddrinfo(name->name, name->port, &hints, &list))
		return;
	for (at = list; at; at = at->ai_next) {
		struct answer answer = { .which = which };

		if (at->ai_family == done || at->ai_addrlen > sizeof(answer.address))
			continue;
		memcpy(&answer.address, at->ai_addr, at->ai_addrlen);
		if (write(out, &answer, sizeof(answer)) != sizeof(answer))
			break;
		if (done != AF_UNSPEC)
			break;
		done = (sa_family_t)at->ai_family;
	}
	freeaddrinfo(list);
}

static void child(const struct resolver *resolver, int out)
{
	sigset_t none;

	/* It ends with the daemon, and holds nothing of it open. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(out, STDERR_FILENO + 1) < 0)
		_exit(1);
	out = STDERR_FILENO + 1;
	close_range((unsigned int)out + 1, ~0u, 0);
	for (unsigned int i = 0; i < resolver->count; i++) {
		if (!resolver->known[i])
			look_up(&resolver->names[i], i, out);
	}
	_exit(0);
}

static void reap(struct resolver *resolver)
{
	loop_forget(&resolver->pipe);
	resolver->child = 0;
}

static void on_ready(void *arg, uint32_t events)
{
	struct resolver *resolver = arg;
	struct answer answer;
	ssize_t len;

	(void)events;
	len = read(resolver->pipe.fd, &answer, sizeof(answer));
	if (len < 0 && errno == EAGAIN)
		return;
	if (len == sizeof(answer) && answer.which < resolver->count) {
		resolver->known[answer.which] = true;
		resolver->found(resolver->arg, answer.which, &answer.address);
		return;
	}
	reap(resolver);
	resolver->again = resolver_missing(resolver) ? loop_now() + AGAIN : LOOP_NEVER;
}

/**
 * resolver_start() - look the names up that have no address
 * @resolver: the resolver
 * @now: the time
 */
void resolver_start(struct resolver *resolver, uint64_t now)
{
	struct mpcnet_err ignored;
	int ends[2];

	resolver->again = LOOP_NEVER;
	if (resolver->child || !resolver_missing(resolver))
		return;
	resolver->again = now + AGAIN;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	resolver->child = fork();
	if (!resolver->child)
		child(resolver, ends[1]);
	close(ends[1]);
	resolver->pipe = (struct loop_fd){ .fd = ends[0], .ready = on_ready, .arg = resolver };
	if (resolver->child < 0 || loop_watch(&resolver->pipe, EPOLLIN, &ignored)) {
		resolver->child = resolver->child < 0 ? 0 : resolver->child;
		reap(resolver);
		return;
	}
	resolver->again = LOOP_NEVER;
}

/**
 * resolver_restart() - look all names up again, as the network is another
 * @resolver: the resolver
 * @now: the time
 */
void resolver_restart(struct resolver *resolver, uint64_t now)
{
	memset(resolver->known, 0, sizeof(resolver->known));
	resolver_start(resolver, now);
}

/**
 * resolver_tick() - do what its time has come for
 * @resolver: the resolver
 * @now: the time
 */
void resolver_tick(struct resolver *resolver, uint64_t now)
{
	if (now >= resolver->again)
		resolver_start(resolver, now);
}

/**
 * resolver_close() - look nothing up any more
 * @resolver: the resolver
 */
void resolver_close(struct resolver *resolver)
{
	if (resolver->child)
		kill(resolver->child, SIGKILL);
	reap(resolver);
	resolver->again = LOOP_NEVER;
}
