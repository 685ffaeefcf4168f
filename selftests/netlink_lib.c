// SPDX-License-Identifier: GPL-2.0
/* Requests to the family, and their answers. */
#include "netlink_lib.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

const char *kind(void)
{
	const char *env = getenv("MPCNET_KIND");

	return env && *env ? env : MPCNET_FAMILY_NAME;
}

bool kind_is_own(void)
{
	return !strcmp(kind(), MPCNET_FAMILY_NAME);
}

/* Keep the text that came with an error. */
static void keep_why(struct nl *nl, const void *tlvs, size_t len)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload(tlvs, len) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		snprintf(nl->why, sizeof(nl->why), "%.*s",
			 (int)mnl_attr_get_payload_len(attr),
			 mnl_attr_get_str(attr));
	}
}

/* The error of an acknowledgement or of the end of a dump. */
static int read_error(struct nl *nl, const struct nlmsghdr *nlh)
{
	size_t skip = sizeof(int), len = mnl_nlmsg_get_payload_len(nlh);
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*err);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			skip += mnl_nlmsg_get_payload_len(&err->msg);
	}
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && len > skip)
		keep_why(nl, (const char *)err + skip, len - skip);
	return len >= sizeof(int) ? err->error : 0;
}

int nl_ask(struct nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	static char buf[256 * 1024];
	unsigned int seq = nlh->nlmsg_seq;
	ssize_t len;

	nl->why[0] = 0;
	if (mnl_socket_sendto(nl->sk, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		int rest;

		len = mnl_socket_recvfrom(nl->sk, buf, sizeof(buf));
		if (len < 0)
			return -errno;
		rest = len;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, rest);
		     nlh = mnl_nlmsg_next(nlh, &rest)) {
			if (nlh->nlmsg_seq != seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR ||
			    nlh->nlmsg_type == NLMSG_DONE)
				return read_error(nl, nlh);
			if (cb)
				cb(nlh, data);
		}
	}
}

struct nlmsghdr *nl_msg(struct nl *nl, void *buf, uint8_t cmd, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = MPCNET_FAMILY_VERSION;
	return nlh;
}

static void read_group(struct nl *nl, const struct nlattr *group)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, MPCNET_MCGRP_EVENTS))
		nl->events = id;
}

static int read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *group;
	struct nl *nl = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				read_group(nl, group);
	}
	return MNL_CB_OK;
}

bool nl_open(struct nl *nl, const char *family)
{
	char buf[256];
	struct nlmsghdr *nlh;
	int on = 1, err;

	memset(nl, 0, sizeof(*nl));
	nl->sk = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sk || mnl_socket_bind(nl->sk, 0, MNL_SOCKET_AUTOPID) < 0)
		return false;
	mnl_socket_setsockopt(nl->sk, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->sk, NETLINK_CAP_ACK, &on, sizeof(on));
	nl->family = GENL_ID_CTRL;
	nlh = nl_msg(nl, buf, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, family);
	err = nl_ask(nl, nlh, read_family, nl);
	errno = -err;
	return !err;
}

void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->sk);
}

struct set *set_begin(struct nl *nl, const char *ifname)
{
	static struct set s;

	s.nl = nl;
	s.peers = NULL;
	s.peer = NULL;
	s.ips = NULL;
	s.nlh = nl_msg(nl, s.buf, MPCNET_CMD_SET_DEVICE, NLM_F_ACK);
	if (ifname)
		mnl_attr_put_strz(s.nlh, MPCNET_DEVICE_A_IFNAME, ifname);
	return &s;
}

static void close_nest(struct set *s, struct nlattr **nest)
{
	if (*nest)
		mnl_attr_nest_end(s->nlh, *nest);
	*nest = NULL;
}

void set_peer(struct set *s, const uint8_t *key)
{
	close_nest(s, &s->ips);
	close_nest(s, &s->peer);
	if (!s->peers)
		s->peers = mnl_attr_nest_start(s->nlh, MPCNET_DEVICE_A_PEERS);
	s->peer = mnl_attr_nest_start(s->nlh, 0);
	if (key)
		mnl_attr_put(s->nlh, MPCNET_PEER_A_PUBLIC_KEY, KEY_LEN, key);
}

struct nlattr *set_ip_begin(struct set *s)
{
	if (!s->ips)
		s->ips = mnl_attr_nest_start(s->nlh, MPCNET_PEER_A_ALLOWEDIPS);
	return mnl_attr_nest_start(s->nlh, 0);
}

void set_ip_end(struct set *s, struct nlattr *ip)
{
	mnl_attr_nest_end(s->nlh, ip);
}

void set_ip(struct set *s, const char *prefix)
{
	int family = strchr(prefix, ':') ? AF_INET6 : AF_INET;
	const char *slash = strchr(prefix, '/');
	struct nlattr *ip = set_ip_begin(s);
	char text[64], addr[16];

	snprintf(text, sizeof(text), "%.*s", (int)(slash - prefix), prefix);
	inet_pton(family, text, addr);
	mnl_attr_put_u16(s->nlh, MPCNET_ALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(s->nlh, MPCNET_ALLOWEDIP_A_IPADDR,
		     family == AF_INET ? 4 : 16, addr);
	mnl_attr_put_u8(s->nlh, MPCNET_ALLOWEDIP_A_CIDR_MASK, atoi(slash + 1));
	set_ip_end(s, ip);
}

void set_addr(struct set *s, uint16_t attr, const char *ip, uint16_t port)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	if (inet_pton(AF_INET, ip, &sin.sin_addr) == 1) {
		mnl_attr_put(s->nlh, attr, sizeof(sin), &sin);
	} else {
		inet_pton(AF_INET6, ip, &sin6.sin6_addr);
		mnl_attr_put(s->nlh, attr, sizeof(sin6), &sin6);
	}
}

void set_end(struct set *s)
{
	close_nest(s, &s->ips);
	close_nest(s, &s->peer);
	close_nest(s, &s->peers);
}

int set_send(struct set *s)
{
	set_end(s);
	return nl_ask(s->nl, s->nlh, NULL, NULL);
}
