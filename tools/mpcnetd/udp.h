/* SPDX-License-Identifier: GPL-2.0 */
/* The UDP socket of a session: both families, one port. */
#ifndef MPCNETD_UDP_H
#define MPCNETD_UDP_H

#include <sys/types.h>

#include "addr.h"

#define UDP_ROOM 2048

int udp_open(uint16_t port, struct mpcnet_err *err);
int udp_open_local(uint16_t port, union mpcnet_endpoint *own, struct mpcnet_err *err);
int udp_prepare(int fd, struct mpcnet_err *err);
uint16_t udp_port(int fd);
void udp_send(int fd, const union mpcnet_endpoint *to, unsigned int ttl, const void *data,
	      size_t len);
ssize_t udp_receive(int fd, void *data, size_t room, union mpcnet_endpoint *from,
		    unsigned int *ttl);

#endif /* MPCNETD_UDP_H */
