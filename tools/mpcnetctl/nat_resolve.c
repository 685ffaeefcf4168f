// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of all servers at once, and in bounded time, which the
 * system's resolver does not promise: each has a process of its own.
 */
#include "nat.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resolve.h"

#define RETRIES_ENV "MPCNET_ENDPOINT_RESOLUTION_RETRIES"

/* What a process says to us; fits a pipe whole. */
struct found {
	union mpcnet_endpoint at[NAT_FAMILIES];
	struct mpcnet_err err;
};

static void __attribute__((noreturn)) resolve_one(int fd, const struct nat_server *server)
{
	static const sa_family_t families[] = { [NAT_IPV4] = AF_INET, [NAT_IPV6] = AF_INET6 };
	struct found found = { 0 };
	ssize_t written;

	/* To try again is for those who have the time. */
	setenv(RETRIES_ENV, "0", 1);
	for (unsigned int i = NAT_FAMILIES; i--;) {
		if (!server->host.literal || i == NAT_IPV6)
			mpcnet_host_resolve_as(&found.at[i], &server->host, families[i],
					       &found.err);
	}
	written = write(fd, &found, sizeof(found));
	_exit(written != sizeof(found));
}

static int start(const struct nat_server *server, pid_t *child, struct mpcnet_err *err)
{
	int fds[2];

	if (pipe(fds))
		return mpcnet_err_set(err, "cannot make a pipe: %s", strerror(errno));
	fflush(stdout);
	*child = fork();
	if (!*child)
		resolve_one(fds[1], server);
	close(fds[1]);
	if (*child > 0)
		return fds[0];
	close(fds[0]);
	return mpcnet_err_set(err, "cannot start a process: %s", strerror(errno));
}

static void take(struct nat_server *server, int fd)
{
	struct found found;

	if (read(fd, &found, sizeof(found)) != sizeof(found)) {
		mpcnet_err_set(&server->err, "cannot find the address of \"%s\"",
			       server->host.name);
		return;
	}
	memcpy(server->at, found.at, sizeof(server->at));
	if (!server->at[NAT_IPV4].sa.sa_family && !server->at[NAT_IPV6].sa.sa_family)
		server->err = found.err;
}

static void take_all(struct nat_check *check, struct pollfd *fds, uint64_t end)
{
	unsigned int left = check->count;
	uint64_t now;

	while (left && (now = nat_now()) < end) {
		if (poll(fds, check->count, (int)((end - now) / 1000) + 1) <= 0)
			continue;
		for (unsigned int i = 0; i < check->count; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			take(&check->servers[i], fds[i].fd);
			close(fds[i].fd);
			fds[i].fd = -1;
			left--;
		}
	}
}

static void stop(struct nat_server *server, int fd, pid_t child)
{
	if (fd >= 0) {
		close(fd);
		kill(child, SIGKILL);
		mpcnet_err_set(&server->err, "no name server told the address of \"%s\" in %d s",
			       server->host.name, NAT_RESOLVE_MS / 1000);
	}
	waitpid(child, NULL, 0);
}

static bool has_address(const struct nat_check *check)
{
	for (unsigned int i = 0; i < check->count; i++) {
		if (!*check->servers[i].err.text)
			return true;
	}
	return false;
}

/**
 * nat_resolve() - find the addresses of all servers
 * @check: has the servers and gets their addresses, or why there is none
 * @err: says why not even one has an address
 *
 * Return: 0, or -1.
 */
int nat_resolve(struct nat_check *check, struct mpcnet_err *err)
{
	uint64_t end = nat_now() + NAT_RESOLVE_MS * 1000ull;
	struct pollfd fds[BEHAVIOUR_SERVERS_MAX];
	pid_t children[BEHAVIOUR_SERVERS_MAX];
	unsigned int started;

	for (started = 0; started < check->count; started++) {
		fds[started].events = POLLIN;
		fds[started].fd = start(&check->servers[started], &children[started], err);
		if (fds[started].fd < 0)
			break;
	}
	if (started == check->count)
		take_all(check, fds, end);
	for (unsigned int i = 0; i < started; i++)
		stop(&check->servers[i], fds[i].fd, children[i]);
	if (started < check->count)
		return -1;
	if (has_address(check))
		return 0;
	*err = check->servers[0].err;
	return -1;
}
