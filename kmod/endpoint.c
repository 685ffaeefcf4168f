// SPDX-License-Identifier: GPL-2.0
/*
 * Where a peer is. The data path compares each authentic packet's source with
 * the endpoint and, as a rule, finds them equal: nothing is written then.
 */
#include "endpoint.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "device.h"
#include "events.h"
#include "peer.h"

/**
 * mpcnet_endpoint_from_sockaddr() - an endpoint as netlink has it
 * @endpoint: result, source and channel unset
 * @address: struct sockaddr_in or struct sockaddr_in6, not aligned
 * @len: its length, in bytes
 *
 * Return: 0, or -EINVAL if it is neither, or has no port or no address.
 */
int mpcnet_endpoint_from_sockaddr(struct mpcnet_endpoint *endpoint,
				  const void *address, size_t len)
{
	struct sockaddr_in6 *in6 = &endpoint->remote.in6;
	struct sockaddr_in *in = &endpoint->remote.in;

	memset(endpoint, 0, sizeof(*endpoint));
	if (len < sizeof(endpoint->remote.sa.sa_family) ||
	    len > sizeof(endpoint->remote))
		return -EINVAL;
	memcpy(&endpoint->remote, address, len);

	if (len == sizeof(*in) && in->sin_family == AF_INET) {
		if (!in->sin_port || !in->sin_addr.s_addr ||
		    ipv4_is_multicast(in->sin_addr.s_addr))
			return -EINVAL;
		memset(in->sin_zero, 0, sizeof(in->sin_zero));
		return 0;
	}
	if (len == sizeof(*in6) && in6->sin6_family == AF_INET6) {
		if (!in6->sin6_port || ipv6_addr_any(&in6->sin6_addr) ||
		    ipv6_addr_is_multicast(&in6->sin6_addr))
			return -EINVAL;
		in6->sin6_flowinfo = 0;
		return 0;
	}
	return -EINVAL;
}

/**
 * mpcnet_endpoint_from_skb() - the endpoint that a datagram came from
 * @endpoint: result
 * @skb: datagram, outer headers in place
 * @channel: TURN channel by which it came, 0 if none
 *
 * Return: 0, or -EINVAL if it is neither IPv4 nor IPv6.
 */
int mpcnet_endpoint_from_skb(struct mpcnet_endpoint *endpoint,
			     const struct sk_buff *skb, u16 channel)
{
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->channel = channel;
	if (skb->protocol == htons(ETH_P_IP)) {
		endpoint->remote.in.sin_family = AF_INET;
		endpoint->remote.in.sin_port = udp_hdr(skb)->source;
		endpoint->remote.in.sin_addr.s_addr = ip_hdr(skb)->saddr;
		endpoint->local.in.s_addr = ip_hdr(skb)->daddr;
		endpoint->local_ifindex = skb->skb_iif;
		return 0;
	}
	if (skb->protocol == htons(ETH_P_IPV6)) {
		endpoint->remote.in6.sin6_family = AF_INET6;
		endpoint->remote.in6.sin6_port = udp_hdr(skb)->source;
		endpoint->remote.in6.sin6_addr = ipv6_hdr(skb)->saddr;
		endpoint->remote.in6.sin6_scope_id =
			ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr,
					    skb->skb_iif);
		endpoint->local.in6 = ipv6_hdr(skb)->daddr;
		return 0;
	}
	return -EINVAL;
}

static bool is4(const struct mpcnet_endpoint *endpoint, const struct sk_buff *skb)
{
	return endpoint->remote.sa.sa_family == AF_INET &&
	       endpoint->remote.in.sin_addr.s_addr == ip_hdr(skb)->saddr &&
	       endpoint->local.in.s_addr == ip_hdr(skb)->daddr &&
	       endpoint->local_ifindex == skb->skb_iif;
}

static bool is6(const struct mpcnet_endpoint *endpoint, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	return endpoint->remote.sa.sa_family == AF_INET6 &&
	       ipv6_addr_equal(&endpoint->remote.in6.sin6_addr, &ip->saddr) &&
	       ipv6_addr_equal(&endpoint->local.in6, &ip->daddr) &&
	       endpoint->remote.in6.sin6_scope_id ==
		       ipv6_iface_scope_id(&ip->saddr, skb->skb_iif);
}

/**
 * mpcnet_endpoint_is() - did a datagram come from an endpoint, and to where the
 * last one did?
 * @endpoint: the endpoint
 * @skb: datagram, outer headers in place
 * @channel: TURN channel by which it came, 0 if none
 *
 * Return: true if mpcnet_endpoint_from_skb() would give the same endpoint.
 */
bool mpcnet_endpoint_is(const struct mpcnet_endpoint *endpoint,
			const struct sk_buff *skb, u16 channel)
{
	/* The port is in the same place for both families. */
	BUILD_BUG_ON(offsetof(struct sockaddr_in, sin_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	return endpoint->channel == channel &&
	       endpoint->remote.in.sin_port == udp_hdr(skb)->source &&
	       (skb->protocol == htons(ETH_P_IP) ? is4(endpoint, skb) :
						   is6(endpoint, skb));
}

static bool same_remote(const struct mpcnet_endpoint *a,
			const struct mpcnet_endpoint *b)
{
	return a->channel == b->channel &&
	       !memcmp(&a->remote, &b->remote, sizeof(a->remote));
}

static bool same(const struct mpcnet_endpoint *a,
		 const struct mpcnet_endpoint *b)
{
	return same_remote(a, b) && a->local_ifindex == b->local_ifindex &&
	       !memcmp(&a->local, &b->local, sizeof(a->local));
}

/**
 * mpcnet_endpoint_replace() - give a peer another endpoint
 * @peer: the peer
 * @endpoint: allocated by kmalloc(), which the peer takes over, or NULL
 */
void mpcnet_endpoint_replace(struct mpcnet_peer *peer,
			     struct mpcnet_endpoint *endpoint)
{
	spin_lock_bh(&peer->endpoint_lock);
	endpoint = rcu_replace_pointer(peer->endpoint, endpoint,
				       lockdep_is_held(&peer->endpoint_lock));
	dst_cache_reset(&peer->route);
	spin_unlock_bh(&peer->endpoint_lock);
	if (endpoint)
		kfree_rcu(endpoint, rcu);
}

/* May an authentic packet from @seen move @old to it? */
static bool may_move(const struct mpcnet_peer *peer,
		     const struct mpcnet_endpoint *old,
		     const struct mpcnet_endpoint *seen)
{
	return READ_ONCE(peer->roam) || (old && same_remote(old, seen));
}

/**
 * mpcnet_endpoint_roam() - an authentic message came from a peer
 * @peer: the peer
 * @skb: the datagram, outer headers in place
 * @channel: TURN channel by which it came, 0 if none
 *
 * A pinned peer (roam off) keeps its remote address; our own, by which we
 * answer, follows all the same.
 *
 * Context: any, takes the RCU read lock.
 */
void mpcnet_endpoint_roam(struct mpcnet_peer *peer, const struct sk_buff *skb,
			  u16 channel)
{
	struct mpcnet_endpoint *old, *copy, seen;
	bool keep, moved;

	rcu_read_lock();
	old = rcu_dereference(peer->endpoint);
	keep = old && mpcnet_endpoint_is(old, skb, channel);
	rcu_read_unlock();
	if (likely(keep) || mpcnet_endpoint_from_skb(&seen, skb, channel))
		return;
	rcu_read_lock();
	old = rcu_dereference(peer->endpoint);
	keep = (old && same(old, &seen)) || !may_move(peer, old, &seen);
	moved = !old || !same_remote(old, &seen);
	rcu_read_unlock();
	if (likely(keep))
		return;

	copy = kmemdup(&seen, sizeof(seen), GFP_ATOMIC);
	if (!copy)
		return;
	mpcnet_endpoint_replace(peer, copy);
	if (moved)
		mpcnet_event_peer(peer, MPCNET_EVENT_ENDPOINT);
}

/**
 * mpcnet_endpoint_forget_source() - let the route choose our address again
 * @peer: the peer
 */
void mpcnet_endpoint_forget_source(struct mpcnet_peer *peer)
{
	struct mpcnet_endpoint *old, *copy = NULL;

	rcu_read_lock();
	old = rcu_dereference(peer->endpoint);
	if (old)
		copy = kmemdup(old, sizeof(*old), GFP_ATOMIC);
	rcu_read_unlock();
	if (!copy)
		return;
	memset(&copy->local, 0, sizeof(copy->local));
	copy->local_ifindex = 0;
	mpcnet_endpoint_replace(peer, copy);
}
