// SPDX-License-Identifier: GPL-2.0
/* Addresses of interfaces, by rtnetlink. */
#include "rtaddr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "nl.h"

static int talk(struct mpcnet_nl *nl, struct nlmsghdr *nlh, const char *name,
		struct mpcnet_err *err)
{
	int ret = mpcnet_nl_talk(nl, nlh, NULL, NULL, err);

	mpcnet_nl_close(nl);
	if (ret)
		mpcnet_err_prefix(err, "%s: ", name);
	return ret;
}

/**
 * mpcnet_rtlink_up() - bring an interface up
 * @name: its name
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int mpcnet_rtlink_up(const char *name, struct mpcnet_err *err)
{
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);

	if (ret)
		return ret;
	nlh = mpcnet_nl_request(&nl, RTM_NEWLINK, NLM_F_ACK);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return talk(&nl, nlh, name, err);
}

/**
 * mpcnet_rtaddr_add() - give an interface an address
 * @name: the interface
 * @addr: the address, with the length of its network
 * @err: says why not
 *
 * One that it has already counts as given.
 *
 * Return: 0, or -errno.
 */
int mpcnet_rtaddr_add(const char *name, const struct mpcnet_allowedip *addr, struct mpcnet_err *err)
{
	size_t len = addr->family == AF_INET6 ? 16 : 4;
	struct nlmsghdr *nlh;
	struct ifaddrmsg *ifa;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);

	if (ret)
		return ret;
	nlh = mpcnet_nl_request(&nl, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = (uint8_t)addr->family;
	ifa->ifa_prefixlen = addr->cidr;
	/* Nobody else has it: there is no duplicate to look for. */
	ifa->ifa_flags = addr->family == AF_INET6 ? IFA_F_NODAD : 0;
	ifa->ifa_index = if_nametoindex(name);
	mnl_attr_put(nlh, IFA_LOCAL, len, addr->addr);
	mnl_attr_put(nlh, IFA_ADDRESS, len, addr->addr);
	return talk(&nl, nlh, name, err);
}
