/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two interfaces whose sockets meet on the loopback of the test's private
 * namespace, while the interfaces themselves were moved to a namespace each:
 *
 *	 namespace of A        the test's namespace       namespace of B
 *	mpa 10.9.0.1     ... 127.0.0.1, ::1, any port ...    mpb 10.9.0.2
 *
 * So the test itself can stand between them, on the same loopback. All of it
 * vanishes with the process.
 */
#ifndef SOCKET_PAIR_H
#define SOCKET_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink_lib.h"

enum pair_side { A, B };

#define PAIR_PORT_A 4001
#define PAIR_PORT_B 4002
#define PAIR_PATIENCE 8000	/* ms, a first handshake on an emulated CPU */

/**
 * struct pair - the two ends
 * @home: the test's private namespace
 * @ns: namespaces of the interfaces
 * @name: names of the interfaces
 * @nl: netlink sockets in @ns
 * @pub: public keys
 * @in: UDP sockets inside, bound to the inner IPv4 address and port 9
 */
struct pair {
	int home;
	int ns[2];
	const char *name[2];
	struct nl nl[2];
	uint8_t pub[2][KEY_LEN];
	int in[2];
};

/* Make both, with keys, ports and allowed IPs, but without endpoints. */
bool pair_open(struct pair *pair);
/* Remove the interfaces and close everything. */
void pair_close(struct pair *pair);
/* Begin a set of one side. */
struct set *pair_set(struct pair *pair, enum pair_side side);
/* The same, of its peer. */
struct set *pair_set_peer(struct pair *pair, enum pair_side side);
/* Tell one side where the other is. Null if done, else why not. */
const char *pair_endpoint(struct pair *pair, enum pair_side side,
			  const char *ip, uint16_t port);
/* A value of one side's peer, or of the side itself. */
long long pair_peer(struct pair *pair, enum pair_side side, const char *what);
long long pair_dev(struct pair *pair, enum pair_side side, const char *what);
/* Text of such a value into a buffer of the caller. Empty if not shown. */
const char *pair_peer_text(struct pair *pair, enum pair_side side,
			   const char *what, char *buf, size_t len);
/* Send a datagram inside from one side; true if the other has it in @ms. */
bool pair_talk(struct pair *pair, enum pair_side from, int ms);
/* Set one side up or down. */
bool pair_up(struct pair *pair, enum pair_side side, bool up);
/* Let one side take a socket of the caller. 0 or -errno. */
int pair_adopt(struct pair *pair, enum pair_side side, int fd);
/* Let one side open its own again. Null if done, else why not. */
const char *pair_own_socket(struct pair *pair, enum pair_side side,
			    uint16_t port);
/* Both ways, with A's socket at @ip and @port. Null if done, else why not. */
const char *pair_meet(struct pair *pair, const char *ip, uint16_t port);

/* A UDP socket in the current namespace, bound to @ip ("" for none). */
int udp_socket(const char *ip, uint16_t port);
/* Port that a socket is bound to. */
uint16_t udp_port(int fd);
void udp_send(int fd, const char *ip, uint16_t port, const void *data,
	      size_t len);
/* Receive within @ms; the sender's port in @from if not NULL. -1 if none. */
int udp_receive(int fd, void *data, size_t len, int ms, uint16_t *from);
/* Does a datagram to @ip and @fd's port come out of @fd as it was sent, from
 * where it was sent? Null if so, else what happened.
 */
const char *udp_foreign(int fd, const char *ip, const void *data, size_t len);

#endif
