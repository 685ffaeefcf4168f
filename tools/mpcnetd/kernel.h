/* SPDX-License-Identifier: GPL-2.0 */
/* The interface of a session, as the kernel has it. */
#ifndef MPCNETD_KERNEL_H
#define MPCNETD_KERNEL_H

#include <net/if.h>

#include "agent.h"
#include "device.h"
#include "loop.h"

/**
 * struct kernel_ops - what the module tells
 * @handshake: a peer has completed a handshake
 * @moved: a peer's endpoint has moved to @endpoint, by the relay if @relayed
 * @lost: events were lost: everything may have changed
 * @deadline: the interface's deadline was reached, its peers are gone
 */
struct kernel_ops {
	void (*handshake)(void *arg, const uint8_t public_key[MPCNET_KEY_LEN]);
	void (*moved)(void *arg, const uint8_t public_key[MPCNET_KEY_LEN],
		      const union mpcnet_endpoint *endpoint, bool relayed);
	void (*lost)(void *arg);
	void (*deadline)(void *arg);
};

/**
 * struct kernel - one interface
 * @name: its name
 * @ifindex: its index: another may have the name later
 * @ops: what it tells
 * @arg: handed to @ops
 * @nl: events come here
 * @watch: of @nl
 */
struct kernel {
	char name[IF_NAMESIZE];
	unsigned int ifindex;
	const struct kernel_ops *ops;
	void *arg;
	struct mpcnet_nl nl;
	struct loop_fd watch;
};

/**
 * struct kernel_link - an interface as it is made
 * @private_key: of this party
 * @socket: the UDP socket that it takes
 * @addresses: of the interface, with the length of their networks
 * @address_count: how many
 * @expires: microseconds of loop_now() at which it forgets its keys
 */
struct kernel_link {
	const uint8_t *private_key;
	int socket;
	const struct mpcnet_allowedip *addresses;
	unsigned int address_count;
	uint64_t expires;
};

int kernel_create(struct kernel *kernel, const struct kernel_link *link, struct mpcnet_err *err);
int kernel_resume(struct kernel *kernel, const char *name, unsigned int ifindex, int *socket,
		  struct mpcnet_err *err);
bool kernel_is_there(const struct kernel *kernel);
int kernel_watch(struct kernel *kernel, const struct kernel_ops *ops, void *arg,
		 struct mpcnet_err *err);
void kernel_close(struct kernel *kernel);
int kernel_remove(struct kernel *kernel, struct mpcnet_err *err);
int kernel_add_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		    const uint8_t psk[MPCNET_KEY_LEN], const struct mpcnet_allowedip *ips,
		    unsigned int count, struct mpcnet_err *err);
int kernel_renew_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		      const uint8_t psk[MPCNET_KEY_LEN], struct mpcnet_err *err);
int kernel_use(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
	       const union mpcnet_endpoint *remote, const union mpcnet_endpoint *relay,
	       uint16_t channel, bool first, struct mpcnet_err *err);
int kernel_remove_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		       struct mpcnet_err *err);

#endif /* MPCNETD_KERNEL_H */
