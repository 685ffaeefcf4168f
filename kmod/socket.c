// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP sockets of an interface: its own, or one that a helper has bound and
 * handed down by descriptor, so that data and the helper's STUN share a port.
 *
 * Our own sockets hold no reference of their namespace; its exit releases
 * them. An adopted one holds its namespace, as any open socket does, until the
 * interface lets go of it: on removal, for another socket, or at the deadline.
 */
#include "socket.h"

#include <linux/file.h>
#include <linux/inetdevice.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/dst_cache.h>
#include <net/inet_common.h>
#include <net/ip6_tunnel.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "device.h"
#include "early.h"
#include "peer.h"
#include "rx.h"
#include "tx.h"

/* Foreign datagrams that pass to the owner of an adopted socket */
#define FOREIGN_PER_SECOND 2000
#define FOREIGN_INTERVALS 10 /* a second, after each of which there are more */

static int receive(struct sock *sk, struct sk_buff *skb)
{
	struct mpcnet_socket *socket = rcu_dereference_sk_user_data(sk);

	if (unlikely(!socket)) {
		kfree_skb(skb);
		return 0;
	}
	return mpcnet_rx_datagram(socket, skb);
}

static void claim(struct mpcnet_socket *socket, struct socket *sock)
{
	struct udp_tunnel_sock_cfg config = {
		.sk_user_data = socket,
		.encap_type = 1,
		.encap_rcv = receive,
	};

	setup_udp_tunnel_sock(sock_net(sock->sk), sock, &config);
}

static struct socket *open_one(struct net *net, struct udp_port_cfg *port)
{
	struct socket *sock;
	int err = udp_sock_create(net, port, &sock);

	if (err < 0)
		return ERR_PTR(err);
	/* Replies to our own packets must not be limited by a send buffer. */
	sock->sk->sk_allocation = GFP_ATOMIC;
	sock->sk->sk_sndbuf = INT_MAX;
	sk_set_memalloc(sock->sk);
	return sock;
}

/* Open both families on one port; @port 0 takes any that is free in both. */
static int open_both(struct net *net, u16 port, struct socket **v4,
		     struct socket **v6)
{
	struct udp_port_cfg port4 = {
		.family = AF_INET,
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
	};
	struct udp_port_cfg port6 = {
		.family = AF_INET6,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};

	*v6 = NULL;
	*v4 = open_one(net, &port4);
	if (IS_ERR(*v4))
		return PTR_ERR(*v4);
	if (!ipv6_mod_enabled())
		return 0;
	port6.local_udp_port = inet_sk((*v4)->sk)->inet_sport;
	*v6 = open_one(net, &port6);
	if (!IS_ERR(*v6))
		return 0;
	udp_tunnel_sock_release(*v4);
	return PTR_ERR(*v6);
}

/**
 * mpcnet_socket_open() - open an interface's own sockets
 * @mpc: interface
 * @port: port, 0 for any
 *
 * Nothing is received before mpcnet_socket_use().
 *
 * Context: process, RTNL held.
 * Return: the sockets, or an error pointer: -ENONET if the namespace in which
 * the interface was made is gone, -EADDRINUSE, -ENOMEM.
 */
struct mpcnet_socket *mpcnet_socket_open(struct mpcnet_device *mpc, u16 port)
{
	struct net *net = rtnl_dereference(mpc->birth_net);
	struct mpcnet_socket *socket;
	struct socket *v4, *v6;
	int tries = 100;
	int err;

	if (!net)
		return ERR_PTR(-ENONET);
	socket = kzalloc(sizeof(*socket), GFP_KERNEL);
	if (!socket)
		return ERR_PTR(-ENOMEM);
	do {
		err = open_both(net, port, &v4, &v6);
	} while (err == -EADDRINUSE && !port && tries--);
	if (err) {
		kfree(socket);
		return ERR_PTR(err);
	}
	socket->mpc = mpc;
	socket->sk4 = v4->sk;
	socket->sk6 = v6 ? v6->sk : NULL;
	socket->port = ntohs(inet_sk(v4->sk)->inet_sport);
	return socket;
}

/* NULL if the interface may take @sock, else a sentence that says why not */
static const char *unfit(const struct mpcnet_device *mpc, struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (sk->sk_type != SOCK_DGRAM || sk->sk_protocol != IPPROTO_UDP ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return "The descriptor is not of a UDP socket";
	if (!net_eq(sock_net(sk), rtnl_dereference(mpc->birth_net)))
		return "The socket is of another network namespace than the interface's";
	if (!inet_sk(sk)->inet_num)
		return "The socket is not bound: bind it to a port first";
	if (sk->sk_state == TCP_ESTABLISHED)
		return "The socket is connected: it must take datagrams from all";
	if (rcu_access_pointer(__sk_user_data(sk)) || udp_sk(sk)->encap_type)
		return "The socket is in use by an interface already";
	return NULL;
}

/**
 * mpcnet_socket_adopt() - take a bound UDP socket of the caller's process
 * @mpc: interface
 * @fd: its descriptor
 * @why: set to a sentence if it is refused
 *
 * Nothing is claimed from it before mpcnet_socket_use(). The socket lives on
 * if the process ends.
 *
 * Context: process, RTNL held.
 * Return: the sockets, or an error pointer: -EINVAL, -EBADF, -ENOMEM.
 */
struct mpcnet_socket *mpcnet_socket_adopt(struct mpcnet_device *mpc, u32 fd,
					  const char **why)
{
	struct mpcnet_socket *socket;
	struct socket *sock;
	int err;

	*why = "The descriptor is not of an open socket";
	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return ERR_PTR(err);
	*why = unfit(mpc, sock);
	if (*why) {
		sockfd_put(sock);
		return ERR_PTR(-EINVAL);
	}
	socket = kzalloc(sizeof(*socket), GFP_KERNEL);
	if (!socket) {
		sockfd_put(sock);
		return ERR_PTR(-ENOMEM);
	}
	socket->mpc = mpc;
	socket->file = sock->file;
	if (sock->sk->sk_family == AF_INET6)
		socket->sk6 = sock->sk;
	if (sock->sk->sk_family == AF_INET || !ipv6_only_sock(sock->sk))
		socket->sk4 = sock->sk;
	atomic_set(&socket->tokens, FOREIGN_PER_SECOND / FOREIGN_INTERVALS);
	socket->refilled = jiffies;
	socket->port = ntohs(inet_sk(sock->sk)->inet_sport);
	return socket;
}

/* Let an adopted socket be a plain one again. */
static void unclaim(struct sock *sk)
{
	lock_sock(sk);
	WRITE_ONCE(udp_sk(sk)->encap_type, 0);
	WRITE_ONCE(udp_sk(sk)->encap_rcv, NULL);
	rcu_assign_sk_user_data(sk, NULL);
	inet_dec_convert_csum(sk);
	release_sock(sk);
}

static void release_one(struct sock *sk)
{
	if (!sk)
		return;
	sk_clear_memalloc(sk);
	udp_tunnel_sock_release(sk->sk_socket);
}

/**
 * mpcnet_socket_release() - close sockets, or give an adopted one back
 * @socket: sockets that no interface has any more, or NULL
 *
 * Context: process; waits for a grace period.
 */
void mpcnet_socket_release(struct mpcnet_socket *socket)
{
	if (IS_ERR_OR_NULL(socket))
		return;
	mpcnet_early_end(socket);
	if (!socket->file) {
		release_one(socket->sk4);
		release_one(socket->sk6);
	} else {
		struct sock *sk = socket->sk6 ?: socket->sk4;

		if (rcu_access_pointer(__sk_user_data(sk)))
			unclaim(sk);
		synchronize_net();
		fput(socket->file);
	}
	kfree(socket);
}

/* Routes are cached by peer, and depend on socket, mark and binding. */
void mpcnet_socket_forget_routes(struct mpcnet_device *mpc)
{
	struct mpcnet_peer *peer;

	lockdep_assert_held(&mpc->update_lock);
	list_for_each_entry(peer, &mpc->peers, entry)
		mpcnet_endpoint_forget_source(peer);
}

/**
 * mpcnet_socket_use() - let an interface use other sockets
 * @mpc: interface
 * @socket: sockets that the interface takes over, or NULL
 *
 * The old ones are released.
 *
 * Context: process, RTNL and update_lock held.
 */
void mpcnet_socket_use(struct mpcnet_device *mpc, struct mpcnet_socket *socket)
{
	struct mpcnet_socket *old;

	lockdep_assert_held(&mpc->update_lock);
	if (socket && socket->file) {
		claim(socket, (socket->sk6 ?: socket->sk4)->sk_socket);
	} else if (socket) {
		claim(socket, socket->sk4->sk_socket);
		if (socket->sk6)
			claim(socket, socket->sk6->sk_socket);
	}
	if (socket)	/* slower without, but all the same */
		mpcnet_early_begin(socket);
	old = rcu_replace_pointer(mpc->socket, socket,
				  lockdep_is_held(&mpc->update_lock));
	mpcnet_socket_forget_routes(mpc);
	if (old)
		synchronize_net();
	mpcnet_socket_release(old);
}

/**
 * mpcnet_socket_pass_foreign() - may a datagram pass to a socket's owner?
 * @socket: adopted socket
 *
 * A flood of them must not take the CPU from data.
 *
 * Context: softirq.
 * Return: false if there were too many.
 */
bool mpcnet_socket_pass_foreign(struct mpcnet_socket *socket)
{
	unsigned long interval = HZ / FOREIGN_INTERVALS;
	unsigned long last = READ_ONCE(socket->refilled);

	if (time_after_eq(jiffies, last + interval) &&
	    cmpxchg(&socket->refilled, last, jiffies) == last)
		atomic_set(&socket->tokens,
			   FOREIGN_PER_SECOND / FOREIGN_INTERVALS);
	return atomic_dec_if_positive(&socket->tokens) >= 0;
}

/* The peer's route, if it is cached; with the source address that it had */
static struct rtable *cached4(struct mpcnet_peer *peer, struct flowi4 *flow)
{
	return peer ? dst_cache_get_ip4(&peer->route, &flow->saddr) : NULL;
}

/* May the source that the peer spoke to be used with this route? */
static bool source_fits(const struct mpcnet_endpoint *endpoint,
			const struct rtable *route)
{
	if (!endpoint->local_ifindex)
		return true;
	if (IS_ERR(route))
		return PTR_ERR(route) != -EINVAL;
	return route->dst.dev->ifindex == endpoint->local_ifindex;
}

/*
 * The address that outer packets must leave from, bound by netlink or by the
 * owner of an adopted socket; 0 for any
 */
static __be32 bound4(const struct mpcnet_device *mpc, const struct sock *sk)
{
	return mpc->bind.family == AF_INET ? mpc->bind.address.in.s_addr :
					     inet_sk(sk)->inet_saddr;
}

static struct rtable *route4(struct mpcnet_device *mpc, struct sock *sk,
			     const struct mpcnet_endpoint *endpoint,
			     struct flowi4 *flow)
{
	__be32 bound = bound4(mpc, sk);
	struct rtable *route;

	security_sk_classify_flow(sk, flowi4_to_flowi_common(flow));
	if (bound)
		flow->saddr = bound;
	else if (!inet_confirm_addr(sock_net(sk), NULL, 0, flow->saddr,
				    RT_SCOPE_HOST))
		flow->saddr = 0;	/* no longer ours */
	route = ip_route_output_flow(sock_net(sk), flow, sk);
	if (bound || !flow->saddr || source_fits(endpoint, route))
		return route;
	if (!IS_ERR(route))
		ip_rt_put(route);
	flow->saddr = 0;
	return ip_route_output_flow(sock_net(sk), flow, sk);
}

/* Takes over @skb. */
static int send4(struct mpcnet_device *mpc, struct mpcnet_peer *peer,
		 struct sock *sk, const struct mpcnet_endpoint *endpoint,
		 struct sk_buff *skb, u8 ds)
{
	struct flowi4 flow = {
		.saddr = endpoint->local.in.s_addr,
		.daddr = endpoint->remote.in.sin_addr.s_addr,
		.fl4_dport = endpoint->remote.in.sin_port,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.flowi4_mark = mpc->fwmark,
		.flowi4_oif = mpc->bind.ifindex ?: sk->sk_bound_dev_if,
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *route = cached4(peer, &flow);

	if (unlikely(!route)) {
		route = route4(mpc, sk, endpoint, &flow);
		if (IS_ERR(route)) {
			kfree_skb(skb);
			return PTR_ERR(route);
		}
		if (peer)
			dst_cache_set_ip4(&peer->route, &route->dst,
					  flow.saddr);
	}
	udp_tunnel_xmit_skb(route, sk, skb, flow.saddr, flow.daddr, ds,
			    ip4_dst_hoplimit(&route->dst), 0, flow.fl4_sport,
			    flow.fl4_dport, false, false);
	return 0;
}

static struct dst_entry *route6(struct mpcnet_device *mpc, struct sock *sk,
				struct flowi6 *flow)
{
	security_sk_classify_flow(sk, flowi6_to_flowi_common(flow));
	if (mpc->bind.family == AF_INET6)
		flow->saddr = mpc->bind.address.in6;
	else if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		flow->saddr = sk->sk_v6_rcv_saddr;
	else if (!ipv6_addr_any(&flow->saddr) &&
		 !ipv6_chk_addr(sock_net(sk), &flow->saddr, NULL, 0))
		flow->saddr = in6addr_any;	/* no longer ours */
	return ipv6_stub->ipv6_dst_lookup_flow(sock_net(sk), sk, flow, NULL);
}

/* Takes over @skb. */
static int send6(struct mpcnet_device *mpc, struct mpcnet_peer *peer,
		 struct sock *sk, const struct mpcnet_endpoint *endpoint,
		 struct sk_buff *skb, u8 ds)
{
	struct flowi6 flow = {
		.saddr = endpoint->local.in6,
		.daddr = endpoint->remote.in6.sin6_addr,
		.fl6_dport = endpoint->remote.in6.sin6_port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowi6_mark = mpc->fwmark,
		.flowi6_oif = endpoint->remote.in6.sin6_scope_id ?:
			      mpc->bind.ifindex ?: sk->sk_bound_dev_if,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *route =
		peer ? dst_cache_get_ip6(&peer->route, &flow.saddr) : NULL;

	if (unlikely(!route)) {
		route = route6(mpc, sk, &flow);
		if (IS_ERR(route)) {
			kfree_skb(skb);
			return PTR_ERR(route);
		}
		if (peer)
			dst_cache_set_ip6(&peer->route, route, &flow.saddr);
	}
	udp_tunnel6_xmit_skb(route, sk, skb, skb->dev, &flow.saddr, &flow.daddr,
			     ds, ip6_dst_hoplimit(route), 0, flow.fl6_sport,
			     flow.fl6_dport, false);
	return 0;
}

/**
 * mpcnet_socket_frame() - put the relay's header in front of a message
 * @endpoint: where the message goes; nothing is done if that is no relay
 * @skb: message
 */
void mpcnet_socket_frame(const struct mpcnet_endpoint *endpoint,
			 struct sk_buff *skb)
{
	struct mpcnet_channel_header header = {
		.channel = htons(endpoint->channel),
		.length = htons(skb->len),
	};

	if (endpoint->channel)
		memcpy(skb_push(skb, sizeof(header)), &header, sizeof(header));
}

/**
 * mpcnet_socket_send() - send a message, or a bundle of them
 * @mpc: interface
 * @peer: the peer whose cached route is used, or NULL
 * @endpoint: where to
 * @skb: message in its frame, with room for all headers in front, taken over
 * @ds: DS field of the outer header
 *
 * Context: BHs disabled, under rcu_read_lock().
 * Return: 0 if it went out, else an error that the peer's counters have.
 */
int mpcnet_socket_send(struct mpcnet_device *mpc, struct mpcnet_peer *peer,
		       const struct mpcnet_endpoint *endpoint,
		       struct sk_buff *skb, u8 ds)
{
	struct mpcnet_socket *socket = rcu_dereference(mpc->socket);
	int err = -EAFNOSUPPORT;

	skb->dev = mpc->dev;
	skb->mark = mpc->fwmark;
	skb->ignore_df = 1;	/* what is too large for the path is cut */
	skb_set_inner_network_header(skb, 0);	/* what statistics count */

	if (endpoint->remote.sa.sa_family == AF_INET && socket && socket->sk4)
		err = send4(mpc, peer, socket->sk4, endpoint, skb, ds);
	else if (endpoint->remote.sa.sa_family == AF_INET6 && socket &&
		 socket->sk6)
		err = send6(mpc, peer, socket->sk6, endpoint, skb, ds);
	else
		kfree_skb(skb);
	if (unlikely(err && peer))
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_SEND_FAILED);
	return err;
}

/**
 * mpcnet_socket_send_message() - send a message from a buffer
 * @mpc: interface
 * @peer: the peer whose cached route is used, or NULL
 * @endpoint: where to
 * @message: message
 * @len: its length, in bytes
 * @ds: DS field of the outer header
 *
 * Context: BHs disabled, under rcu_read_lock().
 * Return: 0 if it went out, or an error.
 */
int mpcnet_socket_send_message(struct mpcnet_device *mpc,
			       struct mpcnet_peer *peer,
			       const struct mpcnet_endpoint *endpoint,
			       const void *message, size_t len, u8 ds)
{
	struct sk_buff *skb = alloc_skb(MPCNET_HEADROOM + len,
					GFP_ATOMIC);

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, MPCNET_HEADROOM);
	skb_put_data(skb, message, len);
	mpcnet_socket_frame(endpoint, skb);
	return mpcnet_socket_send(mpc, peer, endpoint, skb, ds);
}
