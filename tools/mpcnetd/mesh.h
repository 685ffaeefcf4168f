/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Postings by the links of the session itself: needs neither broker nor common
 * network, and nobody but the parties can send them.
 *
 * Each is sent from another port than postings are received at: a firewall that
 * lets in answers only keeps them out, as it does what programs send, and that
 * can be told.
 */
#ifndef MPCNETD_MESH_H
#define MPCNETD_MESH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

/* UDP, inside only */
#define MESH_PORT 41679

/**
 * struct mesh - the sockets on the session's interface
 * @watch: of the socket that receives
 * @out: the socket that sends
 * @sent_at: when we sent for the first time, 0 if not yet
 * @heard: something came
 * @received: a posting came, unjudged
 * @arg: handed to @received
 */
struct mesh {
	struct loop_fd watch;
	int out;
	uint64_t sent_at;
	bool heard;
	void (*received)(void *arg, const uint8_t *data, size_t len);
	void *arg;
};

void mesh_init(struct mesh *mesh);
int mesh_open(struct mesh *mesh, const char *interface, const void *address,
	      struct mpcnet_err *err);
bool mesh_is_deaf(const struct mesh *mesh, uint64_t patience);
void mesh_send(struct mesh *mesh, const void *address, const uint8_t *data, size_t len);
void mesh_close(struct mesh *mesh);

#endif /* MPCNETD_MESH_H */
