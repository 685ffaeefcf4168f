/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Postings by the links of the session itself: needs neither broker nor common
 * network, and nobody but the parties can send them.
 */
#ifndef MPCNETD_MESH_H
#define MPCNETD_MESH_H

#include <netinet/in.h>

#include "loop.h"

/* UDP, inside only */
#define MESH_PORT 41679

/**
 * struct mesh - the socket on the session's interface
 * @watch: of the socket
 * @received: a posting came, unjudged
 * @arg: handed to @received
 */
struct mesh {
	struct loop_fd watch;
	void (*received)(void *arg, const uint8_t *data, size_t len);
	void *arg;
};

void mesh_init(struct mesh *mesh);
int mesh_open(struct mesh *mesh, const char *interface, const void *address,
	      struct mpcnet_err *err);
void mesh_send(const struct mesh *mesh, const void *address, const uint8_t *data, size_t len);
void mesh_close(struct mesh *mesh);

#endif /* MPCNETD_MESH_H */
