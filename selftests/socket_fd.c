// SPDX-License-Identifier: GPL-2.0
/*
 * An interface that takes a UDP socket of the caller: messages of the protocol
 * are claimed, all else stays the caller's, and nothing breaks when the caller
 * goes away.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "socket_pair.h"

static struct pair pair;

static const char *with_socket(const char *bound, const char *ip, bool only)
{
	int fd = socket(strchr(bound, ':') ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	const char *why = NULL;
	int off = only;

	if (strchr(bound, ':')) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		bind(fd, (void *)&any, sizeof(any));
	} else {
		close(fd);
		fd = udp_socket(bound, 0);
	}
	if (pair_adopt(&pair, A, fd))
		why = ktap_why("refused: %s", pair.nl[A].why);
	else if (pair_dev(&pair, A, "listen-port") != udp_port(fd))
		why = "listen-port is not the adopted socket's";
	else if (pair_dev(&pair, A, "socket-adopted") != 1)
		why = "not shown as adopted";
	if (!why)
		why = pair_meet(&pair, ip, udp_port(fd));
	if (!why)
		why = udp_foreign(fd, ip, "\0\1\0\0\x21\x12\xa4\x42 stun", 13);
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

static const char *test_ipv4(void)
{
	return with_socket("0.0.0.0", "127.0.0.1", false);
}

static const char *test_one_address(void)
{
	return with_socket("127.0.0.1", "127.0.0.1", false);
}

static const char *test_dual(void)
{
	const char *why = with_socket("::", "::1", false);

	return why ? why : with_socket("::", "127.0.0.1", false);
}

static const char *test_ipv6_only(void)
{
	return with_socket("::", "::1", true);
}

/* Lengths and first bytes at the edges of what is claimed. */
static const char *test_foreign(void)
{
	static const struct {
		uint8_t head[4];
		size_t len;
	} shapes[] = {
		{ { 1, 0, 0, 0 }, 147 }, { { 1, 0, 0, 0 }, 149 },
		{ { 1, 0, 0, 1 }, 148 }, { { 2, 0, 0, 0 }, 91 },
		{ { 2, 0, 0, 0 }, 93 }, { { 3, 0, 0, 0 }, 63 },
		{ { 3, 0, 0, 0 }, 65 }, { { 4, 0, 0, 0 }, 31 },
		{ { 4, 0, 1, 0 }, 64 }, { { 5, 0, 0, 0 }, 148 },
		{ { 0, 0, 0, 0 }, 148 }, { { 0, 1, 0, 0 }, 20 },
		{ { 0x40, 0, 0, 4 }, 8 }, { { 0xff, 0xff, 0xff, 0xff }, 1400 },
		{ { 1 }, 1 }, { { 4, 0, 0 }, 3 }, { { 4, 0, 0, 0 }, 4 },
	};
	uint8_t data[1500] = { 0 };
	int fd = udp_socket("127.0.0.1", 0);
	const char *why;
	unsigned int i;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	why = udp_foreign(fd, "127.0.0.1", data, 0);
	for (i = 0; !why && i < KTAP_COUNT(shapes); i++) {
		memcpy(data, shapes[i].head, 4);
		why = udp_foreign(fd, "127.0.0.1", data, shapes[i].len);
		if (why)
			why = ktap_why("type %u: %s", data[0], why);
	}
	srandom(1);
	for (i = 0; !why && i < 100; i++) {
		size_t len = random() % sizeof(data), j;

		for (j = 0; j < len; j++)
			data[j] = random();
		data[0] |= 8;
		why = udp_foreign(fd, "127.0.0.1", data, len);
	}
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

/* What is of the protocol's shape never reaches the owner. */
static const char *test_claimed(void)
{
	static const struct {
		uint8_t type;
		size_t len;
	} shapes[] = { { 1, 148 }, { 2, 92 }, { 3, 64 }, { 4, 32 }, { 4, 96 } };
	int fd = udp_socket("127.0.0.1", 0), sender = udp_socket("127.0.0.1", 0);
	uint8_t data[256] = { 0 };
	const char *why = NULL;
	unsigned int i;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	for (i = 0; i < KTAP_COUNT(shapes); i++) {
		data[0] = shapes[i].type;
		udp_send(sender, "127.0.0.1", udp_port(fd), data,
			 shapes[i].len);
		if (udp_receive(fd, data, sizeof(data), 100, NULL) >= 0)
			why = ktap_why("type %u reached the owner",
				       shapes[i].type);
	}
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(sender);
	close(fd);
	return why;
}

static const char *test_owner_sends(void)
{
	int fd = udp_socket("127.0.0.1", 0), other = udp_socket("127.0.0.1", 0);
	const char *why = NULL;
	uint16_t from = 0;
	char got[16];

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	udp_send(fd, "127.0.0.1", udp_port(other), "hello", 5);
	if (udp_receive(other, got, sizeof(got), 2000, &from) != 5 ||
	    from != udp_port(fd))
		why = "what the owner sent did not arrive";
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(other);
	close(fd);
	return why;
}

/* What is sent has the address that the owner bound the socket to. */
static const char *test_source(void)
{
	int fd = udp_socket("127.0.0.5", 0);
	char text[64], want[64];
	const char *why;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	why = pair_meet(&pair, "127.0.0.5", udp_port(fd));
	if (!why)
		why = pair_endpoint(&pair, B, "127.0.0.1", 9);
	if (!why && !pair_talk(&pair, A, PAIR_PATIENCE))
		why = "nothing leaves";
	snprintf(want, sizeof(want), "127.0.0.5:%u", udp_port(fd));
	pair_peer_text(&pair, B, "endpoint", text, sizeof(text));
	if (!why && strcmp(text, want))
		why = ktap_why("it comes from %s", text);
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

/* A flood: some reach the owner, the rest is counted, none is lost unseen. */
static const char *test_flood(void)
{
	int fd = udp_socket("127.0.0.1", 0), sender = udp_socket("127.0.0.1", 0);
	long long passed, limited, sent = 20000;
	int size = 1 << 23, i;
	const char *why = NULL;
	char got[16];

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	passed = pair_dev(&pair, A, "counter foreign");
	limited = pair_dev(&pair, A, "counter foreign-limited");
	for (i = 0; i < sent; i++)
		udp_send(sender, "127.0.0.1", udp_port(fd), "flood!", 6);
	passed = pair_dev(&pair, A, "counter foreign") - passed;
	limited = pair_dev(&pair, A, "counter foreign-limited") - limited;
	ktap_diag("%lld sent, %lld passed, %lld over the limit", sent, passed,
		  limited);
	if (passed + limited != sent)
		why = "counters do not add up to what was sent";
	else if (!passed || !limited)
		why = "no limit, or nothing passes it";
	for (i = 0; udp_receive(fd, got, sizeof(got), 100, NULL) == 6; i++)
		;
	if (!why && i != passed)
		why = ktap_why("the owner read %d", i);
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(sender);
	close(fd);
	return why;
}

/* The limit is over after the flood. */
static const char *test_after_flood(void)
{
	int fd = udp_socket("127.0.0.1", 0), sender = udp_socket("127.0.0.1", 0);
	const char *why = NULL;
	char got[16];
	int i;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	for (i = 0; i < 20000; i++)
		udp_send(sender, "127.0.0.1", udp_port(fd), "flood!", 6);
	while (udp_receive(fd, got, sizeof(got), 10, NULL) >= 0)
		;
	usleep(1100000);
	while (udp_receive(fd, got, sizeof(got), 0, NULL) >= 0)
		;
	why = udp_foreign(fd, "127.0.0.1", "again", 5);
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(sender);
	close(fd);
	return why;
}

static const char *test_closed(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	uint16_t port = udp_port(fd);
	const char *why;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	close(fd);
	why = pair_meet(&pair, "127.0.0.1", port);
	if (!why && pair_dev(&pair, A, "listen-port") != port)
		why = "the port is not shown any more";
	return why ? why : pair_own_socket(&pair, A, PAIR_PORT_A);
}

/* The owner is another process, which is killed. */
static const char *test_killed(void)
{
	int ready[2], status;
	uint16_t port = 0;
	const char *why;
	pid_t owner;

	if (pipe(ready))
		return "no pipe";
	owner = fork();
	if (!owner) {
		int fd = udp_socket("127.0.0.1", 0);

		port = pair_adopt(&pair, A, fd) ? 0 : udp_port(fd);
		if (write(ready[1], &port, sizeof(port)) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	if (read(ready[0], &port, sizeof(port)) < 0 || !port)
		return "refused in a child";
	kill(owner, SIGKILL);
	waitpid(owner, &status, 0);
	close(ready[0]);
	close(ready[1]);
	why = pair_meet(&pair, "127.0.0.1", port);
	return why ? why : pair_own_socket(&pair, A, PAIR_PORT_A);
}

static const char *test_down_up(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	const char *why = NULL;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	if (!pair_up(&pair, A, false))
		why = "cannot be set down";
	if (!why)
		why = udp_foreign(fd, "127.0.0.1", "while down", 10);
	if (!why && !pair_up(&pair, A, true))
		why = "cannot be set up";
	if (!why && pair_dev(&pair, A, "listen-port") != udp_port(fd))
		why = "the port changed";
	if (!why)
		why = pair_meet(&pair, "127.0.0.1", udp_port(fd));
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

static const char *test_adopted_down(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	const char *why;

	pair_up(&pair, A, false);
	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	pair_up(&pair, A, true);
	why = pair_meet(&pair, "127.0.0.1", udp_port(fd));
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

/* A wrong descriptor: refused in words, and the old socket still works. */
static const char *wrong(int fd, const char *what)
{
	char *before = nl_dump(&pair.nl[A], pair.name[A]), *after;
	const char *why = NULL;

	if (!pair_adopt(&pair, A, fd))
		why = ktap_why("%s was taken", what);
	else if (!pair.nl[A].why[0])
		why = ktap_why("%s: no message", what);
	after = nl_dump(&pair.nl[A], pair.name[A]);
	/* Packets of pair_meet() may still be counted meanwhile. */
	text_drop(before, "-bytes");
	text_drop(after, "-bytes");
	if (!why && strcmp(before, after))
		why = ktap_why("%s: the interface changed", what);
	free(before);
	free(after);
	if (fd > 2)
		close(fd);
	return why;
}

static int unix_socket(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	bind(fd, (void *)&sun, sizeof(sun.sun_family));
	return fd;
}

static int tcp_socket(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bind(fd, (void *)&sin, sizeof(sin));
	return fd;
}

static int far_socket(void)
{
	int ns = ns_new(), fd;

	ns_enter(ns);
	fd = udp_socket("127.0.0.1", 0);
	ns_enter(pair.home);
	close(ns);
	return fd;
}

static int connected_socket(void)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = udp_socket("127.0.0.1", 0);

	connect(fd, (void *)&sin, sizeof(sin));
	return fd;
}

static int lite_socket(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);

	bind(fd, (void *)&sin, sizeof(sin));
	return fd;
}

/* One that another tunnel has: WireGuard's users do so by UDP_ENCAP. */
static int encap_socket(void)
{
	int fd = udp_socket("127.0.0.1", 0), type = 2;

	if (setsockopt(fd, IPPROTO_UDP, 100, &type, sizeof(type))) {
		close(fd);
		return -1;
	}
	return fd;
}

static const char *test_wrong(void)
{
	int pipes[2], closed = udp_socket("127.0.0.1", 0), encap;
	const char *why = pair_meet(&pair, "127.0.0.1", PAIR_PORT_A);

	close(closed);
	if (pipe(pipes))
		return "no pipe";
	if (!why)
		why = wrong(closed, "a closed descriptor");
	if (!why)
		why = wrong(-1, "-1");
	if (!why)
		why = wrong(pipes[0], "a pipe");
	if (!why)
		why = wrong(unix_socket(), "a unix socket");
	if (!why)
		why = wrong(tcp_socket(), "a TCP socket");
	if (!why)
		why = wrong(udp_socket("", 0), "an unbound socket");
	if (!why)
		why = wrong(connected_socket(), "a connected socket");
	if (!why)
		why = wrong(lite_socket(), "a UDP-Lite socket");
	if (!why)
		why = wrong(far_socket(), "a socket of another namespace");
	encap = encap_socket();
	if (!why && encap >= 0)
		why = wrong(encap, "a socket of IPsec");
	close(pipes[1]);
	return why ? why : pair_meet(&pair, "127.0.0.1", PAIR_PORT_A);
}

/* Nor one that an interface has already, be it the same or the other. */
static const char *test_taken(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	const char *why = NULL;
	struct set *s;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	s = pair_set(&pair, B);
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, fd);
	if (!set_send(s))
		why = "two interfaces share a socket";
	else if (!pair.nl[B].why[0])
		why = "no message";
	if (!why)
		why = pair_meet(&pair, "127.0.0.1", udp_port(fd));
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	if (!why && pair_adopt(&pair, A, fd))
		why = ktap_why("not to be had again: %s", pair.nl[A].why);
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	close(fd);
	return why;
}

static const char *test_with_port(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	struct set *s = pair_set(&pair, A);
	const char *why = NULL;

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, fd);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 4444);
	if (!set_send(s))
		why = "socket and port in one message were taken";
	else if (!pair.nl[A].why[0])
		why = "no message";
	close(fd);
	return why;
}

/* From one adopted socket to the next: the first is the caller's again. */
static const char *test_replaced(void)
{
	int first = udp_socket("127.0.0.1", 0);
	int second = udp_socket("127.0.0.1", 0);
	uint8_t data[148] = { 1 };
	const char *why;

	if (pair_adopt(&pair, A, first) || pair_adopt(&pair, A, second))
		return pair.nl[A].why;
	why = pair_meet(&pair, "127.0.0.1", udp_port(second));
	if (!why)
		why = udp_foreign(first, "127.0.0.1", data, sizeof(data));
	if (!why)
		why = pair_own_socket(&pair, A, PAIR_PORT_A);
	if (!why)
		why = udp_foreign(second, "127.0.0.1", data, sizeof(data));
	if (!why)
		why = pair_meet(&pair, "127.0.0.1", PAIR_PORT_A);
	close(first);
	close(second);
	return why;
}

/* Deleting the interface releases it. Ends the pair, so it comes last. */
static const char *test_deleted(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	uint16_t port = udp_port(fd);
	uint8_t data[148] = { 1 };
	const char *why;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	pair_close(&pair);
	why = udp_foreign(fd, "127.0.0.1", data, sizeof(data));
	close(fd);
	if (why)
		return why;
	fd = udp_socket("127.0.0.1", port);
	if (fd < 0)
		return "the port is still in use";
	close(fd);
	return NULL;
}

static const struct ktap_case cases[] = {
	{ "IPv4 socket", test_ipv4 },
	{ "IPv4 socket of one address", test_one_address },
	{ "dual-stack socket", test_dual },
	{ "IPv6-only socket", test_ipv6_only },
	{ "foreign datagrams reach the owner", test_foreign },
	{ "messages of the protocol do not", test_claimed },
	{ "the owner sends by the same socket", test_owner_sends },
	{ "messages leave from the bound address", test_source },
	{ "a flood of foreign datagrams is limited and counted", test_flood },
	{ "and forgotten after a second", test_after_flood },
	{ "the owner closes the descriptor", test_closed },
	{ "the owner is killed", test_killed },
	{ "down and up keep the socket", test_down_up },
	{ "adopted while down", test_adopted_down },
	{ "wrong descriptors are refused", test_wrong },
	{ "a socket that is taken is refused", test_taken },
	{ "socket and listen port together are refused", test_with_port },
	{ "a socket that is given back is a plain one", test_replaced },
	{ "deletion gives the socket back", test_deleted },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet takes a socket");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	return ktap_run(cases, KTAP_COUNT(cases));
}
