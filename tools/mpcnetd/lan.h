/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rendezvous of parties on one local network: each sends its posting to a
 * multicast group, on each interface,
 *
 *	+-----------+---------------+----------+---------+
 *	| mpcnet1\0 | id of session | slot     | posting |
 *	+-----------+---------------+----------+---------+
 *	      8             16           8       to 2048
 *
 * when it is another, then after 0.1 s, 0.2 s, 0.4 s... and every 5 s. Who hears
 * somebody new says its own again soon, so that who comes late learns all at once.
 */
#ifndef MPCNETD_LAN_H
#define MPCNETD_LAN_H

#include <stdbool.h>

#include "bucket.h"
#include "loop.h"
#include "medium.h"

#define LAN_LINKS_MAX 16

/**
 * struct lan_link - an interface
 * @index: its number
 * @families: bits of enum lan_family that it has addresses of
 */
struct lan_link {
	unsigned int index;
	unsigned int families;
};

/**
 * struct lan_socket - a socket of one family
 * @watch: the socket; fd -1 if there is none
 * @lan: whose it is
 */
struct lan_socket {
	struct loop_fd watch;
	struct lan *lan;
};

/**
 * struct lan_heard - a party that was heard
 * @slot: names it
 * @when: last
 * @said: its posting that was handed up last; ours to free
 * @said_len: its length
 * @said_at: when it was
 */
struct lan_heard {
	uint8_t slot[MEDIUM_SLOT_LEN];
	uint64_t when;
	uint8_t *said;
	size_t said_len;
	uint64_t said_at;
};

/**
 * struct lan - the local network
 * @medium: what it carries
 * @sockets: by enum lan_family
 * @links: the interfaces
 * @link_count: how many
 * @heard: the parties
 * @heard_count: how many
 * @allowed: how much of what comes is looked at
 * @answers: how often we say our posting for the sake of somebody new
 * @send_at: when to send
 * @pause: until the time after that
 * @look_at: when to look at the interfaces
 * @reached: a posting was sent
 * @trouble: why it does not work, empty if it does
 */
struct lan {
	const struct medium *medium;
	struct lan_socket sockets[2];
	struct lan_link links[LAN_LINKS_MAX];
	unsigned int link_count;
	struct lan_heard heard[MEDIUM_SLOTS_MAX];
	unsigned int heard_count;
	struct bucket allowed;
	struct bucket answers;
	uint64_t send_at;
	uint64_t pause;
	uint64_t look_at;
	bool reached;
	char trouble[128];
};

/* lan.c */
void lan_init(struct lan *lan, const struct medium *medium);
void lan_open(struct lan *lan);
void lan_post(struct lan *lan);
void lan_tick(struct lan *lan, uint64_t now);
uint64_t lan_deadline(const struct lan *lan);
const char *lan_trouble(const struct lan *lan);
bool lan_reached(const struct lan *lan);
void lan_end(struct lan *lan);
void lan_close(struct lan *lan);

/* lan_links.c */
enum lan_family { LAN_IPV4, LAN_IPV6, LAN_FAMILIES };
int lan_socket(enum lan_family family);
bool lan_look(struct lan *lan);
bool lan_send(const struct lan *lan, const void *data, size_t len);

#endif /* MPCNETD_LAN_H */
