// SPDX-License-Identifier: GPL-2.0
/*
 * The traffic of a multiparty computation: in each round every party sends a
 * small message to every other and waits for one from every other.
 *
 *	rounds ROUNDS SIZE [only I] [port P] NS=ADDR NS=ADDR ...
 *
 * Party I lives in namespace NS and has the address ADDR; "." is the present
 * namespace. Each party is a process; with "only I" the others run elsewhere.
 * As the programs do that it stands for, party I listens at port P + I for
 * the parties before it and dials those after it, again and again until they
 * answer. Prints the time per round, from the first to the last round.
 */
#include "netns_socket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/wait.h>

#define PARTIES_MAX 64
#define SIZE_MAX_BYTES 65536
#define TIME_LIMIT 120		/* seconds */
#define RETRY_US 100000

struct party {
	const char *ns;
	struct address at;
};

static struct party parties[PARTIES_MAX];
static int sockets[PARTIES_MAX];
static unsigned int count, rounds, size;

static void send_all(int fd, const void *buf, size_t len)
{
	ssize_t n;

	for (; len; len -= n, buf = (const char *)buf + n) {
		n = send(fd, buf, len, MSG_NOSIGNAL);
		if (n <= 0)
			err(1, "send");
	}
}

static int dial(unsigned int self, unsigned int other)
{
	struct address *at = &parties[other].at;
	uint32_t name = self;
	int fd;

	for (;;) {
		fd = socket(at->ss.ss_family, SOCK_STREAM, 0);
		if (fd < 0)
			err(1, "socket");
		if (!connect(fd, (struct sockaddr *)&at->ss, at->len))
			break;
		close(fd);
		usleep(RETRY_US);
	}
	send_all(fd, &name, sizeof(name));
	return fd;
}

static void meet(unsigned int self)
{
	struct address *at = &parties[self].at;
	int listener = socket(at->ss.ss_family, SOCK_STREAM, 0);
	int one = 1;
	unsigned int i;
	uint32_t name;
	int fd;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&at->ss, at->len) || listen(listener, 64))
		err(1, "party %u listens", self);
	for (i = self + 1; i < count; i++)
		sockets[i] = dial(self, i);
	for (i = 0; i < self; i++) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || recv(fd, &name, sizeof(name), MSG_WAITALL) != sizeof(name) ||
		    name >= self)
			errx(1, "party %u: a stranger came", self);
		sockets[name] = fd;
	}
	for (i = 0; i < count; i++)
		if (i != self)
			setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(listener);
}

static void one_round(unsigned int self, uint32_t round)
{
	static uint32_t out[SIZE_MAX_BYTES / 4], in[SIZE_MAX_BYTES / 4];
	unsigned int i;

	out[0] = round;
	out[1] = self;
	for (i = 0; i < count; i++)
		if (i != self)
			send_all(sockets[i], out, size);
	for (i = 0; i < count; i++) {
		if (i == self)
			continue;
		if (recv(sockets[i], in, size, MSG_WAITALL) != (ssize_t)size)
			errx(1, "party %u: no message of %u in round %u", self, i, round);
		if (in[0] != round || in[1] != i)
			errx(1, "party %u: wrong message of %u in round %u", self, i, round);
	}
}

static void play(unsigned int self)
{
	uint64_t start;
	uint32_t i;

	alarm(TIME_LIMIT);
	netns_enter(parties[self].ns);
	meet(self);
	one_round(self, 0);
	start = now_ns();
	for (i = 1; i <= rounds; i++)
		one_round(self, i);
	start = now_ns() - start;
	if (self == 0)
		printf("parties %u rounds %u size %u ns_per_round %llu\n", count, rounds, size,
		       (unsigned long long)(start / rounds));
	exit(0);
}

static void party_parse(char *text, unsigned int port)
{
	char *eq = strchr(text, '=');

	if (!eq || count == PARTIES_MAX)
		errx(2, "%s: expected NS=ADDR, at most %d of them", text, PARTIES_MAX);
	*eq = 0;
	parties[count].ns = text;
	parties[count].at = address_parse(eq + 1, port + count);
	count++;
}

static int play_all(void)
{
	unsigned int i;
	int status, bad = 0;

	for (i = 0; i < count; i++)
		if (!fork())
			play(i);
	for (i = 0; i < count; i++)
		if (wait(&status) < 0 || status)
			bad = 1;
	return bad;
}

int main(int argc, char **argv)
{
	unsigned int port = 11365;
	int i, only = -1;

	if (argc < 5)
		errx(2, "usage: rounds ROUNDS SIZE [only I] [port P] NS=ADDR NS=ADDR ...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	rounds = strtoul(argv[1], NULL, 0);
	size = strtoul(argv[2], NULL, 0);
	if (!rounds || size < 8 || size > SIZE_MAX_BYTES)
		errx(2, "ROUNDS is 1 or more, SIZE is 8 to %d", SIZE_MAX_BYTES);
	for (i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "only") && i + 1 < argc)
			only = atoi(argv[++i]);
		else if (!strcmp(argv[i], "port") && i + 1 < argc)
			port = atoi(argv[++i]);
		else
			party_parse(argv[i], port);
	}
	if (count < 2 || only >= (int)count)
		errx(2, "two or more parties, and I one of them");
	if (only >= 0)
		play(only);
	return play_all();
}
