// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of datagrams come to us whole. UDP merges the datagrams of a sender
 * (GRO) for a socket that has asked for it, and a sender on the same machine
 * may hand over a GSO packet as it is. For a socket with encap_rcv UDP splits
 * either again, unless the packet is marked as that of a tunnel: a hook that
 * runs before UDP, and behind all rules of a firewall, sets the mark on what
 * begins with a data message and goes to a port of ours.
 */
#include "unsplit.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/udp.h>

#include "proto.h"
#include "rx.h"
#include "socket.h"

/**
 * struct unsplit_net - what a namespace has
 * @sockets: those that want batches whole; read under RCU, changed under the
 *	RTNL
 */
struct unsplit_net {
	struct hlist_head sockets;
};

static unsigned int net_id;

static bool has_port(const struct sock *sk, __be16 port)
{
	return sk && inet_sk(sk)->inet_sport == port;
}

/* Our sockets, or others on the same port: the mark does no harm there. */
static struct mpcnet_socket *find(struct net *net, __be16 port)
{
	struct unsplit_net *un = net_generic(net, net_id);
	struct mpcnet_socket *socket;

	hlist_for_each_entry_rcu(socket, &un->sockets, unsplit)
		if (has_port(socket->sk4, port) || has_port(socket->sk6, port))
			return socket;
	return NULL;
}

static bool is_udp(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->protocol == IPPROTO_UDP;
	return ipv6_hdr(skb)->nexthdr == IPPROTO_UDP;
}

/* Does a batch, from the IP header on, begin with data for us? */
static bool is_data(struct net *net, struct sk_buff *skb)
{
	unsigned int offset = skb_transport_offset(skb) + sizeof(struct udphdr);
	unsigned int len = skb_shinfo(skb)->gso_size;
	struct mpcnet_socket *socket;
	struct mpcnet_rx_cb cb;

	if (!is_udp(skb) || !pskb_may_pull(skb, offset))
		return false;
	socket = find(net, udp_hdr(skb)->dest);
	return socket && skb->len > offset + len &&
	       mpcnet_rx_recognise(socket->mpc, skb, offset, &len, &cb) ==
		       MPCNET_MESSAGE_DATA;
}

static unsigned int unsplit(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	/* A clone shares what the mark is set in. */
	if (likely(!skb_is_gso(skb)) || skb_cloned(skb) || skb->encapsulation ||
	    !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4))
		return NF_ACCEPT;
	if (is_data(state->net, skb))
		skb_shinfo(skb)->gso_type |= SKB_GSO_UDP_TUNNEL_CSUM;
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = unsplit,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = unsplit,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
};

static void want(struct sock *sk, bool on)
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

static struct net *net_of(const struct mpcnet_socket *socket)
{
	return sock_net(socket->sk4 ?: socket->sk6);
}

/**
 * mpcnet_unsplit_begin() - take batches whole
 * @socket: sockets that are claimed
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOMEM: then batches are split, as before.
 */
int mpcnet_unsplit_begin(struct mpcnet_socket *socket)
{
	struct net *net = net_of(socket);
	struct unsplit_net *un = net_generic(net, net_id);
	int err;

	ASSERT_RTNL();
	if (!hlist_unhashed(&socket->unsplit))
		return 0;
	if (hlist_empty(&un->sockets)) {
		err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
		if (err)
			return err;
	}
	hlist_add_head_rcu(&socket->unsplit, &un->sockets);
	want(socket->sk4, true);
	want(socket->sk6, true);
	return 0;
}

/**
 * mpcnet_unsplit_end() - let batches be split again
 * @socket: sockets, which live on for a grace period; nothing is done for
 *	others than those of mpcnet_unsplit_begin()
 *
 * Context: process, RTNL held.
 */
void mpcnet_unsplit_end(struct mpcnet_socket *socket)
{
	struct net *net = net_of(socket);
	struct unsplit_net *un = net_generic(net, net_id);

	if (hlist_unhashed(&socket->unsplit))
		return;
	ASSERT_RTNL();
	want(socket->sk4, false);
	want(socket->sk6, false);
	hlist_del_init_rcu(&socket->unsplit);
	if (hlist_empty(&un->sockets))
		nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static struct pernet_operations net_ops = {
	.id = &net_id,
	.size = sizeof(struct unsplit_net),
};

/**
 * mpcnet_unsplit_init() - get a place in each namespace
 *
 * Return: 0 or an error.
 */
int __init mpcnet_unsplit_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * mpcnet_unsplit_exit() - give it back
 */
void mpcnet_unsplit_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
