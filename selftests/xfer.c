// SPDX-License-Identifier: GPL-2.0
/*
 * Send data from one network namespace to another and check every byte.
 *
 *	xfer tcp FROM TO ADDR PORT BYTES
 *	xfer udp FROM TO ADDR PORT COUNT SIZE [window W] [lossy]
 *
 * ADDR is an address of TO. Exit status 0: all arrived, unchanged and in
 * order. With lossy datagrams may be missing, but what comes is in order,
 * once, and unchanged. A sender of datagrams waits for an acknowledgement
 * after each W, for at most 200 ms.
 */
#include "netns_socket.h"

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

#define TIME_LIMIT 25		/* seconds, then the transfer has failed */
#define CHUNK 65536
#define ACK_WAIT 200		/* milliseconds */
#define IDLE_WAIT 500		/* milliseconds, for stragglers */

struct datagrams {
	unsigned int count, size, window, lossy;
};

struct tally {
	unsigned int received, late, duplicate, corrupt, highest;
};

struct datagram {
	uint32_t magic;
	uint32_t seq;
	uint8_t body[65528];
};

#define MAGIC 0x78666572

/* The stream is xorshift64 from a seed, so that each end knows every byte. */
static void pattern(uint64_t *state, uint8_t *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 8) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		memcpy(buf + i, state, len - i < 8 ? len - i : 8);
	}
}

static void pattern_of(uint32_t seq, uint8_t *buf, size_t len)
{
	uint64_t state = 0x9e3779b97f4a7c15ULL ^ seq;

	pattern(&state, buf, len);
}

static int listen_at(const char *ns, struct address *to)
{
	int fd = netns_socket(ns, to->ss.ss_family, SOCK_STREAM);

	if (bind(fd, (struct sockaddr *)&to->ss, to->len) || listen(fd, 1))
		err(1, "listen");
	return fd;
}

static void tcp_send(int fd, struct address *to, size_t bytes)
{
	static uint8_t buf[CHUNK];
	uint64_t state = 1;
	size_t len, done;
	ssize_t sent;

	if (connect(fd, (struct sockaddr *)&to->ss, to->len))
		err(1, "connect");
	for (; bytes; bytes -= len) {
		len = bytes < CHUNK ? bytes : CHUNK;
		pattern(&state, buf, len);
		for (done = 0; done < len; done += sent) {
			sent = send(fd, buf + done, len - done, MSG_NOSIGNAL);
			if (sent <= 0)
				err(1, "send");
		}
	}
	shutdown(fd, SHUT_WR);
	if (recv(fd, buf, 1, 0) != 1)
		errx(1, "no acknowledgement");
}

static void tcp_receive(int fd, size_t bytes)
{
	static uint8_t got[CHUNK], want[CHUNK];
	uint64_t state = 1;
	size_t total, len;
	ssize_t n;

	for (total = 0; total < bytes; total += len) {
		len = bytes - total < CHUNK ? bytes - total : CHUNK;
		n = recv(fd, got, len, MSG_WAITALL);
		if (n != (ssize_t)len)
			errx(1, "stream ended after %zu of %zu bytes",
			     total + (n > 0 ? n : 0), bytes);
		pattern(&state, want, len);
		if (memcmp(got, want, len))
			errx(1, "stream differs within %zu bytes after %zu", len, total);
	}
	if (recv(fd, got, 1, 0) != 0)
		errx(1, "stream is longer than %zu bytes", bytes);
	if (send(fd, got, 1, MSG_NOSIGNAL) != 1)
		err(1, "acknowledge");
}

static int child_status(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

static int run_tcp(char **argv, struct address to)
{
	size_t bytes = strtoull(argv[6], NULL, 0);
	int listener = listen_at(argv[3], &to);
	int sender = netns_socket(argv[2], to.ss.ss_family, SOCK_STREAM);
	struct pollfd p = { .fd = listener, .events = POLLIN };
	uint64_t start = now_ns();
	pid_t child = fork();
	int fd;

	if (!child) {
		alarm(TIME_LIMIT);
		tcp_send(sender, &to, bytes);
		_exit(0);
	}
	close(sender);
	if (poll(&p, 1, TIME_LIMIT * 1000) != 1)
		errx(1, "nobody connected");
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	tcp_receive(fd, bytes);
	printf("tcp %zu bytes in %llu us\n", bytes,
	       (unsigned long long)(now_ns() - start) / 1000);
	return child_status(child);
}

/* A sender that moves to another CPU may overtake itself, also without a tunnel. */
static void stay_on_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

static void udp_send(int fd, struct address *to, const struct datagrams *d)
{
	static struct datagram dg = { .magic = MAGIC };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint32_t acked = 0;
	unsigned int i;

	stay_on_cpu();
	if (connect(fd, (struct sockaddr *)&to->ss, to->len))
		err(1, "connect");
	for (i = 0; i < d->count; i++) {
		dg.seq = i;
		pattern_of(i, dg.body, d->size - 8);
		if (send(fd, &dg, d->size, 0) != d->size && !d->lossy)
			warn("datagram %u", i);
		if ((i + 1) % d->window)
			continue;
		while (acked < i + 1 && poll(&p, 1, ACK_WAIT) == 1 &&
		       recv(fd, &acked, sizeof(acked), 0) == sizeof(acked))
			;
	}
}

static void tally_one(struct tally *t, struct datagram *dg, ssize_t len,
		      const struct datagrams *d, uint8_t *seen)
{
	static uint8_t want[sizeof(dg->body)];

	if (len != d->size || dg->magic != MAGIC || dg->seq >= d->count) {
		t->corrupt++;
		return;
	}
	pattern_of(dg->seq, want, d->size - 8);
	t->corrupt += !!memcmp(want, dg->body, d->size - 8);
	t->duplicate += seen[dg->seq];
	t->late += dg->seq + 1 < t->highest;
	if (dg->seq + 1 > t->highest)
		t->highest = dg->seq + 1;
	t->received += !seen[dg->seq];
	seen[dg->seq] = 1;
}

static void udp_receive(int fd, int gone, const struct datagrams *d, struct tally *t)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = gone } };
	uint8_t *seen = calloc(d->count, 1);
	static struct datagram dg;
	struct address from;
	ssize_t len;

	while (poll(p, 2, p[1].fd < 0 ? IDLE_WAIT : -1) > 0) {
		if (p[1].revents)
			p[1].fd = -1;
		if (!p[0].revents)
			continue;
		from.len = sizeof(from.ss);
		len = recvfrom(fd, &dg, sizeof(dg), 0, (struct sockaddr *)&from.ss,
			       &from.len);
		if (len < 0)
			continue;
		tally_one(t, &dg, len, d, seen);
		if (t->highest % d->window == 0)
			sendto(fd, &t->highest, sizeof(t->highest), 0,
			       (struct sockaddr *)&from.ss, from.len);
		if (t->received == d->count)
			break;
	}
	free(seen);
}

static int run_udp(char **argv, struct address to, const struct datagrams *d)
{
	int receiver = netns_socket(argv[3], to.ss.ss_family, SOCK_DGRAM);
	int sender = netns_socket(argv[2], to.ss.ss_family, SOCK_DGRAM);
	int space = 4 << 20;
	struct tally t = { 0 };
	int alive[2], status;
	pid_t child;

	setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space));
	if (bind(receiver, (struct sockaddr *)&to.ss, to.len) || pipe(alive))
		err(1, "bind");
	child = fork();
	if (!child) {
		alarm(TIME_LIMIT);
		udp_send(sender, &to, d);
		_exit(0);
	}
	close(alive[1]);
	udp_receive(receiver, alive[0], d, &t);
	status = child_status(child);
	printf("udp sent %u received %u late %u duplicate %u corrupt %u\n",
	       d->count, t.received, t.late, t.duplicate, t.corrupt);
	if (status || t.late || t.duplicate || t.corrupt || !t.received)
		return 1;
	return t.received != d->count && !d->lossy;
}

static struct datagrams datagrams_parse(int argc, char **argv)
{
	struct datagrams d = {
		.count = strtoul(argv[6], NULL, 0),
		.size = strtoul(argv[7], NULL, 0),
		.window = 8,
	};
	int i;

	for (i = 8; i < argc; i++) {
		if (!strcmp(argv[i], "lossy"))
			d.lossy = 1;
		else if (!strcmp(argv[i], "window") && i + 1 < argc)
			d.window = strtoul(argv[++i], NULL, 0);
		else
			errx(2, "unknown word %s", argv[i]);
	}
	if (!d.count || !d.window || d.size < 8 || d.size > sizeof(struct datagram))
		errx(2, "COUNT and W are 1 or more, SIZE is 8 to 65536");
	return d;
}

int main(int argc, char **argv)
{
	struct datagrams d;
	struct address to;

	if (argc < 7)
		errx(2, "usage: xfer tcp|udp FROM TO ADDR PORT BYTES|COUNT SIZE ...");
	to = address_parse(argv[4], strtoul(argv[5], NULL, 0));
	alarm(TIME_LIMIT);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(argv[1], "tcp") && argc == 7)
		return run_tcp(argv, to);
	if (strcmp(argv[1], "udp") || argc < 8)
		errx(2, "what is %s?", argv[1]);
	d = datagrams_parse(argc, argv);
	return run_udp(argv, to, &d);
}
