// SPDX-License-Identifier: GPL-2.0
/* Life and names of interfaces, by rtnetlink. */
#include "rtlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"

static struct nlmsghdr *link_request(struct mpcnet_nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mpcnet_nl_request(nl, type, flags);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	return nlh;
}

/**
 * mpcnet_rtlink_add() - create an interface
 * @name: its name
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int mpcnet_rtlink_add(const char *name, struct mpcnet_err *err)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);

	if (ret)
		return ret;
	nlh = link_request(&nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, MPCNET_LINK_KIND);
	mnl_attr_nest_end(nlh, nest);
	ret = mpcnet_nl_talk(&nl, nlh, NULL, NULL, err);
	mpcnet_nl_close(&nl);
	if (ret == -EOPNOTSUPP)
		mpcnet_err_set(err, MPCNET_NO_MODULE);
	else if (ret == -EEXIST)
		mpcnet_err_set(err, "there is an interface %s already: mpcnetctl link set %s", name,
			       name);
	else if (ret)
		mpcnet_err_prefix(err, "%s: ", name);
	return ret;
}

/* What a message of rtnetlink says of an interface. */
struct link {
	char name[IF_NAMESIZE];
	int ifindex;
	bool ours;
};

static bool is_text(const struct nlattr *attr)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_STRING) == 0;
}

static bool is_our_kind(const struct nlattr *info)
{
	const struct nlattr *tb[IFLA_INFO_KIND + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, IFLA_INFO_KIND };
	const struct nlattr *kind;

	if (!info)
		return false;
	mnl_attr_parse_nested(info, mpcnet_nl_tabulate, &table);
	kind = tb[IFLA_INFO_KIND];
	return is_text(kind) && mnl_attr_get_payload_len(kind) >= strlen(MPCNET_LINK_KIND) &&
	       !strncmp(mnl_attr_get_str(kind), MPCNET_LINK_KIND, mnl_attr_get_payload_len(kind));
}

static void read_link(struct link *link, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[IFLA_LINKINFO + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, IFLA_LINKINFO };
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	*link = (struct link){ 0 };
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return;
	mnl_attr_parse(nlh, sizeof(*ifi), mpcnet_nl_tabulate, &table);
	link->ifindex = ifi->ifi_index;
	link->ours = is_our_kind(tb[IFLA_LINKINFO]);
	if (is_text(tb[IFLA_IFNAME]) && mnl_attr_get_payload_len(tb[IFLA_IFNAME]) <= IF_NAMESIZE)
		strncpy(link->name, mnl_attr_get_str(tb[IFLA_IFNAME]), IF_NAMESIZE - 1);
}

static int on_link(const struct nlmsghdr *nlh, void *arg)
{
	read_link(arg, nlh);
	return MNL_CB_OK;
}

static int find_link(struct mpcnet_nl *nl, const char *name, struct link *link,
		     struct mpcnet_err *err)
{
	struct nlmsghdr *nlh = link_request(nl, RTM_GETLINK, NLM_F_ACK);
	int ret;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	*link = (struct link){ 0 };
	ret = mpcnet_nl_talk(nl, nlh, on_link, link, err);
	if (ret == -ENODEV)
		mpcnet_err_set(err, "there is no interface %s: mpcnetctl link show lists them",
			       name);
	else if (ret)
		mpcnet_err_prefix(err, "%s: ", name);
	return ret;
}

static int delete_link(struct mpcnet_nl *nl, const char *name, int ifindex, struct mpcnet_err *err)
{
	struct nlmsghdr *nlh = link_request(nl, RTM_DELLINK, NLM_F_ACK);
	int ret;

	((struct ifinfomsg *)mnl_nlmsg_get_payload(nlh))->ifi_index = ifindex;
	ret = mpcnet_nl_talk(nl, nlh, NULL, NULL, err);
	return ret ? mpcnet_err_prefix(err, "%s: ", name), ret : 0;
}

/**
 * mpcnet_rtlink_del() - remove an interface, if it is one of mpcnet
 * @name: its name
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int mpcnet_rtlink_del(const char *name, struct mpcnet_err *err)
{
	struct mpcnet_nl nl;
	struct link link;
	int ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);

	if (ret)
		return ret;
	ret = find_link(&nl, name, &link, err);
	if (!ret && !link.ours) {
		mpcnet_err_set(err, "%s is no interface of mpcnet", name);
		ret = -EOPNOTSUPP;
	}
	if (!ret)
		ret = delete_link(&nl, name, link.ifindex, err);
	mpcnet_nl_close(&nl);
	return ret;
}

static int on_list(const struct nlmsghdr *nlh, void *arg)
{
	struct mpcnet_rtlink_list *list = arg;
	struct link link;
	void *names;

	read_link(&link, nlh);
	if (!link.ours)
		return MNL_CB_OK;
	if (list->count == list->room) {
		names = reallocarray(list->names, list->room + 16, IF_NAMESIZE);
		if (!names)
			return MNL_CB_ERROR;
		list->names = names;
		list->room += 16;
	}
	memcpy(list->names[list->count++], link.name, IF_NAMESIZE);
	return MNL_CB_OK;
}

/**
 * mpcnet_rtlink_list() - all interfaces of mpcnet in this network namespace
 * @list: gets them, which mpcnet_rtlink_list_free() frees
 * @err: says why not
 *
 * Return: 0, or -errno and @list is empty.
 */
int mpcnet_rtlink_list(struct mpcnet_rtlink_list *list, struct mpcnet_err *err)
{
	int ret = -EINTR;
	struct mpcnet_nl nl;

	*list = (struct mpcnet_rtlink_list){ 0 };
	for (unsigned int tries = 0; tries < 100 && ret == -EINTR; tries++) {
		list->count = 0;
		ret = mpcnet_nl_open(&nl, NETLINK_ROUTE, err);
		if (ret)
			break;
		ret = mpcnet_nl_talk(&nl, link_request(&nl, RTM_GETLINK, NLM_F_DUMP), on_list, list,
				     err);
		mpcnet_nl_close(&nl);
	}
	if (ret) {
		mpcnet_rtlink_list_free(list);
		mpcnet_err_prefix(err, "cannot list the interfaces: ");
	}
	return ret;
}

/**
 * mpcnet_rtlink_list_free() - free a list
 * @list: the list; is empty afterwards
 */
void mpcnet_rtlink_list_free(struct mpcnet_rtlink_list *list)
{
	free(list->names);
	*list = (struct mpcnet_rtlink_list){ 0 };
}
