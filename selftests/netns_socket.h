/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets of several network namespaces in one process: a socket stays in
 * the namespace where it was made, so that one program can hold both ends of
 * a flow and needs no second one to wait for.
 */
#ifndef _NETNS_SOCKET_H
#define _NETNS_SOCKET_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct address {
	struct sockaddr_storage ss;
	socklen_t len;
};

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline struct address address_parse(const char *text, uint16_t port)
{
	struct address a = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a.ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a.ss;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		a.len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		a.len = sizeof(*v6);
	} else {
		errx(2, "%s is no IP address", text);
	}
	return a;
}

/* A name of "." stands for the present namespace. */
static inline void netns_enter(const char *name)
{
	char path[128];
	int fd;

	if (!strcmp(name, "."))
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "namespace %s", name);
	close(fd);
}

static inline int netns_socket(const char *name, int family, int type)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int one = 1;
	int fd;

	if (home < 0)
		err(1, "/proc/self/ns/net");
	netns_enter(name);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(1, "socket in %s", name);
	if (setns(home, CLONE_NEWNET))
		err(1, "setns back");
	close(home);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

#endif /* _NETNS_SOCKET_H */
