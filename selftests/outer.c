// SPDX-License-Identifier: GPL-2.0
/* UDP sockets of the judge, and the watch, see outer.h. */
#include "outer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

/* ICMPv6 types from here on are not errors but the protocol's own business. */
#define ICMP6_INFORMATIONAL	128

static int watch = -1;

uint64_t outer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void outer_sleep(unsigned int ms)
{
	poll(NULL, 0, (int)ms);
}

/* Returns the length of the address. */
static socklen_t parse(struct sockaddr_storage *out, const char *address, uint16_t port)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, address, &v6->sin6_addr) != 1)
		ktap_bail("an address is none");
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

int outer_socket(const char *address, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t len = parse(&name, address, port);
	int sock = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int one = 1, size = 8 << 20;

	if (sock < 0 || bind(sock, (struct sockaddr *)&name, len))
		ktap_bail("a socket of the judge cannot be bound");
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (name.ss_family == AF_INET)
		setsockopt(sock, IPPROTO_IP, IP_RECVTOS, &one, sizeof(one));
	else
		setsockopt(sock, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, sizeof(one));
	return sock;
}

void outer_send(int sock, const char *address, uint16_t port, const void *data, size_t len,
		uint8_t tos)
{
	struct sockaddr_storage to;
	socklen_t to_len = parse(&to, address, port);
	struct iovec part = { .iov_base = (void *)data, .iov_len = len };
	uint8_t control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = to_len,
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *mark = CMSG_FIRSTHDR(&msg);
	int value = tos;

	mark->cmsg_level = to.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	mark->cmsg_type = to.ss_family == AF_INET ? IP_TOS : IPV6_TCLASS;
	mark->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(mark), &value, sizeof(value));
	if (sendmsg(sock, &msg, 0) < 0)
		ktap_diag("sending %zu bytes: %s", len, strerror(errno));
}

static void read_meta(struct msghdr *msg, struct outer_meta *meta)
{
	const struct sockaddr_in6 *v6 = msg->msg_name;
	const struct sockaddr_in *v4 = msg->msg_name;
	bool is_v4 = v4->sin_family == AF_INET;
	char address[INET6_ADDRSTRLEN];
	struct cmsghdr *part;

	memset(meta, 0, sizeof(*meta));
	meta->ms = outer_now();
	inet_ntop(v4->sin_family, is_v4 ? (void *)&v4->sin_addr : (void *)&v6->sin6_addr, address,
		  sizeof(address));
	snprintf(meta->from, sizeof(meta->from), "%s %u", address,
		 ntohs(is_v4 ? v4->sin_port : v6->sin6_port));
	for (part = CMSG_FIRSTHDR(msg); part; part = CMSG_NXTHDR(msg, part))
		if ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TOS) ||
		    (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS))
			meta->tos = *(uint8_t *)CMSG_DATA(part);
}

ssize_t outer_receive(int sock, void *buf, int timeout_ms, struct outer_meta *meta)
{
	struct pollfd poller = { .fd = sock, .events = POLLIN };
	struct iovec part = { .iov_base = buf, .iov_len = OUTER_MAX };
	struct sockaddr_storage from;
	uint8_t control[64];
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len;

	if (poll(&poller, 1, timeout_ms) <= 0)
		return -1;
	len = recvmsg(sock, &msg, MSG_DONTWAIT);
	if (len >= 0 && meta)
		read_meta(&msg, meta);
	return len;
}

void outer_watch_start(void)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("jv"),
	};

	watch = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (watch < 0 || bind(watch, (struct sockaddr *)&name, sizeof(name)))
		ktap_bail("the wire cannot be watched");
}

static bool is_answer(const uint8_t *packet, ssize_t len, const struct sockaddr_ll *from)
{
	if (from->sll_pkttype == PACKET_OUTGOING)
		return false;
	if (from->sll_protocol == htons(ETH_P_IP))
		return true;
	if (from->sll_protocol != htons(ETH_P_IPV6) || len < 41)
		return false;
	if (packet[6] == IPPROTO_ICMPV6)
		return packet[40] < ICMP6_INFORMATIONAL;
	return packet[6] != IPPROTO_HOPOPTS;
}

unsigned int outer_watch_count(void)
{
	struct sockaddr_ll from;
	socklen_t from_len = sizeof(from);
	static uint8_t packet[2048];
	unsigned int count = 0;
	ssize_t len;

	while ((len = recvfrom(watch, packet, sizeof(packet), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len)) >= 0) {
		count += is_answer(packet, len, &from);
		from_len = sizeof(from);
	}
	return count;
}
