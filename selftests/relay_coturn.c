// SPDX-License-Identifier: GPL-2.0
/*
 * A real TURN server, coturn, between two interfaces: the allocation belongs
 * to the socket that the interface adopts, requests and their answers go on
 * over it, and ping and TCP go through the channel.
 *
 * Addresses on the loopback: server 198.51.100.1, A .2, B .3.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "relay_turn.h"
#include "socket_pair.h"

#define PATIENCE 10000		/* a first handshake on an emulated CPU */
#define SERVER "198.51.100.1"
#define PORT 3478
#define BULK (256 * 1024)

static const char * const host[] = { "198.51.100.2", "198.51.100.3" };
static struct pair pair;
static struct turn turn[2];
static pid_t server;

static char pidfile[64];

static bool start_server(void)
{
	char * const args[] = {
		"turnserver", "-n", "-L", SERVER, "-E", SERVER, "-p", "3478",
		"-a", "-u", "party:secret", "-r", "mpc.test", "--no-tls",
		"--no-dtls", "--no-cli", "-l", "stdout", "--no-stdout-log",
		"--pidfile", pidfile, "--userdb", ":memory:", "-m", "1",
		NULL
	};

	snprintf(pidfile, sizeof(pidfile), "/tmp/mpcnet-turn.%d", getpid());
	server = fork();
	if (!server) {
		if (!freopen("/dev/null", "w", stdout) ||
		    !freopen("/dev/null", "w", stderr))
			_exit(1);
		execvp(args[0], args);
		_exit(127);
	}
	return server > 0;
}

/* An allocation on a socket of one side. */
static const char *allocate(enum pair_side side)
{
	struct turn *t = &turn[side];

	memset(t, 0, sizeof(*t));
	t->fd = udp_socket(host[side], 0);
	t->server.sin_family = AF_INET;
	t->server.sin_port = htons(PORT);
	inet_pton(AF_INET, SERVER, &t->server.sin_addr);
	t->user = "party";
	t->password = "secret";
	if (!wait_for(turn_allocate(t), 15000))
		return ktap_why("coturn allocates nothing (error %d)",
				t->error);
	return NULL;
}

/* The interface takes the socket; only then are permissions asked for. */
static const char *hand_over(enum pair_side side,
			     const struct sockaddr_in *peer, uint16_t channel)
{
	struct turn *t = &turn[side];
	struct set *s = pair_set(&pair, side);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, t->fd);
	if (set_send(s))
		return ktap_why("socket refused: %s", s->nl->why);
	if (!turn_permit(t, peer))
		return ktap_why("no permission (error %d)", t->error);
	if (!turn_bind(t, peer, channel))
		return ktap_why("no channel (error %d)", t->error);
	s = pair_set_peer(&pair, side);
	set_addr(s, MPCNET_PEER_A_RELAY, SERVER, PORT);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, channel);
	return set_send(s) ? ktap_why("relay refused: %s", s->nl->why) : NULL;
}

static const char *ping(enum pair_side side)
{
	int err;

	ns_enter(pair.ns[side]);
	err = sh("ping -c 10 -i 0.01 -W 5 10.9.0.%d", side == A ? 2 : 1);
	ns_enter(pair.home);
	return err ? "ping fails" : NULL;
}

static int tcp_listen(enum pair_side side)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(7000),
	};
	int fd;

	ns_enter(pair.ns[side]);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	bind(fd, (void *)&sin, sizeof(sin));
	listen(fd, 1);
	ns_enter(pair.home);
	return fd;
}

static void tcp_send(enum pair_side side)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(7000),
	};
	static uint8_t data[BULK];
	int i, fd;

	for (i = 0; i < BULK; i++)
		data[i] = i * 7 + (i >> 8);
	ns_enter(pair.ns[side]);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, side == A ? "10.9.0.2" : "10.9.0.1", &sin.sin_addr);
	if (connect(fd, (void *)&sin, sizeof(sin)) ||
	    write(fd, data, BULK) != BULK)
		_exit(1);
	_exit(0);
}

/* BULK bytes over TCP from one side to the other, each of them compared. */
static const char *tcp(enum pair_side from)
{
	struct timeval limit = { .tv_sec = 20 };
	int listener = tcp_listen(!from), fd, i, n, at = 0;
	const char *why = NULL;
	uint8_t data[65536];
	pid_t sender = fork();

	if (!sender)
		tcp_send(from);
	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	fd = accept(listener, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	while (!why && (n = read(fd, data, sizeof(data))) > 0)
		for (i = 0; i < n; i++, at++)
			if (data[i] != (uint8_t)(at * 7 + (at >> 8)))
				why = "TCP brings other bytes";
	if (!why && at != BULK)
		why = ktap_why("TCP brings %d of %d bytes", at, BULK);
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	close(fd);
	close(listener);
	return why;
}

static const char *traffic(void)
{
	const char *why = NULL;

	if (!pair_talk(&pair, A, PATIENCE))
		why = "nothing gets through";
	if (!why)
		why = ping(A);
	if (!why)
		why = ping(B);
	if (!why)
		why = tcp(A);
	return why ? why : tcp(B);
}

static void end(void)
{
	pair_close(&pair);
	if (turn[A].fd > 0)
		close(turn[A].fd);
	if (turn[B].fd > 0)
		close(turn[B].fd);
	memset(turn, 0, sizeof(turn));
}

/* B's own port, as the server sees it. */
static struct sockaddr_in direct(enum pair_side side, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	inet_pton(AF_INET, host[side], &sin.sin_addr);
	return sin;
}

/* B answers from the address it was spoken to, so bind it to .3. */
static const char *bind_address(enum pair_side side)
{
	struct sockaddr_in sin = direct(side, 0);
	struct set *s = pair_set(&pair, side);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_BIND_ADDRESS, 4, &sin.sin_addr);
	return set_send(s) ? s->nl->why : NULL;
}

static const char *begin_one_sided(void)
{
	struct sockaddr_in peer = direct(B, PAIR_PORT_B);
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	why = bind_address(B);
	if (!why)
		why = allocate(A);
	return why ? why : hand_over(A, &peer, 0x4000);
}

static const char *test_one_sided(void)
{
	char text[128], want[128], ip[INET_ADDRSTRLEN];
	const char *why = begin_one_sided();

	if (!why)
		why = traffic();
	inet_ntop(AF_INET, &turn[A].relayed.sin_addr, ip, sizeof(ip));
	snprintf(want, sizeof(want), "%s:%u", ip,
		 ntohs(turn[A].relayed.sin_port));
	pair_peer_text(&pair, B, "endpoint", text, sizeof(text));
	if (!why && strcmp(text, want))
		why = ktap_why("B sees %s in place of %s", text, want);
	if (!why && pair_peer(&pair, A, "relayed") != 1)
		why = "A is not relayed";
	end();
	return why;
}

static const char *test_both(void)
{
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	why = allocate(A);
	if (!why)
		why = allocate(B);
	if (!why)
		why = hand_over(A, &turn[B].relayed, 0x4001);
	if (!why)
		why = hand_over(B, &turn[A].relayed, 0x4fff);
	if (!why)
		why = traffic();
	if (!why && (pair_peer(&pair, A, "relayed") != 1 ||
		     pair_peer(&pair, B, "relayed") != 1))
		why = "not both are relayed";
	end();
	return why;
}

/* The owner refreshes the allocation while traffic goes through it. */
static const char *test_refresh(void)
{
	const char *why = begin_one_sided();
	struct sockaddr_in peer = direct(B, PAIR_PORT_B);
	int i;

	for (i = 0; !why && i < 5; i++) {
		if (!pair_talk(&pair, A, PATIENCE))
			why = "nothing gets through";
		else if (!turn_refresh(&turn[A], 600) ||
			 !turn_bind(&turn[A], &peer, 0x4000))
			why = ktap_why("refresh fails (error %d)",
				       turn[A].error);
	}
	end();
	return why;
}

static const char *test_moves(void)
{
	const char *why = begin_one_sided();
	struct set *s;
	int i;

	for (i = 0; !why && i < 6; i++) {
		if (!pair_talk(&pair, A, PATIENCE) ||
		    !pair_talk(&pair, B, PATIENCE))
			why = ktap_why("nothing gets through after %d moves", i);
		s = pair_set_peer(&pair, A);
		if (i % 2) {
			set_addr(s, MPCNET_PEER_A_RELAY, SERVER, PORT);
			mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL,
					 0x4000);
		} else {
			set_addr(s, MPCNET_PEER_A_ENDPOINT, host[B],
				 PAIR_PORT_B);
		}
		if (!why && set_send(s))
			why = s->nl->why;
		if (!why && (pair_peer(&pair, A, "relayed") == 1) != i % 2)
			why = "relayed is shown wrong";
	}
	end();
	return why;
}

static const struct ktap_case cases[] = {
	{ "one side behind coturn: ping and TCP", test_one_sided },
	{ "both sides behind coturn: ping and TCP", test_both },
	{ "the owner refreshes over the adopted socket", test_refresh },
	{ "relay, direct and back", test_moves },
};

int main(void)
{
	int status;

	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet speaks to relays");
	if (sh("command -v turnserver"))
		ktap_skip_all("turnserver (package coturn) is not installed");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	end();
	sh("ip addr add 198.51.100.1/32 dev lo");
	sh("ip addr add 198.51.100.2/32 dev lo");
	sh("ip addr add 198.51.100.3/32 dev lo");
	if (!start_server())
		ktap_bail("turnserver does not start");
	status = ktap_run(cases, KTAP_COUNT(cases));
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	unlink(pidfile);
	return status;
}
