// SPDX-License-Identifier: GPL-2.0
/*
 * Round trips: one party sends a datagram, the other sends it back, and so on
 * without a pause, unless there is to be one.
 *
 *	rtt FROM TO ADDR SIZE COUNT [PAUSE]
 *
 * FROM and TO are namespaces, ADDR is where TO is reached. PAUSE is the mean
 * of random pauses between round trips, in microseconds: equal ones would beat
 * with the kernel's tick. Prints mean, median and 99th percentile in ns.
 */
#include "netns_socket.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#define PORT 7000
#define SIZE_MAX_BYTES 65000
#define WARM_UP 100		/* round trips */
#define PATIENCE_S 2		/* after that a datagram is taken for lost */

static uint32_t buf[SIZE_MAX_BYTES / 4];

static void echo(int fd)
{
	struct address from = { .len = sizeof(from.ss) };
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		from.len = sizeof(from.ss);
		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from.ss, &from.len);
		if (n > 0)
			sendto(fd, buf, n, 0, (struct sockaddr *)&from.ss, from.len);
	}
}

static void send_one(int fd, uint32_t seq, size_t size)
{
	buf[0] = seq;
	if (send(fd, buf, size, 0) != (ssize_t)size)
		err(1, "send");
}

static uint64_t round_trip(int fd, uint32_t seq, size_t size)
{
	uint64_t start = now_ns();
	ssize_t n;

	send_one(fd, seq, size);
	do {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && errno != EAGAIN)
			err(1, "recv");
		if (n < 0)
			send_one(fd, seq, size);
	} while (n != (ssize_t)size || buf[0] != seq);
	return now_ns() - start;
}

static void pause_about(unsigned int mean_us)
{
	static uint64_t state = 1;
	struct timespec ts = { 0 };

	if (!mean_us)
		return;
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	ts.tv_nsec = (state >> 33) % (mean_us * 2000ULL);
	nanosleep(&ts, NULL);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void measure(int fd, size_t size, unsigned int count, unsigned int pause_us)
{
	uint64_t *took = calloc(count, sizeof(*took)), sum = 0;
	unsigned int i;

	if (!took)
		err(1, "memory");
	memset(took, 0xff, count * sizeof(*took)); /* no page faults below */
	for (i = 0; i < WARM_UP; i++)
		round_trip(fd, i, size);
	for (i = 0; i < count; i++) {
		pause_about(pause_us);
		took[i] = round_trip(fd, WARM_UP + i, size);
		sum += took[i];
	}
	qsort(took, count, sizeof(*took), compare);
	printf("%llu %llu %llu\n", (unsigned long long)(sum / count),
	       (unsigned long long)took[count / 2],
	       (unsigned long long)took[count - 1 - count / 100]);
}

int main(int argc, char **argv)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	unsigned int size, count, pause_us;
	struct address to;
	int server, client;

	if (argc < 6)
		errx(2, "usage: rtt FROM TO ADDR SIZE COUNT [PAUSE]");
	to = address_parse(argv[3], PORT);
	size = strtoul(argv[4], NULL, 0);
	count = strtoul(argv[5], NULL, 0);
	pause_us = argc > 6 ? strtoul(argv[6], NULL, 0) : 0;
	if (!count || size < sizeof(*buf) || size > sizeof(buf))
		errx(2, "COUNT is 1 or more, SIZE is 4 to %zu", sizeof(buf));
	server = netns_socket(argv[2], to.ss.ss_family, SOCK_DGRAM);
	client = netns_socket(argv[1], to.ss.ss_family, SOCK_DGRAM);
	if (bind(server, (struct sockaddr *)&to.ss, to.len) ||
	    connect(client, (struct sockaddr *)&to.ss, to.len))
		err(1, "%s", argv[3]);
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!fork())
		echo(server);
	measure(client, size, count, pause_us);
	return 0;
}
