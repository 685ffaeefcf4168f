// SPDX-License-Identifier: GPL-2.0
#include "hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtlink.h"

/* A machine of many addresses leaves room for those that others see. */
#define HOSTS_MAX (CANDIDATES_MAX / 2)

static void on_ready(void *arg, uint32_t events)
{
	struct hosts *hosts = arg;
	char data[8192];

	(void)events;
	/* What changed is asked for anew: here it only counts that something did. */
	while (recv(hosts->watch.fd, data, sizeof(data), MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		;
	hosts->changed(hosts->arg);
}

/**
 * hosts_watch() - be told of changes
 * @hosts: gets the watch
 * @changed: called behind each burst of them
 * @arg: handed to @changed
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int hosts_watch(struct hosts *hosts, void (*changed)(void *arg), void *arg, struct mpcnet_err *err)
{
	struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};

	*hosts = (struct hosts){ .changed = changed, .arg = arg };
	hosts->watch.ready = on_ready;
	hosts->watch.arg = hosts;
	hosts->watch.fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (hosts->watch.fd >= 0 &&
	    !bind(hosts->watch.fd, (struct sockaddr *)&groups, sizeof(groups)))
		return loop_watch(&hosts->watch, EPOLLIN, err);
	mpcnet_err_set(err, "cannot watch the network: %s", strerror(errno));
	hosts_close(hosts);
	return -errno;
}

/**
 * hosts_close() - be told no more
 * @hosts: the watch
 */
void hosts_close(struct hosts *hosts)
{
	loop_forget(&hosts->watch);
}

static bool is_ours(const struct mpcnet_rtlink_list *ours, const char *name)
{
	for (size_t i = 0; i < ours->count; i++) {
		if (!strcmp(ours->names[i], name))
			return true;
	}
	return false;
}

static void add(struct candidates *c, const struct sockaddr *sa, uint16_t port)
{
	union mpcnet_endpoint address = { 0 };

	if (sa->sa_family == AF_INET) {
		memcpy(&address.in, sa, sizeof(address.in));
		address.in.sin_port = htons(port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&address.in6, sa, sizeof(address.in6));
		address.in6.sin6_port = htons(port);
	} else {
		return;
	}
	candidates_add(c, CANDIDATE_HOST, &address);
}

/**
 * hosts_candidates() - add the machine's own addresses
 * @c: gets them
 * @port: their port
 *
 * Interfaces that are down, and those of mpcnet, do not count.
 */
void hosts_candidates(struct candidates *c, uint16_t port)
{
	struct mpcnet_rtlink_list ours = { 0 };
	struct mpcnet_err ignored;
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return;
	mpcnet_rtlink_list(&ours, &ignored);
	for (struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next) {
		if (c->count < HOSTS_MAX && ifa->ifa_addr && ifa->ifa_flags & IFF_UP &&
		    !(ifa->ifa_flags & IFF_LOOPBACK) && !is_ours(&ours, ifa->ifa_name))
			add(c, ifa->ifa_addr, port);
	}
	mpcnet_rtlink_list_free(&ours);
	freeifaddrs(all);
}

/**
 * hosts_have_network() - has this machine any address that others could reach?
 *
 * Return: false if not: the network is down.
 */
bool hosts_have_network(void)
{
	struct candidates c = { 0 };

	hosts_candidates(&c, 1);
	return c.count;
}
