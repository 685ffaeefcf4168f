// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	kmod/spec/mpcnet.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "mpcnet_nl.h"

#include <uapi/linux/mpcnet.h>

/* Common nested types */
const struct nla_policy mpcnet_allowedip_nl_policy[MPCNET_ALLOWEDIP_A_FLAGS + 1] = {
	[MPCNET_ALLOWEDIP_A_FAMILY] = { .type = NLA_U16, },
	[MPCNET_ALLOWEDIP_A_IPADDR] = { .type = NLA_BINARY, },
	[MPCNET_ALLOWEDIP_A_CIDR_MASK] = { .type = NLA_U8, },
	[MPCNET_ALLOWEDIP_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1),
};

const struct nla_policy mpcnet_peer_nl_policy[MPCNET_PEER_A_HANDSHAKE + 1] = {
	[MPCNET_PEER_A_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(32),
	[MPCNET_PEER_A_PRESHARED_KEY] = NLA_POLICY_EXACT_LEN(32),
	[MPCNET_PEER_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x7),
	[MPCNET_PEER_A_ENDPOINT] = { .type = NLA_BINARY, },
	[MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = { .type = NLA_U16, },
	[MPCNET_PEER_A_LAST_HANDSHAKE_TIME] = NLA_POLICY_EXACT_LEN(16),
	[MPCNET_PEER_A_RX_BYTES] = { .type = NLA_U64, },
	[MPCNET_PEER_A_TX_BYTES] = { .type = NLA_U64, },
	[MPCNET_PEER_A_ALLOWEDIPS] = NLA_POLICY_NESTED_ARRAY(mpcnet_allowedip_nl_policy),
	[MPCNET_PEER_A_PROTOCOL_VERSION] = { .type = NLA_U32, },
	[MPCNET_PEER_A_RELAY] = { .type = NLA_BINARY, },
	[MPCNET_PEER_A_RELAY_CHANNEL] = { .type = NLA_U16, },
	[MPCNET_PEER_A_RELAYED] = { .type = NLA_FLAG, },
	[MPCNET_PEER_A_ROAM] = NLA_POLICY_MAX(NLA_U8, 1),
	[MPCNET_PEER_A_STATE] = NLA_POLICY_MAX(NLA_U32, 3),
	[MPCNET_PEER_A_COUNTERS] = NLA_POLICY_NESTED(mpcnet_peer_counters_nl_policy),
	[MPCNET_PEER_A_HANDSHAKE] = { .type = NLA_FLAG, },
};

const struct nla_policy mpcnet_peer_counters_nl_policy[MPCNET_PEER_C_SEND_FAILED + 1] = {
	[MPCNET_PEER_C_NO_KEY] = { .type = NLA_U64, },
	[MPCNET_PEER_C_KEY_EXPIRED] = { .type = NLA_U64, },
	[MPCNET_PEER_C_REPLAY] = { .type = NLA_U64, },
	[MPCNET_PEER_C_BAD_PACKET] = { .type = NLA_U64, },
	[MPCNET_PEER_C_SOURCE_NOT_ALLOWED] = { .type = NLA_U64, },
	[MPCNET_PEER_C_NO_ENDPOINT] = { .type = NLA_U64, },
	[MPCNET_PEER_C_QUEUE_FULL] = { .type = NLA_U64, },
	[MPCNET_PEER_C_UNREACHABLE] = { .type = NLA_U64, },
	[MPCNET_PEER_C_NO_MEMORY] = { .type = NLA_U64, },
	[MPCNET_PEER_C_SEND_FAILED] = { .type = NLA_U64, },
};

/* Global operation policy for mpcnet */
const struct nla_policy mpcnet_device_nl_policy[MPCNET_DEVICE_A_BATCH + 1] = {
	[MPCNET_DEVICE_A_IFINDEX] = { .type = NLA_U32, },
	[MPCNET_DEVICE_A_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[MPCNET_DEVICE_A_PRIVATE_KEY] = NLA_POLICY_EXACT_LEN(32),
	[MPCNET_DEVICE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1),
	[MPCNET_DEVICE_A_LISTEN_PORT] = { .type = NLA_U16, },
	[MPCNET_DEVICE_A_FWMARK] = { .type = NLA_U32, },
	[MPCNET_DEVICE_A_PEERS] = NLA_POLICY_NESTED_ARRAY(mpcnet_peer_nl_policy),
	[MPCNET_DEVICE_A_SOCKET_FD] = { .type = NLA_U32, },
	[MPCNET_DEVICE_A_BIND_ADDRESS] = { .type = NLA_BINARY, },
	[MPCNET_DEVICE_A_BIND_IFINDEX] = { .type = NLA_U32, },
	[MPCNET_DEVICE_A_EXPIRES] = { .type = NLA_U64, },
	[MPCNET_DEVICE_A_NEW_PRIVATE_KEY] = { .type = NLA_FLAG, },
	[MPCNET_DEVICE_A_BATCH] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* Ops table for mpcnet */
const struct genl_small_ops mpcnet_nl_ops[3] = {
	{
		.cmd	= MPCNET_CMD_GET_DEVICE,
		.dumpit	= mpcnet_nl_get_device_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= MPCNET_CMD_SET_DEVICE,
		.doit	= mpcnet_nl_set_device_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= MPCNET_CMD_GET_SOCKET,
		.doit	= mpcnet_nl_get_socket_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

