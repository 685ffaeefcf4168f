/* SPDX-License-Identifier: GPL-2.0 */
/* The judge's side of the wire: UDP sockets, and a watch over all that comes. */
#ifndef MPCNET_SELFTEST_OUTER_H
#define MPCNET_SELFTEST_OUTER_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OUTER_MAX	65535

/**
 * struct outer_meta - how a datagram came
 * @from: address and port of the sender as text, "192.0.2.2 51820"
 * @tos: DSCP and ECN
 * @ms: when, on the clock of outer_now()
 */
struct outer_meta {
	char from[INET6_ADDRSTRLEN + 8];
	uint8_t tos;
	uint64_t ms;
};

/* Milliseconds of the monotonic clock. */
uint64_t outer_now(void);
void outer_sleep(unsigned int ms);

/* A UDP socket of the judge, bound to an address (of either family) and port. */
int outer_socket(const char *address, uint16_t port);

/* Send to @port of @address with any DSCP and ECN. */
void outer_send(int sock, const char *address, uint16_t port, const void *data, size_t len,
		uint8_t tos);

/* Returns the length, or -1 if nothing came in time. @meta may be NULL. */
ssize_t outer_receive(int sock, void *buf, int timeout_ms, struct outer_meta *meta);

/*
 * The watch counts all that the module's host sends to the judge's, answers of
 * any kind: UDP and ICMP errors, but not what IPv4 and IPv6 say by themselves
 * to find their neighbours.
 */
void outer_watch_start(void);

/* How many packets were seen since the start or since the last call. */
unsigned int outer_watch_count(void);

#endif /* MPCNET_SELFTEST_OUTER_H */
