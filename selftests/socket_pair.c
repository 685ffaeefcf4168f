// SPDX-License-Identifier: GPL-2.0
/* Two interfaces that meet on loopback. */
#include "socket_pair.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

static const char * const names[] = { "mpa", "mpb" };

static void put_addr(struct sockaddr_storage *ss, socklen_t *len,
		     const char *ip, uint16_t port)
{
	struct sockaddr_in6 *sin6 = (void *)ss;
	struct sockaddr_in *sin = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(ip, ':')) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		inet_pton(AF_INET6, ip, &sin6->sin6_addr);
		*len = sizeof(*sin6);
	} else {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		inet_pton(AF_INET, ip, &sin->sin_addr);
		*len = sizeof(*sin);
	}
}

int udp_socket(const char *ip, uint16_t port)
{
	int fd = socket(strchr(ip, ':') ? AF_INET6 : AF_INET,
			SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage ss;
	socklen_t len;

	if (!*ip)
		return fd;
	put_addr(&ss, &len, ip, port);
	if (bind(fd, (void *)&ss, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

uint16_t udp_port(int fd)
{
	struct sockaddr_in6 sin6 = { 0 };
	socklen_t len = sizeof(sin6);

	getsockname(fd, (void *)&sin6, &len);
	return ntohs(sin6.sin6_port);
}

void udp_send(int fd, const char *ip, uint16_t port, const void *data,
	      size_t len)
{
	struct sockaddr_storage ss;
	socklen_t ss_len;

	put_addr(&ss, &ss_len, ip, port);
	sendto(fd, data, len, 0, (void *)&ss, ss_len);
}

int udp_receive(int fd, void *data, size_t len, int ms, uint16_t *from)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct sockaddr_in6 sin6 = { 0 };
	socklen_t sin6_len = sizeof(sin6);
	int got;

	if (poll(&pfd, 1, ms) != 1)
		return -1;
	got = recvfrom(fd, data, len, MSG_DONTWAIT, (void *)&sin6, &sin6_len);
	if (from)
		*from = ntohs(sin6.sin6_port);
	return got;
}

const char *udp_foreign(int fd, const char *ip, const void *data, size_t len)
{
	int sender = udp_socket(ip, 0);
	uint16_t port = udp_port(sender), from = 0;
	char got[2048];
	int n;

	udp_send(sender, ip, udp_port(fd), data, len);
	n = udp_receive(fd, got, sizeof(got), 2000, &from);
	close(sender);
	if (n < 0)
		return ktap_why("%zu bytes did not reach the owner", len);
	if ((size_t)n != len || memcmp(got, data, len))
		return ktap_why("%zu bytes came as %d others", len, n);
	return from == port ? NULL : "the source address is wrong";
}

static bool make_side(struct pair *pair, enum pair_side side)
{
	uint16_t port = side == A ? PAIR_PORT_A : PAIR_PORT_B;
	const char *name = names[side], *text;
	unsigned int i, byte;
	struct set *s;
	char *dump;

	pair->name[side] = name;
	ns_enter(pair->home);
	pair->ns[side] = ns_new();
	if (!link_add(name, kind()) || !link_move(name, pair->ns[side]))
		return false;
	ns_enter(pair->ns[side]);
	if (!link_addr(name, side == A ? "10.9.0.1" : "10.9.0.2",
		       "255.255.255.0"))
		return false;
	if (!nl_open(&pair->nl[side], kind()))
		return false;
	s = pair_set(pair, side);
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN,
		     key_of(70 + side));
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, port);
	if (set_send(s))
		return false;
	dump = nl_dump(&pair->nl[side], name);
	text = text_get(dump, "dev public-key");
	for (i = 0; text && i < KEY_LEN; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		pair->pub[side][i] = byte;
	}
	free(dump);
	pair->in[side] = udp_socket(side == A ? "10.9.0.1" : "10.9.0.2", 9);
	pair_up(pair, side, true);
	return pair->in[side] >= 0;
}

bool pair_open(struct pair *pair)
{
	int side;

	memset(pair, 0, sizeof(*pair));
	pair->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!make_side(pair, A) || !make_side(pair, B))
		return false;
	for (side = A; side <= B; side++) {
		struct set *s = pair_set_peer(pair, side);

		set_ip(s, side == A ? "10.9.0.2/32" : "10.9.0.1/32");
		if (set_send(s))
			return false;
	}
	return true;
}

void pair_close(struct pair *pair)
{
	int side;

	for (side = A; side <= B; side++) {
		ns_enter(pair->ns[side]);
		link_del(pair->name[side]);
		close(pair->in[side]);
		close(pair->ns[side]);
		nl_close(&pair->nl[side]);
	}
	ns_enter(pair->home);
	close(pair->home);
}

struct set *pair_set(struct pair *pair, enum pair_side side)
{
	return set_begin(&pair->nl[side], pair->name[side]);
}

struct set *pair_set_peer(struct pair *pair, enum pair_side side)
{
	struct set *s = pair_set(pair, side);

	set_peer(s, pair->pub[!side]);
	return s;
}

const char *pair_endpoint(struct pair *pair, enum pair_side side,
			  const char *ip, uint16_t port)
{
	struct set *s = pair_set_peer(pair, side);

	set_addr(s, MPCNET_PEER_A_ENDPOINT, ip, port);
	return set_send(s) ? ktap_why("endpoint refused: %s", s->nl->why) :
	       NULL;
}

const char *pair_peer_text(struct pair *pair, enum pair_side side,
			   const char *what, char *buf, size_t len)
{
	char *dump = nl_dump(&pair->nl[side], pair->name[side]);
	const char *value = NULL;

	if (dump)
		value = text_get(dump, "peer %s %s", hex(pair->pub[!side]),
				 what);
	snprintf(buf, len, "%s", value ? value : "");
	free(dump);
	return buf;
}

long long pair_peer(struct pair *pair, enum pair_side side, const char *what)
{
	return nl_get(&pair->nl[side], pair->name[side], "peer %s %s",
		      hex(pair->pub[!side]), what);
}

long long pair_dev(struct pair *pair, enum pair_side side, const char *what)
{
	return nl_get(&pair->nl[side], pair->name[side], "dev %s", what);
}

bool pair_up(struct pair *pair, enum pair_side side, bool up)
{
	bool done;

	ns_enter(pair->ns[side]);
	done = link_up(pair->name[side], up);
	ns_enter(pair->home);
	return done;
}

bool pair_talk(struct pair *pair, enum pair_side from, int ms)
{
	static unsigned int number;
	unsigned int got = 0;
	uint64_t end = now_ms() + ms;

	number++;
	udp_send(pair->in[from], from == A ? "10.9.0.2" : "10.9.0.1", 9,
		 &number, sizeof(number));
	while (got != number && now_ms() < end)
		udp_receive(pair->in[!from], &got, sizeof(got), 20, NULL);
	return got == number;
}

int pair_adopt(struct pair *pair, enum pair_side side, int fd)
{
	struct set *s = pair_set(pair, side);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, fd);
	return set_send(s);
}

const char *pair_own_socket(struct pair *pair, enum pair_side side,
			    uint16_t port)
{
	struct set *s = pair_set(pair, side);

	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, port);
	if (set_send(s))
		return s->nl->why;
	return pair_dev(pair, side, "socket-adopted") == 1 ?
		"still shown as adopted" : NULL;
}

const char *pair_meet(struct pair *pair, const char *ip, uint16_t port)
{
	KTAP_TRY(pair_endpoint(pair, B, ip, port));
	KTAP_TRY(pair_endpoint(pair, A, ip, PAIR_PORT_B));
	/* A first: it may have been down, which B does not know. */
	if (!pair_talk(pair, A, PAIR_PATIENCE))
		return "nothing leaves through the socket";
	return pair_talk(pair, B, PAIR_PATIENCE) ? NULL :
		"nothing arrives through the socket";
}
