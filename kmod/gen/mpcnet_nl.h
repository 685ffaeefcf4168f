/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	kmod/spec/mpcnet.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_MPCNET_GEN_H
#define _LINUX_MPCNET_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/mpcnet.h>

/* Common nested types */
extern const struct nla_policy mpcnet_allowedip_nl_policy[MPCNET_ALLOWEDIP_A_FLAGS + 1];
extern const struct nla_policy mpcnet_peer_nl_policy[MPCNET_PEER_A_HANDSHAKE + 1];
extern const struct nla_policy mpcnet_peer_counters_nl_policy[MPCNET_PEER_C_SEND_FAILED + 1];

/* Global operation policy for mpcnet */
extern const struct nla_policy mpcnet_device_nl_policy[MPCNET_DEVICE_A_BATCH + 1];

/* Ops table for mpcnet */
extern const struct genl_small_ops mpcnet_nl_ops[3];

int mpcnet_nl_get_device_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int mpcnet_nl_set_device_doit(struct sk_buff *skb, struct genl_info *info);
int mpcnet_nl_get_socket_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	MPCNET_NLGRP_EVENTS,
};

#endif /* _LINUX_MPCNET_GEN_H */
