// SPDX-License-Identifier: GPL-2.0
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK 11
#endif

/* One exchange: where the answer goes, and how it ended. */
struct talk {
	mnl_cb_t take;
	void *arg;
	struct mpcnet_err *err;
	int error;
};

/**
 * mpcnet_nl_tabulate() - put an attribute into a table, a callback of libmnl
 * @attr: the attribute
 * @table: a struct mpcnet_nl_table
 *
 * Return: MNL_CB_OK; types beyond the table are of a newer kernel and left out.
 */
int mpcnet_nl_tabulate(const struct nlattr *attr, void *table)
{
	const struct mpcnet_nl_table *t = table;
	uint16_t type = mnl_attr_get_type(attr);

	if (type <= t->last)
		t->at[type] = attr;
	return MNL_CB_OK;
}

/* Take the kernel's own sentence, if it sent one behind its error. */
static void take_extack(struct mpcnet_err *err, const struct nlmsghdr *nlh, size_t skip)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MSG + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, NLMSGERR_ATTR_MSG };
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const char *payload = mnl_nlmsg_get_payload(nlh);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || MNL_ALIGN(skip) > len)
		return;
	mnl_attr_parse_payload(payload + MNL_ALIGN(skip), len - MNL_ALIGN(skip), mpcnet_nl_tabulate,
			       &table);
	if (tb[NLMSGERR_ATTR_MSG] &&
	    mnl_attr_validate(tb[NLMSGERR_ATTR_MSG], MNL_TYPE_NUL_STRING) == 0)
		mpcnet_err_set(err, "%s", mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]));
}

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	struct talk *talk = data;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e)) {
		talk->error = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	talk->error = -e->error;
	if (!talk->error)
		return MNL_CB_STOP;
	take_extack(talk->err, nlh, skip);
	return MNL_CB_ERROR;
}

static int on_done(const struct nlmsghdr *nlh, void *data)
{
	struct talk *talk = data;
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	if (error >= 0)
		return MNL_CB_STOP;
	talk->error = -error;
	take_extack(talk->err, nlh, sizeof(error));
	return MNL_CB_ERROR;
}

static int on_data(const struct nlmsghdr *nlh, void *data)
{
	struct talk *talk = data;

	return talk->take ? talk->take(nlh, talk->arg) : MNL_CB_OK;
}

static int receive(struct mpcnet_nl *nl, struct talk *talk)
{
	mnl_cb_t control[NLMSG_MIN_TYPE] = {
		[NLMSG_ERROR] = on_error,
		[NLMSG_DONE] = on_done,
	};
	unsigned int portid = mnl_socket_get_portid(nl->sock);
	int ret = MNL_CB_OK;
	ssize_t len;

	while (ret > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(nl->sock, nl->buf, MPCNET_NL_SIZE);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		errno = 0;
		ret = mnl_cb_run2(nl->buf, (size_t)len, nl->seq, portid, on_data, talk, control,
				  NLMSG_MIN_TYPE);
	}
	if (ret == MNL_CB_STOP)
		return 0;
	if (talk->error)
		return -talk->error;
	return errno ? -errno : -EBADMSG;
}

/* The kernel's sentence says what it minds; the error, at times, why. */
static void explain(int ret, struct mpcnet_err *err)
{
	size_t len = strlen(err->text);

	if (!len && ret == -EPERM)
		mpcnet_err_set(err, "not permitted: run it as root (CAP_NET_ADMIN)");
	else if (!len)
		mpcnet_err_set(err, "%s", strerror(-ret));
	else if (ret != -EINVAL && ret != -EPERM)
		snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(-ret));
}

/**
 * mpcnet_nl_talk() - send a request and take the whole answer
 * @nl: the socket
 * @nlh: the request, made by mpcnet_nl_request()
 * @take: gets each message of the answer; may be NULL
 * @arg: for @take
 * @err: says what the kernel has against it
 *
 * The room for messages is wiped afterwards.
 *
 * Return: 0, or -errno: -EINTR if what was shown changed meanwhile and has to
 * be asked for again, on another socket.
 */
int mpcnet_nl_talk(struct mpcnet_nl *nl, struct nlmsghdr *nlh, mnl_cb_t take, void *arg,
		   struct mpcnet_err *err)
{
	struct talk talk = { .take = take, .arg = arg, .err = err };
	int ret = 0;

	err->text[0] = '\0';
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		ret = -errno;
	if (!ret)
		ret = receive(nl, &talk);
	explicit_bzero(nl->buf, MPCNET_NL_SIZE);
	if (ret)
		explain(ret, err);
	return ret;
}

/**
 * mpcnet_nl_request() - begin a request in the socket's room
 * @nl: the socket
 * @type: type of the message
 * @flags: flags beside NLM_F_REQUEST
 *
 * Return: the header; the message ends within MPCNET_NL_SIZE.
 */
struct nlmsghdr *mpcnet_nl_request(struct mpcnet_nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	return nlh;
}

/**
 * mpcnet_nl_request_genl() - begin a request to the family
 * @nl: the socket, of mpcnet_nl_open_genl()
 * @cmd: the command
 * @flags: flags beside NLM_F_REQUEST
 *
 * Return: the header.
 */
struct nlmsghdr *mpcnet_nl_request_genl(struct mpcnet_nl *nl, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mpcnet_nl_request(nl, nl->family, flags);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	genl->cmd = cmd;
	genl->version = MPCNET_FAMILY_VERSION;
	return nlh;
}

/**
 * mpcnet_nl_open() - open a netlink socket
 * @nl: gets it
 * @bus: NETLINK_ROUTE, NETLINK_GENERIC
 * @err: says why not
 *
 * Return: 0, or -errno and nothing is open.
 */
int mpcnet_nl_open(struct mpcnet_nl *nl, int bus, struct mpcnet_err *err)
{
	int on = 1;

	*nl = (struct mpcnet_nl){ .seq = (uint32_t)time(NULL) };
	nl->buf = calloc(1, MPCNET_NL_SIZE);
	nl->sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!nl->buf || !nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID)) {
		int error = nl->buf ? errno : ENOMEM;

		mpcnet_nl_close(nl);
		mpcnet_err_set(err, "cannot open a netlink socket: %s", strerror(error));
		return -error;
	}
	/* Without it the kernel refuses without a reason, which is no reason to stop. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	return 0;
}

static void take_group(struct mpcnet_nl *nl, const struct nlattr *attr)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_ID + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, CTRL_ATTR_MCAST_GRP_ID };

	mnl_attr_parse_nested(attr, mpcnet_nl_tabulate, &table);
	if (tb[CTRL_ATTR_MCAST_GRP_NAME] && tb[CTRL_ATTR_MCAST_GRP_ID] &&
	    !strcmp(mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]), MPCNET_MCGRP_EVENTS))
		nl->group = mnl_attr_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GROUPS + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, CTRL_ATTR_MCAST_GROUPS };
	const struct nlattr *attr;
	struct mpcnet_nl *nl = data;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), mpcnet_nl_tabulate, &table);
	if (tb[CTRL_ATTR_FAMILY_ID])
		nl->family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS]) {
		mnl_attr_for_each_nested (attr, tb[CTRL_ATTR_MCAST_GROUPS])
			take_group(nl, attr);
	}
	return MNL_CB_OK;
}

/**
 * mpcnet_nl_open_genl() - open a socket to the module's family
 * @nl: gets it
 * @err: says why not
 *
 * Return: 0, or -errno and nothing is open: -ENOENT if the module is missing.
 */
int mpcnet_nl_open_genl(struct mpcnet_nl *nl, struct mpcnet_err *err)
{
	struct nlmsghdr *nlh;
	int ret = mpcnet_nl_open(nl, NETLINK_GENERIC, err);

	if (ret)
		return ret;
	nl->family = GENL_ID_CTRL;
	nlh = mpcnet_nl_request_genl(nl, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MPCNET_GENL_NAME);
	nl->family = 0;
	ret = mpcnet_nl_talk(nl, nlh, on_family, nl, err);
	if (!ret && !nl->family)
		ret = -ENOENT;
	if (ret == -ENOENT)
		mpcnet_err_set(err, MPCNET_NO_MODULE);
	if (ret)
		mpcnet_nl_close(nl);
	return ret;
}

/**
 * mpcnet_nl_close() - close the socket and wipe its room
 * @nl: the socket; nothing happens if it is closed
 */
void mpcnet_nl_close(struct mpcnet_nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	if (nl->buf)
		explicit_bzero(nl->buf, MPCNET_NL_SIZE);
	free(nl->buf);
	*nl = (struct mpcnet_nl){ 0 };
}
