/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_ENDPOINT_H
#define _MPCNET_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/socket.h>
#include <linux/types.h>

struct mpcnet_peer;
struct sk_buff;

/**
 * struct mpcnet_endpoint - where a peer is, and from where it is spoken to
 * @remote: address and port of the peer, or of its relay
 * @remote.sa: its family
 * @remote.in: if IPv4
 * @remote.in6: if IPv6
 * @local: the address that the peer's last message was sent to, by which we
 *	answer (sticky source); any if not known
 * @local.in: if IPv4
 * @local.in6: if IPv6
 * @local_ifindex: interface by which that message came, 0 if not known
 * @channel: TURN channel of the relay, 0 if @remote is the peer itself
 * @rcu: frees the endpoint
 *
 * Never changed after it was published; the peer owns it. Readers hold it
 * under RCU, a change publishes another and frees this one by kfree_rcu().
 */
struct mpcnet_endpoint {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} remote;
	union {
		struct in_addr in;
		struct in6_addr in6;
	} local;
	int local_ifindex;
	u16 channel;
	struct rcu_head rcu;
};

int mpcnet_endpoint_from_sockaddr(struct mpcnet_endpoint *endpoint,
				  const void *address, size_t len);
int mpcnet_endpoint_from_skb(struct mpcnet_endpoint *endpoint,
			     const struct sk_buff *skb, u16 channel);
bool mpcnet_endpoint_is(const struct mpcnet_endpoint *endpoint,
			const struct sk_buff *skb, u16 channel);
void mpcnet_endpoint_replace(struct mpcnet_peer *peer,
			     struct mpcnet_endpoint *endpoint);
void mpcnet_endpoint_roam(struct mpcnet_peer *peer, const struct sk_buff *skb,
			  u16 channel);
void mpcnet_endpoint_forget_source(struct mpcnet_peer *peer);

#endif /* _MPCNET_ENDPOINT_H */
