// SPDX-License-Identifier: GPL-2.0
/* The discovery with real sockets, IPv4 and IPv6 at the same time. */
#include "nat.h"

#include <errno.h>
#include <ifaddrs.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/**
 * nat_now() - the time
 *
 * Return: microseconds of the monotonic clock.
 */
uint64_t nat_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* By which address of ours is the server reached? */
static bool find_local(union mpcnet_endpoint *local, const union mpcnet_endpoint *server)
{
	int fd = socket(server->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*local);
	bool found;

	memset(local, 0, sizeof(*local));
	found = fd >= 0 && !connect(fd, &server->sa, (socklen_t)mpcnet_endpoint_len(server)) &&
		!getsockname(fd, &local->sa, &len);
	if (fd >= 0)
		close(fd);
	return found;
}

/* Opens a socket on any address; its port goes into @local. */
static int open_socket(union mpcnet_endpoint *local)
{
	int fd = socket(local->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	union mpcnet_endpoint bound = { .sa = { .sa_family = local->sa.sa_family } };
	socklen_t len = sizeof(bound);
	int on = 1;

	if (fd < 0)
		return -1;
	if (local->sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &bound.sa, (socklen_t)mpcnet_endpoint_len(&bound)) ||
	    getsockname(fd, &bound.sa, &len)) {
		close(fd);
		return -1;
	}
	local->in.sin_port = bound.in.sin_port;
	return fd;
}

/* An address of ours by which any server of the family is reached. */
static bool find_way(const struct nat_check *check, enum nat_family family,
		     union mpcnet_endpoint *local)
{
	for (unsigned int i = 0; i < check->count; i++) {
		const union mpcnet_endpoint *server = &check->servers[i].at[family];

		if (server->sa.sa_family && find_local(local, server))
			return true;
	}
	return false;
}

static int open_side(struct nat_check *check, enum nat_family family, struct mpcnet_err *err)
{
	struct nat_side *side = &check->sides[family];
	union mpcnet_endpoint locals[2];

	if (!find_way(check, family, &locals[0]))
		return 0;
	locals[1] = locals[0];
	for (unsigned int i = 0; i < 2; i++) {
		side->fds[i] = open_socket(&locals[i]);
		if (side->fds[i] < 0)
			return mpcnet_err_set(err, "cannot open a socket: %s", strerror(errno));
	}
	behaviour_start(&side->behaviour, locals);
	for (unsigned int i = 0; i < check->count; i++) {
		struct nat_server *server = &check->servers[i];
		struct behaviour_probe *probe = &side->behaviour.probes[side->behaviour.count];

		if (!server->at[family].sa.sa_family)
			continue;
		if (!behaviour_ask(&side->behaviour, nat_now(), &server->at[family]))
			return mpcnet_err_set(err, "there is no randomness for a request");
		server->probe[family] = probe;
		side->used = true;
	}
	return 0;
}

/* What cannot be sent is as good as lost. */
static void send_all(struct nat_side *side)
{
	struct behaviour_datagram datagram;

	while (behaviour_next(&side->behaviour, nat_now(), &datagram))
		sendto(side->fds[datagram.socket], datagram.data, datagram.len, 0, &datagram.to.sa,
		       (socklen_t)mpcnet_endpoint_len(&datagram.to));
}

static void receive_all(struct nat_side *side, enum behaviour_socket socket)
{
	uint8_t data[STUN_ROOM];
	union mpcnet_endpoint from;
	socklen_t from_len;
	ssize_t len;

	for (;;) {
		from_len = sizeof(from);
		memset(&from, 0, sizeof(from));
		len = recvfrom(side->fds[socket], data, sizeof(data), 0, &from.sa, &from_len);
		if (len < 0)
			return;
		behaviour_input(&side->behaviour, nat_now(), socket, &from, data, (size_t)len);
	}
}

static void show_progress(const struct nat_check *check)
{
	static const char *const words[] = {
		[BEHAVIOUR_SERVERS] = "asking the servers",
		[BEHAVIOUR_MAPPING] = "asking other addresses",
		[BEHAVIOUR_FILTERING] = "waiting for what may be filtered",
		[BEHAVIOUR_ALLOCATION] = "looking for the next ports",
		[BEHAVIOUR_DONE] = "",
	};
	enum behaviour_round round = BEHAVIOUR_DONE;

	if (!isatty(STDERR_FILENO))
		return;
	for (unsigned int i = 0; i < NAT_FAMILIES; i++) {
		if (check->sides[i].used && check->sides[i].behaviour.round < round)
			round = check->sides[i].behaviour.round;
	}
	fprintf(stderr, "\r\033[K%s", words[round]);
}

static int until(uint64_t deadline)
{
	uint64_t now = nat_now();

	return deadline <= now ? 0 : (int)((deadline - now + 999) / 1000);
}

/* One turn. Return: false when all is known. */
static bool turn(struct nat_check *check, uint64_t end)
{
	struct pollfd fds[2 * NAT_FAMILIES];
	uint64_t deadline = UINT64_MAX;

	for (unsigned int i = 0; i < 2 * NAT_FAMILIES; i++) {
		struct nat_side *side = &check->sides[i / 2];

		fds[i] = (struct pollfd){ .fd = side->used ? side->fds[i % 2] : -1,
					  .events = POLLIN };
		if (!side->used || i % 2)
			continue;
		send_all(side);
		if (behaviour_deadline(&side->behaviour) < deadline)
			deadline = behaviour_deadline(&side->behaviour);
	}
	show_progress(check);
	if (deadline == UINT64_MAX || nat_now() >= end)
		return false;
	if (poll(fds, 2 * NAT_FAMILIES, until(deadline < end ? deadline : end)) <= 0)
		return true;
	for (unsigned int i = 0; i < 2 * NAT_FAMILIES; i++) {
		if (fds[i].fd >= 0 && fds[i].revents)
			receive_all(&check->sides[i / 2], i % 2);
	}
	return true;
}

/* Global unicast, RFC 4291 section 2.4, as far as it is given out: 2000::/3. */
static void find_ipv6(union mpcnet_endpoint *address)
{
	struct ifaddrs *list;

	if (getifaddrs(&list))
		return;
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		const struct sockaddr_in6 *in6 = (const void *)at->ifa_addr;

		if (in6 && in6->sin6_family == AF_INET6 &&
		    (in6->sin6_addr.s6_addr[0] & 0xe0) == 0x20)
			address->in6 = *in6;
	}
	freeifaddrs(list);
}

static int ask(struct nat_check *check, uint64_t end, struct mpcnet_err *err)
{
	bool used = false;

	for (unsigned int i = 0; i < NAT_FAMILIES; i++) {
		if (open_side(check, i, err))
			return -1;
		used |= check->sides[i].used;
	}
	if (!used)
		return mpcnet_err_set(err, "there is no way to any of the servers: is there an "
					   "address and a route? (ip route)");
	while (turn(check, end))
		;
	for (unsigned int i = 0; i < NAT_FAMILIES; i++) {
		if (check->sides[i].used)
			behaviour_conclude(&check->sides[i].behaviour, &check->sides[i].result);
	}
	return 0;
}

/**
 * nat_run() - ask the servers
 * @check: has the servers' addresses and gets what was found
 * @end: when to stop, microseconds of nat_now()
 * @err: says why they could not be asked
 *
 * Return: 0, or -1.
 */
int nat_run(struct nat_check *check, uint64_t end, struct mpcnet_err *err)
{
	int ret;

	for (unsigned int i = 0; i < 2 * NAT_FAMILIES; i++)
		check->sides[i / 2].fds[i % 2] = -1;
	find_ipv6(&check->ipv6);
	ret = ask(check, end, err);
	for (unsigned int i = 0; i < 2 * NAT_FAMILIES; i++) {
		if (check->sides[i / 2].fds[i % 2] >= 0)
			close(check->sides[i / 2].fds[i % 2]);
	}
	return ret;
}
