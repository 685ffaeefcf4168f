// SPDX-License-Identifier: GPL-2.0
/*
 * A bare UDP prober: what a NAT does to datagrams, seen from both of its
 * sides. It knows nothing of STUN, so that the laboratory is not judged by
 * the code that it is there to judge.
 *
 *	probe serve ADDR PORT [ADDR PORT]...
 *		tell whoever asks where the question came from
 *	probe ask [-p PORT] [-w MS] ADDR PORT [ADDR PORT]...
 *		ask each in turn from one socket, print "ADDR PORT" as they
 *		see it, or "-"; fails if one did not answer
 *	probe filter [-p PORT] [-w MS] ADDR PORT
 *		ask one socket of a server to have each of its sockets answer,
 *		print the numbers of those that were heard, the one asked first
 *	probe send [-p PORT] ADDR PORT
 *		one datagram, no answer wanted
 *
 * A question is one byte, the number of the socket that shall answer ('0' is
 * the server's first) or '=' for the one that was asked. An answer is that
 * number, a space, and the address and port where the question came from.
 */
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SOCKETS 8
#define AGAIN_MS 200 /* between two questions */
#define GRACE_MS 150 /* for answers that were overtaken */
#define ANSWER_LEN (NI_MAXHOST + NI_MAXSERV + 4)

/**
 * struct addr - a socket address
 * @sa: the address
 * @len: its length in bytes
 */
struct addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

static int usage(void)
{
	fprintf(stderr, "usage: probe serve|ask|filter|send [-p PORT] [-w MS] ADDR PORT...\n");
	return 2;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct addr addr_of(const char *host, const char *port)
{
	struct addrinfo hint = {
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	}, *info;
	struct addr a = {};

	if (getaddrinfo(host, port, &hint, &info)) {
		fprintf(stderr, "probe: bad address %s %s\n", host, port);
		exit(2);
	}
	memcpy(&a.sa, info->ai_addr, info->ai_addrlen);
	a.len = info->ai_addrlen;
	freeaddrinfo(info);
	return a;
}

static bool addr_same(const struct addr *a, const struct addr *b)
{
	char host[2][NI_MAXHOST], port[2][NI_MAXSERV];
	int flags = NI_NUMERICHOST | NI_NUMERICSERV;

	if (getnameinfo((void *)&a->sa, a->len, host[0], NI_MAXHOST, port[0], NI_MAXSERV, flags) ||
	    getnameinfo((void *)&b->sa, b->len, host[1], NI_MAXHOST, port[1], NI_MAXSERV, flags))
		return false;
	return !strcmp(host[0], host[1]) && !strcmp(port[0], port[1]);
}

static int socket_at(const struct addr *a)
{
	int fd = socket(a->sa.ss_family, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (const void *)&a->sa, a->len))
		die("probe: bind");
	return fd;
}

/* A socket of the family of @to, on any address and @port. */
static int socket_to(const struct addr *to, const char *port)
{
	struct addr any = addr_of(to->sa.ss_family == AF_INET6 ? "::" : "0.0.0.0", port);

	return socket_at(&any);
}

static void ask(int fd, const struct addr *to, char who)
{
	/* A refusal (ICMP) of an earlier one may be reported here. */
	if (sendto(fd, &who, 1, 0, (const void *)&to->sa, to->len) < 0)
		sendto(fd, &who, 1, 0, (const void *)&to->sa, to->len);
}

/* Return: the bytes of a datagram that came by @until, 0 if none did. */
static size_t hear(int fd, long long until, struct addr *from, char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long left = until - now_ms();
	ssize_t len;

	if (left < 0 || poll(&p, 1, left) <= 0)
		return 0;
	from->len = sizeof(from->sa);
	len = recvfrom(fd, text, ANSWER_LEN - 1, 0, (void *)&from->sa, &from->len);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	return len;
}

/* Answer one question that arrived at socket @i. */
static void answer(const int *fd, int count, int i)
{
	char who = 0, host[NI_MAXHOST], port[NI_MAXSERV], text[ANSWER_LEN];
	struct addr from = { .len = sizeof(from.sa) };
	int len;

	if (recvfrom(fd[i], &who, 1, 0, (void *)&from.sa, &from.len) != 1)
		return;
	if (who >= '0' && who < '0' + count)
		i = who - '0';
	else if (who != '=')
		return;
	if (getnameinfo((void *)&from.sa, from.len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	len = snprintf(text, sizeof(text), "%d %s %s", i, host, port);
	sendto(fd[i], text, len, 0, (void *)&from.sa, from.len);
}

static int serve(int argc, char **argv)
{
	struct pollfd p[MAX_SOCKETS];
	int fd[MAX_SOCKETS], count, i;

	for (count = 0; count < MAX_SOCKETS && 2 * count + 1 < argc; count++) {
		struct addr a = addr_of(argv[2 * count], argv[2 * count + 1]);

		fd[count] = socket_at(&a);
		p[count] = (struct pollfd){ .fd = fd[count], .events = POLLIN };
	}
	while (poll(p, count, -1) > 0)
		for (i = 0; i < count; i++)
			if (p[i].revents)
				answer(fd, count, i);
	return 1;
}

/* Ask @to again and again until it answers or @wait_ms are over. */
static bool ask_one(int fd, const struct addr *to, long long wait_ms)
{
	long long end = now_ms() + wait_ms, again = 0;
	char text[ANSWER_LEN];
	struct addr from;

	while (now_ms() < end) {
		if (now_ms() >= again) {
			ask(fd, to, '=');
			again = now_ms() + AGAIN_MS;
		}
		if (hear(fd, again < end ? again : end, &from, text) > 2 && addr_same(&from, to)) {
			puts(text + 2);
			return true;
		}
	}
	puts("-");
	return false;
}

static int ask_all(int argc, char **argv, const char *port, long long wait_ms)
{
	struct addr to = addr_of(argv[0], argv[1]);
	int fd = socket_to(&to, port), i, missing = 0;

	for (i = 0; i + 1 < argc; i += 2) {
		to = addr_of(argv[i], argv[i + 1]);
		missing += !ask_one(fd, &to, wait_ms);
	}
	return missing > 0;
}

/* The answer of the socket that was asked comes last of all: once it is there,
 * so are the others that get through.
 */
static int filter(char **argv, const char *port, long long wait_ms)
{
	struct addr to = addr_of(argv[0], argv[1]), from;
	long long end = now_ms() + wait_ms, again = 0;
	bool heard[MAX_SOCKETS] = {};
	int fd = socket_to(&to, port), i;
	char text[ANSWER_LEN];

	while (now_ms() < end) {
		if (!heard[0] && now_ms() >= again) {
			for (i = MAX_SOCKETS - 1; i >= 0; i--)
				ask(fd, &to, '0' + i);
			again = now_ms() + AGAIN_MS;
		}
		if (hear(fd, heard[0] || again > end ? end : again, &from, text) < 3)
			continue;
		i = text[0] - '0';
		if (i == 0 && !heard[0])
			end = now_ms() + GRACE_MS;
		if (i >= 0 && i < MAX_SOCKETS)
			heard[i] = true;
	}
	for (i = 0; i < MAX_SOCKETS; i++)
		if (heard[i])
			putchar('0' + i);
	putchar('\n');
	return !heard[0];
}

static int send_one(char **argv, const char *port)
{
	struct addr to = addr_of(argv[0], argv[1]);

	ask(socket_to(&to, port), &to, '!');
	return 0;
}

int main(int argc, char **argv)
{
	const char *port = "0", *verb = argc > 1 ? argv[1] : "";
	long long wait_ms = 3000;
	int c;

	setlinebuf(stdout);
	while ((c = getopt(argc > 1 ? argc - 1 : 0, argv + 1, "p:w:")) != -1) {
		if (c == 'p')
			port = optarg;
		else if (c == 'w')
			wait_ms = atoll(optarg);
		else
			return usage();
	}
	argv += optind + 1;
	argc -= optind + 1;
	if (argc < 2 || argc % 2)
		return usage();
	if (!strcmp(verb, "serve"))
		return serve(argc, argv);
	if (!strcmp(verb, "ask"))
		return ask_all(argc, argv, port, wait_ms);
	if (!strcmp(verb, "filter"))
		return filter(argv, port, wait_ms);
	if (!strcmp(verb, "send"))
		return send_one(argv, port);
	return usage();
}
