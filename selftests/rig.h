/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the judge meets the module: two network namespaces without a name,
 * joined by a veth pair, which vanish with the program.
 *
 *	judge's namespace			module's namespace
 *	jv 192.0.2.1, 192.0.2.3, 2001:db8::1	mv 192.0.2.2, 192.0.2.4, 2001:db8::2
 *						wire0 10.77.0.2, fd77::2
 *
 * The program lives in the judge's. MPCNET_KIND=wireguard puts the in-kernel
 * WireGuard in the module's place, as a control; MPCNET_TOOL chooses mpcnetctl
 * or a program with the grammar of wg(8).
 */
#ifndef MPCNET_SELFTEST_RIG_H
#define MPCNET_SELFTEST_RIG_H

#include <stdbool.h>
#include <stdint.h>

#define RIG_LINK	"wire0"
#define RIG_PORT	51820
#define RIG_MTU		1420

#define RIG_JUDGE	"192.0.2.1"
#define RIG_JUDGE2	"192.0.2.3"
#define RIG_JUDGE6	"2001:db8::1"
#define RIG_MODULE	"192.0.2.2"
#define RIG_MODULE2	"192.0.2.4"
#define RIG_MODULE6	"2001:db8::2"

#define RIG_IN_JUDGE	"10.77.0.1"
#define RIG_IN_JUDGE6	"fd77::1"
#define RIG_IN_MODULE	"10.77.0.2"
#define RIG_IN_MODULE6	"fd77::2"
#define RIG_ALLOWED	"10.77.0.1/32,fd77::1/128"

enum rig_side {
	RIG_SIDE_JUDGE,
	RIG_SIDE_MODULE,
};

/**
 * struct rig_peer - what the module is told of a peer
 * @public: its key
 * @psk: pre-shared key or NULL
 * @endpoint: ADDRESS:PORT or NULL
 * @allowed: allowed IPs, separated by commas, or NULL
 * @keepalive: persistent keepalive in seconds, 0 for none
 */
struct rig_peer {
	const uint8_t *public;
	const uint8_t *psk;
	const char *endpoint;
	const char *allowed;
	unsigned int keepalive;
};

/* Make the namespaces, or end the program where that cannot be. */
void rig_open(void);
void rig_enter(enum rig_side side);

/* Run a command of a shell in the module's namespace. */
__attribute__((format(printf, 1, 2)))
bool rig_run(const char *format, ...);

/* Is this the control, and not mpcnet? */
bool rig_is_control(void);

/* A new interface with a new key, up, in place of the one before. */
const char *rig_link_new(void);
const uint8_t *rig_public(void);
const char *rig_peer_add(const struct rig_peer *peer);

/* Write a key for a command of rig_run(), which finds it as the file that is returned. */
const char *rig_key_file(const uint8_t *key);

/* Text of a key, good until the fourth call after. */
const char *rig_key_text(const uint8_t *key);

/*
 * Divide the module's times by @scale. Returns what they are divided by: 1
 * where the module cannot, or where it is the control.
 */
unsigned int rig_time_scale(unsigned int scale);

#endif /* MPCNET_SELFTEST_RIG_H */
