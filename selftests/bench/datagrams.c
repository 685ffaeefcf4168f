// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams a second. The sender sends a window of them and waits until the
 * receiver has told that the last one of it came: on one processor a sender
 * that never waits would keep the receiver from running.
 *
 *	datagrams FROM TO ADDR SIZE COUNT
 *
 * Prints how many arrived a second.
 */
#include "netns_socket.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#define PORT 7000
#define WINDOW 64		/* datagrams */
#define WARM_UP 8		/* windows */
#define SIZE_MAX_BYTES 65000
#define BUFFER_BYTES (8 << 20)
#define PATIENCE_US 200000	/* after that the last one is sent again */

struct note {
	uint32_t last;		/* sequence number */
	uint32_t arrived;	/* so far */
};

static uint32_t buf[SIZE_MAX_BYTES / 4];

static void receive(int fd)
{
	struct address from = { 0 };
	struct note note = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		from.len = sizeof(from.ss);
		if (recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from.ss, &from.len) < 8)
			err(1, "recvfrom");
		note.arrived++;
		note.last = buf[0];
		if (buf[1])
			sendto(fd, &note, sizeof(note), 0, (struct sockaddr *)&from.ss, from.len);
	}
}

static void send_one(int fd, uint32_t seq, int is_last, size_t size)
{
	buf[0] = seq;
	buf[1] = is_last;
	if (send(fd, buf, size, 0) != (ssize_t)size)
		err(1, "send");
}

/* Returns how many datagrams have arrived in all. */
static uint32_t send_window(int fd, uint32_t first, size_t size)
{
	struct note note;
	uint32_t i;
	ssize_t n;

	for (i = 0; i < WINDOW; i++)
		send_one(fd, first + i, i == WINDOW - 1, size);
	do {
		n = recv(fd, &note, sizeof(note), 0);
		if (n < 0 && errno != EAGAIN)
			err(1, "recv");
		if (n < 0)
			send_one(fd, first + WINDOW - 1, 1, size);
	} while (n < 0 || note.last != first + WINDOW - 1);
	return note.arrived;
}

static void measure(int fd, size_t size, uint32_t count)
{
	uint32_t seq = 0, before = 0, after = 0, end;
	uint64_t start;

	for (end = WARM_UP * WINDOW; seq < end; seq += WINDOW)
		before = send_window(fd, seq, size);
	start = now_ns();
	for (end = seq + count; seq < end; seq += WINDOW)
		after = send_window(fd, seq, size);
	start = now_ns() - start;
	printf("%.1f\n", (after - before) * 1e9 / start);
	if (after != seq)
		warnx("%d datagrams of %u did not come", (int)(seq - after), seq);
}

int main(int argc, char **argv)
{
	struct timeval patience = { .tv_usec = PATIENCE_US };
	int server, client, bytes = BUFFER_BYTES;
	struct address to;
	unsigned int size;

	if (argc != 6)
		errx(2, "usage: datagrams FROM TO ADDR SIZE COUNT");
	to = address_parse(argv[3], PORT);
	size = strtoul(argv[4], NULL, 0);
	if (size < 8 || size > sizeof(buf))
		errx(2, "SIZE is 8 to %zu", sizeof(buf));
	server = netns_socket(argv[2], to.ss.ss_family, SOCK_DGRAM);
	client = netns_socket(argv[1], to.ss.ss_family, SOCK_DGRAM);
	if (bind(server, (struct sockaddr *)&to.ss, to.len) ||
	    connect(client, (struct sockaddr *)&to.ss, to.len))
		err(1, "%s", argv[3]);
	setsockopt(server, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(client, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!fork())
		receive(server);
	measure(client, size, strtoul(argv[5], NULL, 0));
	return 0;
}
