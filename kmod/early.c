// SPDX-License-Identifier: GPL-2.0
/*
 * Data of sessions that are known is recognised early: before it is routed, as
 * the stack does for connected sockets (early demux). A datagram for an index
 * of ours, from where and to where its peer's last one came, needs neither a
 * route nor a search for its socket. All rules of a firewall see it as they
 * would without; and nothing is trusted that is not checked again.
 *
 * Batches of datagrams, merged by UDP (GRO) or handed over as they are by a
 * sender on the same machine (GSO), stay whole here: for a socket with
 * encap_rcv UDP splits a batch that does not have the mark of a tunnel.
 */
#include "early.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "device.h"
#include "lookup.h"
#include "peer.h"
#include "rx.h"
#include "socket.h"

/**
 * struct early_net - what a namespace has
 * @sockets: those whose data is recognised; read under RCU, changed under the
 *	RTNL
 */
struct early_net {
	struct hlist_head sockets;
};

static unsigned int net_id;

/* The socket of a family that has @port, and of whose interface */
static struct sock *find(struct net *net, u16 family, __be16 port,
			 struct mpcnet_device **mpc)
{
	struct early_net *en = net_generic(net, net_id);
	struct mpcnet_socket *socket;

	hlist_for_each_entry_rcu(socket, &en->sockets, early) {
		struct sock *sk = family == NFPROTO_IPV4 ? socket->sk4 :
							   socket->sk6;

		if (sk && inet_sk(sk)->inet_sport == port) {
			*mpc = socket->mpc;
			return sk;
		}
	}
	return NULL;
}

/* Is a datagram, from the IP header on, data of a session and on its path? */
static bool is_known(struct mpcnet_device *mpc, struct sk_buff *skb,
		     unsigned int offset)
{
	unsigned int len = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size :
					     skb->len - offset;
	const struct mpcnet_message_data *message;
	const struct mpcnet_endpoint *endpoint;
	struct mpcnet_message_data copy;
	struct mpcnet_keypair *keypair;
	struct mpcnet_rx_cb cb;

	if (skb->len < offset + len ||
	    mpcnet_rx_recognise(mpc, skb, offset, &len, &cb) !=
		    MPCNET_MESSAGE_DATA)
		return false;
	message = skb_header_pointer(skb, cb.offset, sizeof(copy), &copy);
	if (!message)
		return false;
	keypair = mpcnet_lookup_keypair(mpc->lookup, message->receiver);
	if (!keypair)
		return false;
	endpoint = rcu_dereference(keypair->peer->endpoint);
	return endpoint && mpcnet_endpoint_is(endpoint, skb, cb.channel);
}

/* A clone shares what the mark is set in. */
static void keep_whole(const struct mpcnet_device *mpc, struct sk_buff *skb)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	if (info->gso_type & SKB_GSO_UDP_L4 && !skb_cloned(skb) &&
	    READ_ONCE(mpc->batch))
		info->gso_type |= SKB_GSO_UDP_TUNNEL_CSUM;
}

/*
 * The route of the socket's last datagram is this one's, unless it is stale, or
 * of the other family: a helper's socket has both.
 */
static void assign(struct sk_buff *skb, struct sock *sk, u16 family)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_rx_dst);
	u32 cookie = family == NFPROTO_IPV6 ? sk->sk_rx_dst_cookie : 0;

	skb->sk = sk;
	skb->destructor = sock_pfree;
	if (dst && dst->ops->family == family && dst_check(dst, cookie))
		skb_dst_set_noref(skb, dst);
}

static unsigned int early(struct sk_buff *skb, const struct nf_hook_state *state,
			  unsigned int offset)
{
	struct mpcnet_device *mpc;
	struct sock *sk;

	if (skb->sk || skb_dst(skb) || skb->encapsulation ||
	    !pskb_may_pull(skb, offset))
		return NF_ACCEPT;
	sk = find(state->net, state->pf, udp_hdr(skb)->dest, &mpc);
	if (!sk || !is_known(mpc, skb, offset))
		return NF_ACCEPT;
	if (skb_is_gso(skb))
		keep_whole(mpc, skb);
	assign(skb, sk, state->pf);
	return NF_ACCEPT;
}

static unsigned int early4(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	const struct iphdr *ip = ip_hdr(skb);

	if (ip->protocol != IPPROTO_UDP || ip_is_fragment(ip))
		return NF_ACCEPT;
	return early(skb, state, ip->ihl * 4 + sizeof(struct udphdr));
}

static unsigned int early6(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	if (ipv6_hdr(skb)->nexthdr != IPPROTO_UDP)
		return NF_ACCEPT;
	return early(skb, state, sizeof(struct ipv6hdr) + sizeof(struct udphdr));
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = early4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = early6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
};

/* Others on the same port would have their share. */
static bool is_shared(const struct sock *sk)
{
	return sk && (sk->sk_reuse || sk->sk_reuseport);
}

static struct net *net_of(const struct mpcnet_socket *socket)
{
	return sock_net(socket->sk4 ?: socket->sk6);
}

/**
 * mpcnet_early_begin() - recognise early what comes to an interface
 * @socket: its sockets, claimed
 *
 * Nothing is done for sockets that share their port.
 *
 * Context: process, RTNL held.
 * Return: 0, or an error: then all takes the usual way.
 */
int mpcnet_early_begin(struct mpcnet_socket *socket)
{
	struct net *net = net_of(socket);
	struct early_net *en = net_generic(net, net_id);
	int err;

	ASSERT_RTNL();
	if (is_shared(socket->sk4) || is_shared(socket->sk6))
		return -EADDRINUSE;
	if (hlist_empty(&en->sockets)) {
		err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
		if (err)
			return err;
	}
	hlist_add_head_rcu(&socket->early, &en->sockets);
	mpcnet_early_batch(socket, READ_ONCE(socket->mpc->batch));
	return 0;
}

static void merge(struct sock *sk, bool on)
{
	if (!sk)
		return;
	if (on) {
		udp_set_bit(GRO_ENABLED, sk);
		udp_set_bit(ACCEPT_L4, sk);
	} else {
		udp_clear_bit(GRO_ENABLED, sk);
		udp_clear_bit(ACCEPT_L4, sk);
	}
}

/**
 * mpcnet_early_batch() - let UDP merge datagrams, or not
 * @socket: sockets; nothing is done for others than those of
 *	mpcnet_early_begin()
 * @whole: batches are wanted whole
 *
 * Context: process, RTNL held.
 */
void mpcnet_early_batch(struct mpcnet_socket *socket, bool whole)
{
	if (hlist_unhashed(&socket->early))
		return;
	merge(socket->sk4, whole);
	merge(socket->sk6, whole);
}

/**
 * mpcnet_early_end() - undo mpcnet_early_begin()
 * @socket: sockets, which live on for a grace period
 *
 * Context: process, RTNL held.
 */
void mpcnet_early_end(struct mpcnet_socket *socket)
{
	struct net *net = net_of(socket);
	struct early_net *en = net_generic(net, net_id);

	if (hlist_unhashed(&socket->early))
		return;
	ASSERT_RTNL();
	mpcnet_early_batch(socket, false);
	hlist_del_init_rcu(&socket->early);
	if (hlist_empty(&en->sockets))
		nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static struct pernet_operations net_ops = {
	.id = &net_id,
	.size = sizeof(struct early_net),
};

/**
 * mpcnet_early_init() - get a place in each namespace
 *
 * Return: 0 or an error.
 */
int __init mpcnet_early_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * mpcnet_early_exit() - give it back
 */
void mpcnet_early_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
