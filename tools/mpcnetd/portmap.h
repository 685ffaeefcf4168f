/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mappings of a UDP port on the router, by PCP (RFC 6887), NAT-PMP (RFC 6886)
 * or UPnP IGD. The libraries block, and read what strangers on the LAN send,
 * so all of it is in processes of its own:
 *
 *	daemon ---- "end" ---> portmap_run() --- bytes ---> portmap_gateway()
 *	   ^                        |                        PCP, then NAT-PMP
 *	   |                        |                            | its turn
 *	   |                        +----------- bytes ---> portmap_upnp()
 *	   +------ lines of portmap_line.h, from each of them
 */
#ifndef MPCNET_PORTMAP_H
#define MPCNET_PORTMAP_H

#include <stdint.h>

/* Seconds; RFC 6886 section 3.3 recommends two hours, but who dies without a
 * word should not leave a hole for that long. */
#define PORTMAP_LIFETIME 600

/**
 * struct portmap_conf - what to map, and how
 * @port: UDP port of this host
 * @lifetime: seconds to ask for
 * @hows: bits 1 << how of the protocols to use, by enum portmap_how
 */
struct portmap_conf {
	uint16_t port;
	uint32_t lifetime;
	unsigned int hows;
};

void portmap_child(int in, int out, uint16_t port) __attribute__((noreturn));
void portmap_run(int in, int out, const struct portmap_conf *conf) __attribute__((noreturn));

#endif /* MPCNET_PORTMAP_H */
