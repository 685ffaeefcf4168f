// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes: one party sends a datagram to each of many peers that it has not
 * met yet, all at once; then waits until all have come.
 *
 *	handshakes FROM TO FIRST COUNT
 *
 * The peers have the addresses FIRST, FIRST + 1, ..., all of them in namespace
 * TO. Prints the time for each in ns, both ends' work and the datagram's own
 * way included.
 */
#include "netns_socket.h"

#include <errno.h>

#define PORT 7000
#define PATIENCE_S 3

static void send_all(int fd, struct address to, unsigned int count)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&to.ss;
	uint32_t first = ntohl(v4->sin_addr.s_addr);
	unsigned int i;

	for (i = 0; i < count; i++) {
		v4->sin_addr.s_addr = htonl(first + i);
		if (sendto(fd, &i, sizeof(i), 0, (struct sockaddr *)v4, to.len) < 0)
			err(1, "send to peer %u", i);
	}
}

static void receive_all(int fd, unsigned int count)
{
	unsigned int i, which;

	for (i = 0; i < count; i++)
		if (recv(fd, &which, sizeof(which), 0) < 0)
			err(1, "%u of %u handshakes", i, count);
}

int main(int argc, char **argv)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct address to, any = address_parse("0.0.0.0", PORT);
	int server, client;
	unsigned int count;
	uint64_t start;

	if (argc != 5)
		errx(2, "usage: handshakes FROM TO FIRST COUNT");
	to = address_parse(argv[3], PORT);
	count = strtoul(argv[4], NULL, 0);
	if (to.ss.ss_family != AF_INET || !count)
		errx(2, "FIRST is an address of IPv4, COUNT is 1 or more");
	server = netns_socket(argv[2], AF_INET, SOCK_DGRAM);
	client = netns_socket(argv[1], AF_INET, SOCK_DGRAM);
	if (bind(server, (struct sockaddr *)&any.ss, any.len))
		err(1, "bind");
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	start = now_ns();
	send_all(client, to, count);
	receive_all(server, count);
	printf("%llu\n", (unsigned long long)(now_ns() - start) / count);
	return 0;
}
