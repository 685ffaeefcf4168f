/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mpcnet

#if !defined(_MPCNET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _MPCNET_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "device.h"
#include "peer.h"

/* A handshake's state changed. No key, whole or in part, is told. */
TRACE_EVENT(mpcnet_handshake,
	    TP_PROTO(const struct mpcnet_peer *peer, const char *state),
	    TP_ARGS(peer, state),
	    TP_STRUCT__entry(__array(char, device, IFNAMSIZ)
			     __field(u64, peer)
			     __array(char, state, 16)),
	    TP_fast_assign(strscpy(__entry->device, peer->mpc->dev->name,
				   IFNAMSIZ);
			   __entry->peer = peer->id;
			   strscpy(__entry->state, state,
				   sizeof(__entry->state));),
	    TP_printk("%s peer %llu: %s", __entry->device, __entry->peer,
		      __entry->state));

#endif /* _MPCNET_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
