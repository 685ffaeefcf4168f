// SPDX-License-Identifier: GPL-2.0
/* What the kernel says of an interface, attribute by attribute, as a model. */
#include "device.h"

#include <errno.h>
#include <linux/time_types.h>
#include <string.h>

static bool is_long(const struct nlattr *attr, size_t len)
{
	return attr && mnl_attr_get_payload_len(attr) == len;
}

/* Copy a fixed-length attribute. Return: true if it was there. */
static bool take(const struct nlattr *attr, void *to, size_t len)
{
	if (!is_long(attr, len))
		return false;
	memcpy(to, mnl_attr_get_payload(attr), len);
	return true;
}

static uint32_t take_field(const struct nlattr *attr, void *to, size_t len, uint32_t field)
{
	return take(attr, to, len) ? field : 0;
}

static bool take_endpoint(const struct nlattr *attr, union mpcnet_endpoint *to)
{
	union mpcnet_endpoint endpoint = { 0 };

	if (!attr || mnl_attr_get_payload_len(attr) > sizeof(endpoint))
		return false;
	memcpy(&endpoint, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (mpcnet_endpoint_len(&endpoint) != mnl_attr_get_payload_len(attr))
		return false;
	*to = endpoint;
	return true;
}

static void take_counters(const struct nlattr *nest, uint64_t *counters, uint16_t last)
{
	const struct nlattr *attr;

	if (!nest)
		return;
	mnl_attr_for_each_nested (attr, nest) {
		if (mnl_attr_get_type(attr) <= last)
			take(attr, &counters[mnl_attr_get_type(attr)], sizeof(*counters));
	}
}

static int take_allowedip(struct mpcnet_peer *peer, const struct nlattr *nest)
{
	const struct nlattr *tb[MPCNET_ALLOWEDIP_A_LAST + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, MPCNET_ALLOWEDIP_A_LAST };
	struct mpcnet_allowedip ip = { 0 }, *new;

	mnl_attr_parse_nested(nest, mpcnet_nl_tabulate, &table);
	if (!take(tb[MPCNET_ALLOWEDIP_A_FAMILY], &ip.family, sizeof(ip.family)) ||
	    !take(tb[MPCNET_ALLOWEDIP_A_CIDR_MASK], &ip.cidr, sizeof(ip.cidr)) ||
	    !take(tb[MPCNET_ALLOWEDIP_A_IPADDR], ip.addr, ip.family == AF_INET6 ? 16 : 4))
		return -EBADMSG;
	new = mpcnet_peer_add_ip(peer);
	if (!new)
		return -ENOMEM;
	*new = ip;
	return 0;
}

static int take_allowedips(struct mpcnet_peer *peer, const struct nlattr *nest)
{
	const struct nlattr *attr;
	int ret;

	if (!nest)
		return 0;
	mnl_attr_for_each_nested (attr, nest) {
		ret = take_allowedip(peer, attr);
		if (ret)
			return ret;
	}
	return 0;
}

static void take_peer_fields(struct mpcnet_peer *p, const struct nlattr **tb)
{
	struct __kernel_timespec time = { 0 };

	p->has |= take_field(tb[MPCNET_PEER_A_PRESHARED_KEY], p->psk, MPCNET_KEY_LEN,
			     MPCNET_PEER_HAS_PSK);
	if (take_endpoint(tb[MPCNET_PEER_A_ENDPOINT], &p->endpoint))
		p->has |= MPCNET_PEER_HAS_ENDPOINT;
	if (take_endpoint(tb[MPCNET_PEER_A_RELAY], &p->relay))
		p->has |= MPCNET_PEER_HAS_RELAY;
	p->has |= take_field(tb[MPCNET_PEER_A_RELAY_CHANNEL], &p->channel, sizeof(p->channel),
			     MPCNET_PEER_HAS_CHANNEL);
	p->has |= take_field(tb[MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL], &p->keepalive,
			     sizeof(p->keepalive), MPCNET_PEER_HAS_KEEPALIVE);
	p->has |=
		take_field(tb[MPCNET_PEER_A_ROAM], &p->roam, sizeof(p->roam), MPCNET_PEER_HAS_ROAM);
	p->has |= take_field(tb[MPCNET_PEER_A_STATE], &p->state, sizeof(p->state),
			     MPCNET_PEER_HAS_STATE);
	if (take(tb[MPCNET_PEER_A_LAST_HANDSHAKE_TIME], &time, sizeof(time)))
		p->handshake_s = time.tv_sec;
	take(tb[MPCNET_PEER_A_RX_BYTES], &p->rx_bytes, sizeof(p->rx_bytes));
	take(tb[MPCNET_PEER_A_TX_BYTES], &p->tx_bytes, sizeof(p->tx_bytes));
	p->relayed = p->relayed || tb[MPCNET_PEER_A_RELAYED];
	take_counters(tb[MPCNET_PEER_A_COUNTERS], p->drops, MPCNET_PEER_C_LAST);
}

/* A peer too large for one part goes on in the next, under the same key. */
static int take_peer(struct mpcnet_device *device, const struct nlattr *nest)
{
	const struct nlattr *tb[MPCNET_PEER_A_LAST + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, MPCNET_PEER_A_LAST };
	struct mpcnet_peer *last = NULL;
	uint8_t key[MPCNET_KEY_LEN];

	mnl_attr_parse_nested(nest, mpcnet_nl_tabulate, &table);
	if (!take(tb[MPCNET_PEER_A_PUBLIC_KEY], key, sizeof(key)))
		return -EBADMSG;
	if (device->peer_count)
		last = &device->peers[device->peer_count - 1];
	if (!last || memcmp(last->public_key, key, sizeof(key))) {
		last = mpcnet_device_add_peer(device);
		if (!last)
			return -ENOMEM;
		memcpy(last->public_key, key, sizeof(key));
	}
	take_peer_fields(last, tb);
	return take_allowedips(last, tb[MPCNET_PEER_A_ALLOWEDIPS]);
}

static void take_bind(struct mpcnet_device *d, const struct nlattr *attr)
{
	if (!take(attr, d->bind_address, 4) && !take(attr, d->bind_address, 16))
		return;
	d->bind_len = (uint8_t)mnl_attr_get_payload_len(attr);
	d->has |= MPCNET_DEVICE_HAS_BIND_ADDRESS;
}

static void take_device_fields(struct mpcnet_device *d, const struct nlattr **tb)
{
	take(tb[MPCNET_DEVICE_A_IFINDEX], &d->ifindex, sizeof(d->ifindex));
	if (tb[MPCNET_DEVICE_A_IFNAME] &&
	    !mnl_attr_validate(tb[MPCNET_DEVICE_A_IFNAME], MNL_TYPE_NUL_STRING) &&
	    mnl_attr_get_payload_len(tb[MPCNET_DEVICE_A_IFNAME]) <= sizeof(d->name))
		strcpy(d->name, mnl_attr_get_str(tb[MPCNET_DEVICE_A_IFNAME]));
	d->has |= take_field(tb[MPCNET_DEVICE_A_PRIVATE_KEY], d->private_key, MPCNET_KEY_LEN,
			     MPCNET_DEVICE_HAS_PRIVATE_KEY);
	d->has |= take_field(tb[MPCNET_DEVICE_A_PUBLIC_KEY], d->public_key, MPCNET_KEY_LEN,
			     MPCNET_DEVICE_HAS_PUBLIC_KEY);
	d->has |= take_field(tb[MPCNET_DEVICE_A_LISTEN_PORT], &d->listen_port,
			     sizeof(d->listen_port), MPCNET_DEVICE_HAS_LISTEN_PORT);
	d->has |= take_field(tb[MPCNET_DEVICE_A_FWMARK], &d->fwmark, sizeof(d->fwmark),
			     MPCNET_DEVICE_HAS_FWMARK);
	d->has |= take_field(tb[MPCNET_DEVICE_A_BIND_IFINDEX], &d->bind_ifindex,
			     sizeof(d->bind_ifindex), MPCNET_DEVICE_HAS_BIND_IFINDEX);
	d->has |= take_field(tb[MPCNET_DEVICE_A_EXPIRES], &d->expires, sizeof(d->expires),
			     MPCNET_DEVICE_HAS_EXPIRES);
	d->has |= take_field(tb[MPCNET_DEVICE_A_BATCH], &d->batch, sizeof(d->batch),
			     MPCNET_DEVICE_HAS_BATCH);
	d->has |= take_field(tb[MPCNET_DEVICE_A_SOCKET_FD], &d->socket_fd, sizeof(d->socket_fd),
			     MPCNET_DEVICE_HAS_SOCKET);
	take_bind(d, tb[MPCNET_DEVICE_A_BIND_ADDRESS]);
	d->new_private_key = d->new_private_key || tb[MPCNET_DEVICE_A_NEW_PRIVATE_KEY];
	d->adopted = d->adopted || tb[MPCNET_DEVICE_A_SOCKET_ADOPTED];
	if (tb[MPCNET_DEVICE_A_COUNTERS])
		d->has |= MPCNET_DEVICE_HAS_COUNTERS;
	take_counters(tb[MPCNET_DEVICE_A_COUNTERS], d->counters, MPCNET_DEVICE_C_LAST);
}

/**
 * mpcnet_device_decode() - add one message of the kernel to what is known
 * @device: the device so far
 * @attrs: the message behind its headers
 * @len: bytes of it
 * @event: gets what happened, in an event; may be NULL
 *
 * Return: 0, -EBADMSG if that is no such message, -ENOMEM.
 */
int mpcnet_device_decode(struct mpcnet_device *device, const void *attrs, size_t len,
			 uint32_t *event)
{
	const struct nlattr *tb[MPCNET_DEVICE_A_LAST + 1] = { NULL };
	struct mpcnet_nl_table table = { tb, MPCNET_DEVICE_A_LAST };
	const struct nlattr *attr;
	int ret;

	mnl_attr_parse_payload(attrs, len, mpcnet_nl_tabulate, &table);
	take_device_fields(device, tb);
	if (event && !take(tb[MPCNET_DEVICE_A_EVENT], event, sizeof(*event)))
		return -EBADMSG;
	if (!tb[MPCNET_DEVICE_A_PEERS])
		return 0;
	mnl_attr_for_each_nested (attr, tb[MPCNET_DEVICE_A_PEERS]) {
		ret = take_peer(device, attr);
		if (ret)
			return ret;
	}
	return 0;
}
