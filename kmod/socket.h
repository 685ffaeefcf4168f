/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_SOCKET_H
#define _MPCNET_SOCKET_H

#include <linux/netlink.h>
#include <linux/types.h>

#include "endpoint.h"

struct file;
struct mpcnet_device;
struct mpcnet_peer;
struct sock;

/**
 * struct mpcnet_socket - the UDP sockets of an interface
 * @mpc: the interface
 * @sk4: for IPv4, or NULL
 * @sk6: for IPv6, or NULL; an adopted dual-stack socket stands in both places
 * @file: of an adopted socket, held; NULL if the sockets are our own
 * @tokens: foreign datagrams that may still pass to the owner of an adopted
 *	socket in this interval
 * @refilled: when @tokens was filled last, in jiffies
 * @port: local port, in host byte order
 * @early: among those of the namespace whose data is recognised early
 *
 * The interface owns it. Readers hold it under RCU; mpcnet_socket_release()
 * waits for them.
 */
struct mpcnet_socket {
	struct mpcnet_device *mpc;
	struct sock *sk4;
	struct sock *sk6;
	struct file *file;
	atomic_t tokens;
	unsigned long refilled;
	u16 port;
	struct hlist_node early;
};

struct mpcnet_socket *mpcnet_socket_open(struct mpcnet_device *mpc, u16 port);
struct mpcnet_socket *mpcnet_socket_adopt(struct mpcnet_device *mpc, u32 fd,
					  const char **why);
void mpcnet_socket_release(struct mpcnet_socket *socket);
void mpcnet_socket_use(struct mpcnet_device *mpc, struct mpcnet_socket *socket);
bool mpcnet_socket_pass_foreign(struct mpcnet_socket *socket);

void mpcnet_socket_frame(const struct mpcnet_endpoint *endpoint,
			 struct sk_buff *skb);
int mpcnet_socket_send(struct mpcnet_device *mpc, struct mpcnet_peer *peer,
		       const struct mpcnet_endpoint *endpoint,
		       struct sk_buff *skb, u8 ds);
int mpcnet_socket_send_message(struct mpcnet_device *mpc,
			       struct mpcnet_peer *peer,
			       const struct mpcnet_endpoint *endpoint,
			       const void *message, size_t len, u8 ds);
void mpcnet_socket_forget_routes(struct mpcnet_device *mpc);

#endif /* _MPCNET_SOCKET_H */
