// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "events.h"
#include "rtaddr.h"
#include "rtlink.h"

/* mpc0 to mpc99 */
#define NAMES_MAX 100
/* Has the kernel begin a handshake at once, and keeps counters of a link honest. */
#define KEEPALIVE 25

static int add_link(char name[IF_NAMESIZE], struct mpcnet_err *err)
{
	int ret = -EEXIST;

	for (unsigned int i = 0; i < NAMES_MAX && ret == -EEXIST; i++) {
		snprintf(name, IF_NAMESIZE, "mpc%u", i);
		ret = mpcnet_rtlink_add(name, err);
	}
	return ret;
}

static int set_up(struct kernel *kernel, const struct kernel_link *link, struct mpcnet_err *err)
{
	struct mpcnet_device device = {
		.has = MPCNET_DEVICE_HAS_PRIVATE_KEY | MPCNET_DEVICE_HAS_SOCKET |
		       MPCNET_DEVICE_HAS_EXPIRES,
		.socket_fd = link->socket,
		.expires = link->expires * 1000,
	};
	int ret;

	memcpy(device.name, kernel->name, sizeof(device.name));
	memcpy(device.private_key, link->private_key, MPCNET_KEY_LEN);
	ret = mpcnet_device_set(&device, err);
	explicit_bzero(device.private_key, MPCNET_KEY_LEN);
	for (unsigned int i = 0; !ret && i < link->address_count; i++)
		ret = mpcnet_rtaddr_add(kernel->name, &link->addresses[i], err);
	return ret ? ret : mpcnet_rtlink_up(kernel->name, err);
}

/**
 * kernel_create() - make an interface, and bring it up
 * @kernel: gets it; its name is the first free one of mpc0, mpc1, ...
 * @link: how it is made
 * @err: says why not, and nothing is left of it
 *
 * Return: 0, or -errno.
 */
int kernel_create(struct kernel *kernel, const struct kernel_link *link, struct mpcnet_err *err)
{
	struct mpcnet_err ignored;
	int ret;

	memset(kernel, 0, sizeof(*kernel));
	kernel->watch.fd = -1;
	ret = add_link(kernel->name, err);
	if (ret)
		return ret;
	kernel->ifindex = if_nametoindex(kernel->name);
	ret = set_up(kernel, link, err);
	if (ret)
		mpcnet_rtlink_del(kernel->name, &ignored);
	return ret;
}

/**
 * kernel_is_there() - is the interface still the one that was made?
 * @kernel: the interface
 *
 * Return: false if it was removed, or another has its name.
 */
bool kernel_is_there(const struct kernel *kernel)
{
	return kernel->ifindex && if_nametoindex(kernel->name) == kernel->ifindex;
}

/**
 * kernel_resume() - take up an interface of a helper that has died
 * @kernel: gets it
 * @name: its name
 * @ifindex: its index
 * @socket: gets a descriptor of its UDP socket
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_resume(struct kernel *kernel, const char *name, unsigned int ifindex, int *socket,
		  struct mpcnet_err *err)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->watch.fd = -1;
	kernel->ifindex = ifindex;
	snprintf(kernel->name, sizeof(kernel->name), "%s", name);
	if (!kernel_is_there(kernel)) {
		mpcnet_err_set(err, "the interface %s is gone", name);
		return -ENODEV;
	}
	*socket = mpcnet_device_socket(name, err);
	return *socket < 0 ? *socket : 0;
}

static void on_event(void *arg, const struct mpcnet_device *device, uint32_t event)
{
	const struct mpcnet_peer *peer = device->peers;
	struct kernel *kernel = arg;

	if (strcmp(device->name, kernel->name))
		return;
	if (event == MPCNET_EVENT_DEADLINE)
		kernel->ops->deadline(kernel->arg);
	if (!device->peer_count)
		return;
	if (event == MPCNET_EVENT_HANDSHAKE)
		kernel->ops->handshake(kernel->arg, peer->public_key);
	else if (event == MPCNET_EVENT_ENDPOINT)
		kernel->ops->moved(kernel->arg, peer->public_key, &peer->endpoint, peer->relayed);
}

static void on_ready(void *arg, uint32_t events)
{
	struct kernel *kernel = arg;
	int ret;

	(void)events;
	do {
		ret = mpcnet_events_take(&kernel->nl, on_event, kernel);
		if (ret == -ENOBUFS)
			kernel->ops->lost(kernel->arg);
	} while (kernel->watch.fd >= 0 && (!ret || ret == -ENOBUFS || ret == -EINTR));
}

/**
 * kernel_watch() - be told what happens to the interface
 * @kernel: the interface
 * @ops: what it tells
 * @arg: handed to @ops
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_watch(struct kernel *kernel, const struct kernel_ops *ops, void *arg,
		 struct mpcnet_err *err)
{
	int ret = mpcnet_nl_open_genl(&kernel->nl, err);

	if (ret)
		return ret;
	kernel->ops = ops;
	kernel->arg = arg;
	ret = mpcnet_events_join(&kernel->nl, err);
	kernel->watch = (struct loop_fd){
		.fd = fcntl(mnl_socket_get_fd(kernel->nl.sock), F_DUPFD_CLOEXEC, 0),
		.ready = on_ready,
		.arg = kernel,
	};
	if (!ret && fcntl(kernel->watch.fd, F_SETFL, O_NONBLOCK)) {
		mpcnet_err_set(err, "cannot watch for events: %s", strerror(errno));
		ret = -errno;
	}
	if (!ret)
		ret = loop_watch(&kernel->watch, EPOLLIN, err);
	if (ret)
		kernel_close(kernel);
	return ret;
}

/**
 * kernel_close() - be told no more; the interface stays
 * @kernel: the interface
 */
void kernel_close(struct kernel *kernel)
{
	if (kernel->watch.fd < 0)
		return;
	loop_forget(&kernel->watch);
	mpcnet_nl_close(&kernel->nl);
}

/**
 * kernel_remove() - remove the interface, and all that it holds
 * @kernel: the interface
 * @err: says why not
 *
 * Return: 0, also if it is gone already, or -errno.
 */
int kernel_remove(struct kernel *kernel, struct mpcnet_err *err)
{
	kernel_close(kernel);
	if (!kernel_is_there(kernel))
		return 0;
	return mpcnet_rtlink_del(kernel->name, err);
}

static int set_peer(struct kernel *kernel, struct mpcnet_peer *peer, struct mpcnet_err *err)
{
	struct mpcnet_device device = { .peers = peer, .peer_count = 1 };

	memcpy(device.name, kernel->name, sizeof(device.name));
	return mpcnet_device_set(&device, err);
}

/**
 * kernel_add_peer() - add a party, without a way to it yet
 * @kernel: the interface
 * @public_key: its key
 * @psk: pre-shared key of the pair
 * @ips: its addresses inside
 * @count: how many
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_add_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		    const uint8_t psk[MPCNET_KEY_LEN], const struct mpcnet_allowedip *ips,
		    unsigned int count, struct mpcnet_err *err)
{
	struct mpcnet_allowedip copy[4];
	struct mpcnet_peer peer = {
		.has = MPCNET_PEER_HAS_PSK,
		.flags = MPCNET_PEER_F_REPLACE_ALLOWEDIPS,
		.ips = copy,
		.ip_count = count,
	};
	int ret;

	if (count > sizeof(copy) / sizeof(copy[0]))
		return mpcnet_err_set(err, "a party has too many addresses"), -EINVAL;
	memcpy(copy, ips, count * sizeof(copy[0]));
	memcpy(peer.public_key, public_key, MPCNET_KEY_LEN);
	memcpy(peer.psk, psk, MPCNET_KEY_LEN);
	ret = set_peer(kernel, &peer, err);
	explicit_bzero(peer.psk, MPCNET_KEY_LEN);
	return ret;
}

/**
 * kernel_renew_peer() - another key for a party, and a handshake with it at once
 * @kernel: the interface
 * @public_key: its key
 * @psk: pre-shared key of the pair from now on
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_renew_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		      const uint8_t psk[MPCNET_KEY_LEN], struct mpcnet_err *err)
{
	struct mpcnet_peer peer = {
		.has = MPCNET_PEER_HAS_PSK | MPCNET_PEER_HAS_HANDSHAKE,
		.flags = MPCNET_PEER_F_UPDATE_ONLY,
	};
	int ret;

	memcpy(peer.public_key, public_key, MPCNET_KEY_LEN);
	memcpy(peer.psk, psk, MPCNET_KEY_LEN);
	ret = set_peer(kernel, &peer, err);
	explicit_bzero(peer.psk, MPCNET_KEY_LEN);
	return ret;
}

/**
 * kernel_use() - have packets for a party take a path
 * @kernel: the interface
 * @public_key: the party's key
 * @remote: where to, if directly
 * @relay: else the relay's address
 * @channel: the channel there, 0 for a direct path
 * @first: there was no path yet: begin a handshake
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_use(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
	       const union mpcnet_endpoint *remote, const union mpcnet_endpoint *relay,
	       uint16_t channel, bool first, struct mpcnet_err *err)
{
	struct mpcnet_peer peer = { .flags = MPCNET_PEER_F_UPDATE_ONLY };

	memcpy(peer.public_key, public_key, MPCNET_KEY_LEN);
	if (channel) {
		peer.has |= MPCNET_PEER_HAS_RELAY | MPCNET_PEER_HAS_CHANNEL;
		peer.relay = *relay;
		peer.channel = channel;
	} else {
		peer.has |= MPCNET_PEER_HAS_ENDPOINT;
		peer.endpoint = *remote;
	}
	if (first) {
		peer.has |= MPCNET_PEER_HAS_KEEPALIVE;
		peer.keepalive = KEEPALIVE;
	}
	return set_peer(kernel, &peer, err);
}

/**
 * kernel_remove_peer() - remove a party and its keys
 * @kernel: the interface
 * @public_key: the party's key
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int kernel_remove_peer(struct kernel *kernel, const uint8_t public_key[MPCNET_KEY_LEN],
		       struct mpcnet_err *err)
{
	struct mpcnet_peer peer = { .flags = MPCNET_PEER_F_REMOVE_ME };

	memcpy(peer.public_key, public_key, MPCNET_KEY_LEN);
	return set_peer(kernel, &peer, err);
}
