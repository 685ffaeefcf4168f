// SPDX-License-Identifier: GPL-2.0
#include "clash.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"
#include "roster.h"

/* A dump that something changed in is asked for again. */
#define TRIES 20
#define NETWORK6_LEN 64
/*
 * Routes to more than a private network, 10.0.0.0/8 or fd00::/8, lead to the
 * Internet, as the default route does: VPNs split that into parts.
 */
#define WIDEST4 8
#define WIDEST6 9

/**
 * struct clash - the search for what is in the way
 * @net: the session's network
 * @found: something is in its way
 * @what: that
 * @route: it is a route, and not an address
 * @ifindex: its interface, 0 if it has none
 */
struct clash {
	struct mpcnet_allowedip net;
	bool found;
	struct mpcnet_allowedip what;
	bool route;
	unsigned int ifindex;
};

/* The shorter of two prefixes holds the other, or they have nothing in common. */
static bool overlap(const struct mpcnet_allowedip *a, const struct mpcnet_allowedip *b)
{
	unsigned int len = a->cidr < b->cidr ? a->cidr : b->cidr;
	unsigned int bytes = len / 8, mask = 0xff00u >> len % 8 & 0xff;

	return a->family == b->family && !memcmp(a->addr, b->addr, bytes) &&
	       (!mask || !((a->addr[bytes] ^ b->addr[bytes]) & mask));
}

static bool read_prefix(struct mpcnet_allowedip *ip, const struct nlattr *attr, unsigned int family,
			unsigned int len)
{
	size_t size = family == AF_INET6 ? 16 : 4;

	*ip = (struct mpcnet_allowedip){ .family = (uint16_t)family, .cidr = (uint8_t)len };
	if (!attr || mnl_attr_get_payload_len(attr) < size || len > 8 * size)
		return false;
	memcpy(ip->addr, mnl_attr_get_payload(attr), size);
	return true;
}

static void consider(struct clash *clash, const struct mpcnet_allowedip *what, bool route,
		     unsigned int ifindex)
{
	if (clash->found || !overlap(&clash->net, what))
		return;
	clash->found = true;
	clash->what = *what;
	clash->route = route;
	clash->ifindex = ifindex;
}

static int on_address(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFA_LOCAL + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, IFA_LOCAL };
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct mpcnet_allowedip ip;
	struct clash *clash = arg;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa) || ifa->ifa_family != clash->net.family)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*ifa), mpcnet_nl_tabulate, &table);
	if (read_prefix(&ip, tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS], ifa->ifa_family,
			ifa->ifa_family == AF_INET6 ? 128 : 32))
		consider(clash, &ip, false, ifa->ifa_index);
	return MNL_CB_OK;
}

static unsigned int route_interface(const struct nlattr *oif, const struct nlattr *hops)
{
	const struct rtnexthop *first;

	if (oif && !mnl_attr_validate(oif, MNL_TYPE_U32))
		return mnl_attr_get_u32(oif);
	if (!hops || mnl_attr_get_payload_len(hops) < sizeof(*first))
		return 0;
	first = mnl_attr_get_payload(hops);
	return (unsigned int)first->rtnh_ifindex;
}

static bool is_main(const struct rtmsg *rtm, const struct nlattr *table)
{
	uint32_t id = rtm->rtm_table;

	if (table && !mnl_attr_validate(table, MNL_TYPE_U32))
		id = mnl_attr_get_u32(table);
	return id == RT_TABLE_MAIN && !(rtm->rtm_flags & RTM_F_CLONED);
}

/* A route to nowhere takes nothing from a network within it. */
static bool is_in_way(const struct clash *clash, const struct rtmsg *rtm)
{
	if (rtm->rtm_dst_len < (rtm->rtm_family == AF_INET6 ? WIDEST6 : WIDEST4))
		return false;
	return rtm->rtm_type == RTN_UNICAST || rtm->rtm_dst_len >= clash->net.cidr;
}

static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[RTA_TABLE + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, RTA_TABLE };
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct mpcnet_allowedip ip;
	struct clash *clash = arg;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) || rtm->rtm_family != clash->net.family)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*rtm), mpcnet_nl_tabulate, &table);
	if (is_main(rtm, tb[RTA_TABLE]) && is_in_way(clash, rtm) &&
	    read_prefix(&ip, tb[RTA_DST], rtm->rtm_family, rtm->rtm_dst_len))
		consider(clash, &ip, true, route_interface(tb[RTA_OIF], tb[RTA_MULTIPATH]));
	return MNL_CB_OK;
}

static int dump(struct clash *clash, uint16_t type, mnl_cb_t take, struct mpcnet_err *err)
{
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	uint8_t *family;
	int ret = -EINTR;

	for (unsigned int tries = 0; tries < TRIES && ret == -EINTR; tries++) {
		ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);
		if (ret)
			break;
		nlh = mpcnet_nl_request(&nl, type, NLM_F_DUMP);
		/* Each kind of message begins with the family, and the rest counts not. */
		family = mnl_nlmsg_put_extra_header(nlh, type == RTM_GETROUTE ?
								 sizeof(struct rtmsg) :
								 sizeof(struct ifaddrmsg));
		*family = (uint8_t)clash->net.family;
		ret = mpcnet_nl_talk(&nl, nlh, take, clash, err);
		mpcnet_nl_close(&nl);
	}
	if (ret)
		mpcnet_err_prefix(err, "cannot list addresses and routes: ");
	return ret;
}

static int refuse(const struct clash *clash, struct mpcnet_err *err)
{
	char net[MPCNET_ALLOWEDIP_TEXT], what[MPCNET_ALLOWEDIP_TEXT], name[IF_NAMESIZE];
	bool named = clash->ifindex && if_indextoname(clash->ifindex, name);

	mpcnet_allowedip_format(net, &clash->net);
	mpcnet_allowedip_format(what, &clash->what);
	if (!clash->route)
		*strchrnul(what, '/') = '\0';
	return mpcnet_err_set(
		err,
		"the session's network %s clashes with the %s %s%s%s of this machine: "
		"the parties need another ticket, by mpcnetctl session new ...%s",
		net, clash->route ? "route to" : "address", what, named ? " on " : "",
		named ? name : "", clash->net.family == AF_INET ? " network CIDR" : "");
}

static int check(struct mpcnet_allowedip net, struct mpcnet_err *err)
{
	struct clash clash = { .net = net };
	int ret = dump(&clash, RTM_GETADDR, on_address, err);

	if (!ret && !clash.found)
		ret = dump(&clash, RTM_GETROUTE, on_route, err);
	if (!ret && clash.found)
		ret = refuse(&clash, err);
	return ret;
}

/* The bits behind the length are zero. */
static void mask(struct mpcnet_allowedip *ip, unsigned int len)
{
	for (unsigned int i = len; i < 8 * sizeof(ip->addr); i++)
		ip->addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	ip->cidr = (uint8_t)len;
}

/**
 * clash_check() - does anything of this machine have a session's network?
 * @ticket: of the session, of which there is no interface yet
 * @err: names what has it, and how to mend that
 *
 * Addresses count, and routes of the main table but those to the Internet.
 *
 * Return: 0 if nothing has, else not 0.
 */
int clash_check(const struct ticket *ticket, struct mpcnet_err *err)
{
	struct mpcnet_allowedip nets[ROSTER_ADDRESSES];
	int ret = 0;

	roster_addresses(nets, ticket, 0);
	mask(&nets[0], ticket->network_len);
	mask(&nets[1], NETWORK6_LEN);
	for (unsigned int i = 0; !ret && i < ROSTER_ADDRESSES; i++)
		ret = check(nets[i], err);
	return ret;
}
