// SPDX-License-Identifier: GPL-2.0
/*
 * A model as messages to the kernel. What does not fit into one goes on in the
 * next; a peer may be cut between two of its allowed IPs:
 *
 *   SET_DEVICE  ifname, device's fields, peers [ A, B, C with half its IPs ]
 *   SET_DEVICE  ifname,                  peers [ C with the others, D ]
 */
#include "device.h"

#include <errno.h>
#include <string.h>

static bool put(struct nlmsghdr *nlh, uint16_t type, size_t len, const void *data)
{
	return mnl_attr_put_check(nlh, MPCNET_NL_SIZE, type, len, data);
}

static bool put_if(bool there, struct nlmsghdr *nlh, uint16_t type, size_t len, const void *data)
{
	return !there || put(nlh, type, len, data);
}

/* The first message has room for all of these. */
static void put_device(struct nlmsghdr *nlh, const struct mpcnet_device *d)
{
	put_if(d->has & MPCNET_DEVICE_HAS_PRIVATE_KEY, nlh, MPCNET_DEVICE_A_PRIVATE_KEY,
	       MPCNET_KEY_LEN, d->private_key);
	put_if(d->has & MPCNET_DEVICE_HAS_LISTEN_PORT, nlh, MPCNET_DEVICE_A_LISTEN_PORT,
	       sizeof(d->listen_port), &d->listen_port);
	put_if(d->has & MPCNET_DEVICE_HAS_FWMARK, nlh, MPCNET_DEVICE_A_FWMARK, sizeof(d->fwmark),
	       &d->fwmark);
	put_if(d->flags, nlh, MPCNET_DEVICE_A_FLAGS, sizeof(d->flags), &d->flags);
	put_if(d->has & MPCNET_DEVICE_HAS_BIND_ADDRESS, nlh, MPCNET_DEVICE_A_BIND_ADDRESS,
	       d->bind_len, d->bind_address);
	put_if(d->has & MPCNET_DEVICE_HAS_BIND_IFINDEX, nlh, MPCNET_DEVICE_A_BIND_IFINDEX,
	       sizeof(d->bind_ifindex), &d->bind_ifindex);
	put_if(d->has & MPCNET_DEVICE_HAS_EXPIRES, nlh, MPCNET_DEVICE_A_EXPIRES, sizeof(d->expires),
	       &d->expires);
	put_if(d->has & MPCNET_DEVICE_HAS_BATCH, nlh, MPCNET_DEVICE_A_BATCH, sizeof(d->batch),
	       &d->batch);
	put_if(d->has & MPCNET_DEVICE_HAS_SOCKET, nlh, MPCNET_DEVICE_A_SOCKET_FD,
	       sizeof(d->socket_fd), &d->socket_fd);
	put_if(d->new_private_key, nlh, MPCNET_DEVICE_A_NEW_PRIVATE_KEY, 0, NULL);
}

static bool put_peer_fields(struct nlmsghdr *nlh, const struct mpcnet_peer *p)
{
	return put_if(p->has & MPCNET_PEER_HAS_PSK, nlh, MPCNET_PEER_A_PRESHARED_KEY,
		      MPCNET_KEY_LEN, p->psk) &&
	       put_if(p->has & MPCNET_PEER_HAS_ENDPOINT, nlh, MPCNET_PEER_A_ENDPOINT,
		      mpcnet_endpoint_len(&p->endpoint), &p->endpoint) &&
	       put_if(p->has & MPCNET_PEER_HAS_RELAY, nlh, MPCNET_PEER_A_RELAY,
		      mpcnet_endpoint_len(&p->relay), &p->relay) &&
	       put_if(p->has & MPCNET_PEER_HAS_CHANNEL, nlh, MPCNET_PEER_A_RELAY_CHANNEL,
		      sizeof(p->channel), &p->channel) &&
	       put_if(p->has & MPCNET_PEER_HAS_KEEPALIVE, nlh,
		      MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL, sizeof(p->keepalive),
		      &p->keepalive) &&
	       put_if(p->has & MPCNET_PEER_HAS_ROAM, nlh, MPCNET_PEER_A_ROAM, sizeof(p->roam),
		      &p->roam) &&
	       put_if(p->has & MPCNET_PEER_HAS_HANDSHAKE, nlh, MPCNET_PEER_A_HANDSHAKE, 0, NULL);
}

static bool put_ip(struct nlmsghdr *nlh, const struct mpcnet_allowedip *ip)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, MPCNET_NL_SIZE, 0);

	if (!nest)
		return false;
	if (!put(nlh, MPCNET_ALLOWEDIP_A_FAMILY, sizeof(ip->family), &ip->family) ||
	    !put(nlh, MPCNET_ALLOWEDIP_A_IPADDR, ip->family == AF_INET6 ? 16 : 4, ip->addr) ||
	    !put(nlh, MPCNET_ALLOWEDIP_A_CIDR_MASK, sizeof(ip->cidr), &ip->cidr) ||
	    !put_if(ip->flags, nlh, MPCNET_ALLOWEDIP_A_FLAGS, sizeof(ip->flags), &ip->flags)) {
		mnl_attr_nest_cancel(nlh, nest);
		return false;
	}
	mnl_attr_nest_end(nlh, nest);
	return true;
}

/* Put what fits of the peer's IPs from @at on. Return: false if some are left. */
static bool put_ips(struct nlmsghdr *nlh, const struct mpcnet_peer *p, size_t *at)
{
	struct nlattr *nest;

	if (*at == p->ip_count)
		return true;
	nest = mnl_attr_nest_start_check(nlh, MPCNET_NL_SIZE, MPCNET_PEER_A_ALLOWEDIPS);
	if (!nest)
		return false;
	while (*at < p->ip_count && put_ip(nlh, &p->ips[*at]))
		(*at)++;
	mnl_attr_nest_end(nlh, nest);
	return *at == p->ip_count;
}

/* Put what fits of a peer. Return: false if something is left. */
static bool put_peer(struct nlmsghdr *nlh, const struct mpcnet_peer *p, size_t *at)
{
	/* What goes on must neither make the peer anew nor drop its first IPs. */
	uint32_t flags = *at ? MPCNET_PEER_F_UPDATE_ONLY : p->flags;
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, MPCNET_NL_SIZE, 0);
	size_t start = *at;
	bool whole;

	if (!nest)
		return false;
	if (!put(nlh, MPCNET_PEER_A_PUBLIC_KEY, MPCNET_KEY_LEN, p->public_key) ||
	    !put_if(flags, nlh, MPCNET_PEER_A_FLAGS, sizeof(flags), &flags) ||
	    (!*at && !put_peer_fields(nlh, p))) {
		mnl_attr_nest_cancel(nlh, nest);
		return false;
	}
	whole = put_ips(nlh, p, at);
	/* None of its IPs fitted: the next message has it instead. */
	if (!whole && *at == start)
		mnl_attr_nest_cancel(nlh, nest);
	else
		mnl_attr_nest_end(nlh, nest);
	return whole;
}

static void put_peers(struct nlmsghdr *nlh, const struct mpcnet_device *device,
		      struct mpcnet_position *pos)
{
	struct nlattr *nest;

	if (pos->peer == device->peer_count)
		return;
	nest = mnl_attr_nest_start(nlh, MPCNET_DEVICE_A_PEERS);
	while (pos->peer < device->peer_count &&
	       put_peer(nlh, &device->peers[pos->peer], &pos->ip)) {
		pos->peer++;
		pos->ip = 0;
	}
	mnl_attr_nest_end(nlh, nest);
}

/**
 * mpcnet_device_put() - put what fits of a model into a message
 * @nlh: the message, behind its headers, in a room of MPCNET_NL_SIZE
 * @device: the model
 * @pos: how far the messages before came; gets how far this one came
 */
void mpcnet_device_put(struct nlmsghdr *nlh, const struct mpcnet_device *device,
		       struct mpcnet_position *pos)
{
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, device->name);
	if (!pos->peer && !pos->ip)
		put_device(nlh, device);
	put_peers(nlh, device, pos);
}

static int refused(int ret, const struct mpcnet_device *device,
		   const struct mpcnet_position *before, struct mpcnet_err *err)
{
	if (ret == -ENODEV)
		mpcnet_err_set(err, "there is no interface %s: mpcnetctl link add %s", device->name,
			       device->name);
	else if (ret == -EOPNOTSUPP)
		mpcnet_err_set(err, "%s is no interface of mpcnet", device->name);
	else if (before->peer || before->ip)
		mpcnet_err_prefix(err,
				  "%s: the first %zu of %zu peers are set, then: ", device->name,
				  before->peer, device->peer_count);
	else
		mpcnet_err_prefix(err, "%s: ", device->name);
	return ret;
}

/**
 * mpcnet_device_set() - have the kernel make an interface what the model says
 * @device: the model; fields that are not there stay as they are
 * @err: says what the kernel has against it
 *
 * The kernel takes a message whole or not at all. Some 250 peers are one
 * message; of more, @err says how many are set if a later one is refused.
 *
 * Return: 0, or -errno.
 */
int mpcnet_device_set(const struct mpcnet_device *device, struct mpcnet_err *err)
{
	struct mpcnet_position pos = { 0 }, before;
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open_genl(&nl, err);

	if (ret)
		return ret;
	do {
		before = pos;
		nlh = mpcnet_nl_request_genl(&nl, MPCNET_CMD_SET_DEVICE, NLM_F_ACK);
		mpcnet_device_put(nlh, device, &pos);
		ret = mpcnet_nl_talk(&nl, nlh, NULL, NULL, err);
	} while (!ret && pos.peer < device->peer_count);
	mpcnet_nl_close(&nl);
	return ret ? refused(ret, device, &before, err) : 0;
}
