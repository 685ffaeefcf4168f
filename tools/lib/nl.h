/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_NL_H
#define MPCNET_NL_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/mpcnet.h>

#include "err.h"

/* A test drives another family of the same numbers by these two. */
#ifndef MPCNET_GENL_NAME
#define MPCNET_GENL_NAME MPCNET_FAMILY_NAME
#endif
#ifndef MPCNET_LINK_KIND
#define MPCNET_LINK_KIND "mpcnet"
#endif

#define MPCNET_NO_MODULE "the kernel module mpcnet is not loaded: modprobe mpcnet"

/* Room for one message; an attribute, and so a list of peers, ends at 64 KiB. */
#define MPCNET_NL_SIZE ((size_t)60 * 1024)

/**
 * struct mpcnet_nl - a netlink socket and the family behind it
 * @sock: the socket
 * @buf: room for one message or one answer; holds secrets
 * @seq: number of the last request
 * @family: identifier of the generic netlink family, 0 before mpcnet_nl_open_genl()
 * @group: identifier of the group of events, 0 if the family has none
 */
struct mpcnet_nl {
	struct mnl_socket *sock;
	uint8_t *buf;
	uint32_t seq;
	uint16_t family;
	uint32_t group;
};

int mpcnet_nl_open(struct mpcnet_nl *nl, int bus, struct mpcnet_err *err);
int mpcnet_nl_open_genl(struct mpcnet_nl *nl, struct mpcnet_err *err);
void mpcnet_nl_close(struct mpcnet_nl *nl);
struct nlmsghdr *mpcnet_nl_request(struct mpcnet_nl *nl, uint16_t type, uint16_t flags);
struct nlmsghdr *mpcnet_nl_request_genl(struct mpcnet_nl *nl, uint8_t cmd, uint16_t flags);
int mpcnet_nl_talk(struct mpcnet_nl *nl, struct nlmsghdr *nlh, mnl_cb_t take, void *arg,
		   struct mpcnet_err *err);

/* One table of attributes by their type. */
struct mpcnet_nl_table {
	const struct nlattr **at;
	uint16_t last;
};

int mpcnet_nl_tabulate(const struct nlattr *attr, void *table);

#endif /* MPCNET_NL_H */
