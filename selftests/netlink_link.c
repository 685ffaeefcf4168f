// SPDX-License-Identifier: GPL-2.0
/* Links and addresses, without running a program for each. */
#include "netlink_lib.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/rtnetlink.h>

static bool ask(struct nlmsghdr *nlh)
{
	struct mnl_socket *sk = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nl nl = { .sk = sk };
	int err;

	if (!sk || mnl_socket_bind(sk, 0, MNL_SOCKET_AUTOPID) < 0)
		return false;
	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	err = nl_ask(&nl, nlh, NULL, NULL);
	mnl_socket_close(sk);
	return !err;
}

static struct nlmsghdr *link_msg(void *buf, int type, int flags,
				 const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *info;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

bool link_add(const char *name, const char *link_kind)
{
	struct nlattr *info;
	struct nlmsghdr *nlh;
	char buf[512];

	nlh = link_msg(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, link_kind);
	mnl_attr_nest_end(nlh, info);
	return ask(nlh);
}

bool link_del(const char *name)
{
	char buf[512];

	return ask(link_msg(buf, RTM_DELLINK, 0, name));
}

bool link_move(const char *name, int ns)
{
	struct nlmsghdr *nlh;
	char buf[512];

	nlh = link_msg(buf, RTM_NEWLINK, 0, name);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, ns);
	return ask(nlh);
}

bool link_up(const char *name, bool up)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq req = { 0 };
	bool done;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	req.ifr_flags = up ? IFF_UP : 0;
	done = !ioctl(fd, SIOCSIFFLAGS, &req);
	close(fd);
	return done;
}

bool link_is_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq req = { 0 };
	bool is;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	is = !ioctl(fd, SIOCGIFFLAGS, &req) && req.ifr_flags & IFF_UP;
	close(fd);
	return is;
}

bool link_addr(const char *name, const char *ip, const char *mask)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq req = { 0 };
	bool done;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	inet_pton(AF_INET, ip, &sin.sin_addr);
	memcpy(&req.ifr_addr, &sin, sizeof(sin));
	done = !ioctl(fd, SIOCSIFADDR, &req);
	inet_pton(AF_INET, mask, &sin.sin_addr);
	memcpy(&req.ifr_netmask, &sin, sizeof(sin));
	done = done && !ioctl(fd, SIOCSIFNETMASK, &req);
	close(fd);
	return done;
}
