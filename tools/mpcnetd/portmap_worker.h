/* SPDX-License-Identifier: GPL-2.0 */
/* What the processes that map ports share. */
#ifndef MPCNET_PORTMAP_WORKER_H
#define MPCNET_PORTMAP_WORKER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "err.h"
#include "pcp.h"
#include "portmap.h"
#include "portmap_line.h"

/* By then something was said of each protocol. */
#define PORTMAP_FIRST_MS 3000
/* How long an answer of a gateway, which is near, may take. */
#define PORTMAP_TRY_MS 1000

/* What a worker is told, a byte each, and what portmap_wait() finds. */
enum portmap_word {
	PORTMAP_TIMEOUT = 0,
	PORTMAP_TURN = 't',  /* the other worker had no success */
	PORTMAP_END = 'e',   /* remove the mapping and exit */
	PORTMAP_GONE = 'g',  /* exit: another daemon may want the mapping */
	PORTMAP_HEARD = 'h', /* the gateway said that it has forgotten all */
};

struct portmap_upnp;

/**
 * struct portmap_worker - a process that speaks one protocol, or one and its successor
 * @conf: what to map
 * @in: where its words come from
 * @out: where its lines go
 * @next: words of the worker that is to try if we fail; -1 if there is none
 * @announced: socket for announcements of gateways; -1 if there is none
 * @quiet: why it fails was said already
 * @upnp: what only portmap_upnp.c knows
 */
struct portmap_worker {
	const struct portmap_conf *conf;
	int in;
	int out;
	int next;
	int announced;
	bool quiet;
	struct portmap_upnp *upnp;
};

/**
 * struct portmap_lease - a mapping
 * @method: how it is made
 * @worker: whose it is
 * @gateway: who made it
 * @external: where others reach us; family 0 if it was never made
 * @lifetime: seconds granted
 * @expires: end of it, by portmap_now()
 * @asked: when it was last asked for, by portmap_now()
 * @permanent: the router makes none that end; @lifetime is when to look again
 * @restarted: the gateway has forgotten what it granted before
 * @clock: its epoch
 * @nonce: of PCP; whoever knows it can remove the mapping
 */
struct portmap_lease {
	const struct portmap_method *method;
	struct portmap_worker *worker;
	struct in_addr gateway;
	union mpcnet_endpoint external;
	uint32_t lifetime;
	uint64_t expires;
	uint64_t asked;
	bool permanent;
	bool restarted;
	struct pcp_clock clock;
	uint8_t nonce[PCP_NONCE_LEN];
};

/**
 * struct portmap_method - a protocol
 * @how: which
 * @map: ask for the mapping, or ask for it again, for @ms milliseconds; sets
 * external, lifetime, permanent and restarted; 0, or -1 and @err says why not
 * @unmap: remove it
 * @heard: a datagram of the gateway, to those who have mappings: did it restart?
 */
struct portmap_method {
	enum portmap_how how;
	int (*map)(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err);
	void (*unmap)(struct portmap_lease *lease);
	bool (*heard)(struct portmap_lease *lease, const void *data, size_t len);
};

extern const struct portmap_method portmap_by_pcp;
extern const struct portmap_method portmap_by_natpmp;

/* portmap_keep.c */
uint64_t portmap_now(void);
void portmap_say(const struct portmap_worker *worker, const struct portmap_line *line);
void portmap_say_failed(const struct portmap_worker *worker, enum portmap_how how,
			const struct mpcnet_err *err);
enum portmap_word portmap_wait(struct portmap_worker *worker, struct portmap_lease *lease,
			       uint64_t ms);
int portmap_check_public(const union mpcnet_endpoint *external, struct mpcnet_err *err);
int portmap_map(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err);
void portmap_serve(struct portmap_worker *worker, bool (*acquire)(struct portmap_lease *lease));

/* The workers: portmap_gateway.c, portmap_upnp.c */
void portmap_gateway(struct portmap_worker *worker);
void portmap_upnp(struct portmap_worker *worker);

#endif /* MPCNET_PORTMAP_WORKER_H */
