// SPDX-License-Identifier: GPL-2.0
#include "udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "candidate.h"

/* Bytes that may wait in a socket: what the kernel sends in one go, or what many
 * parties send while this process does not run */
#define ROOM 1048576

static int refuse(int fd, const char *what, struct mpcnet_err *err)
{
	int error = errno;

	mpcnet_err_set(err, "%s: %s", what, strerror(error));
	if (fd >= 0)
		close(fd);
	return -error;
}

static bool set(int fd, int level, int option, int value)
{
	return !setsockopt(fd, level, option, &value, sizeof(value));
}

/**
 * udp_prepare() - have a socket say how many hops a datagram had left, and room
 * @fd: a socket of AF_INET6 for both families
 * @err: says why it failed
 *
 * Return: 0, or -errno.
 */
int udp_prepare(int fd, struct mpcnet_err *err)
{
	set(fd, SOL_SOCKET, SO_RCVBUFFORCE, ROOM);
	if (set(fd, IPPROTO_IP, IP_RECVTTL, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1))
		return 0;
	mpcnet_err_set(err, "cannot prepare the UDP socket: %s", strerror(errno));
	return -errno;
}

/**
 * udp_open() - open the socket of a session
 * @port: its port, 0 for any
 * @err: says why it failed
 *
 * Return: the descriptor, or -errno.
 */
int udp_open(uint16_t port, struct mpcnet_err *err)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return refuse(fd, "cannot open a UDP socket", err);
	if (!set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return refuse(fd, "cannot bind a UDP socket", err);
	if (udp_prepare(fd, err)) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

/**
 * udp_open_local() - open a socket to another one of this machine
 * @port: the other's port; datagrams of no other come in
 * @own: gets its address, on 127.0.0.1
 * @err: says why it failed
 *
 * Return: the descriptor, or -errno.
 */
int udp_open_local(uint16_t port, union mpcnet_endpoint *own, struct mpcnet_err *err)
{
	struct sockaddr_in other = { .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				     .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(own->in);

	memset(own, 0, sizeof(*own));
	if (fd < 0)
		return refuse(fd, "cannot open a UDP socket", err);
	set(fd, SOL_SOCKET, SO_RCVBUFFORCE, ROOM);
	if (connect(fd, (struct sockaddr *)&other, sizeof(other)) ||
	    getsockname(fd, &own->sa, &len))
		return refuse(fd, "cannot use 127.0.0.1 (is the interface lo down?)", err);
	return fd;
}

/**
 * udp_port() - the port of a socket
 * @fd: the socket
 *
 * Return: the port, 0 if it has none.
 */
uint16_t udp_port(int fd)
{
	union mpcnet_endpoint own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, &own.sa, &len))
		return 0;
	return ntohs(own.in6.sin6_port);
}

static void map(struct sockaddr_in6 *in6, const union mpcnet_endpoint *to)
{
	if (to->sa.sa_family == AF_INET6) {
		*in6 = to->in6;
		return;
	}
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = to->in.sin_port };
	in6->sin6_addr.s6_addr[10] = 0xff;
	in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6->sin6_addr.s6_addr + 12, &to->in.sin_addr, 4);
}

static void limit(struct msghdr *msg, sa_family_t family, unsigned int ttl)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int value = (int)ttl;

	cmsg->cmsg_level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	cmsg->cmsg_type = family == AF_INET ? IP_TTL : IPV6_HOPLIMIT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(cmsg), &value, sizeof(value));
}

/**
 * udp_send() - send a datagram
 * @fd: the socket
 * @to: where to
 * @ttl: hops that it may take, 0 for the system's
 * @data: the datagram
 * @len: its length
 *
 * What cannot be sent is lost, as on the way.
 */
void udp_send(int fd, const union mpcnet_endpoint *to, unsigned int ttl, const void *data,
	      size_t len)
{
	struct sockaddr_in6 in6;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = {
		.msg_name = &in6, .msg_namelen = sizeof(in6), .msg_iov = &iov, .msg_iovlen = 1
	};

	map(&in6, to);
	if (ttl) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		limit(&msg, to->sa.sa_family, ttl);
	}
	sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static unsigned int hops_left(struct msghdr *msg)
{
	int value = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&value, CMSG_DATA(c), sizeof(value));
	}
	return (unsigned int)value;
}

/**
 * udp_receive() - take a datagram
 * @fd: the socket
 * @data: gets it
 * @room: bytes there; of a longer one the rest is cut
 * @from: gets where it came from
 * @ttl: gets the hops that it had left, 0 if not known
 *
 * Return: its length, or -errno: -EAGAIN if there is none, others (answers of
 * routers to what was sent) tell nothing that counts.
 */
ssize_t udp_receive(int fd, void *data, size_t room, union mpcnet_endpoint *from, unsigned int *ttl)
{
	struct iovec iov = { .iov_base = data, .iov_len = room };
	union {
		struct cmsghdr align;
		char room[2 * CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_name = from,
			      .msg_namelen = sizeof(*from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (len < 0)
		return -errno;
	endpoint_unmap(from);
	*ttl = hops_left(&msg);
	return len;
}
