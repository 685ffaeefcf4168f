// SPDX-License-Identifier: GPL-2.0
/*
 * The network interface: kind "mpcnet" of rtnetlink, and what happens to all
 * interfaces when a namespace goes, the machine sleeps or a VM is forked.
 *
 * ndo_init and ndo_uninit make and free all that stands in struct
 * mpcnet_device. The core has no packet under way on an interface that it
 * calls ndo_uninit for.
 */
#include "device.h"

#include <linux/ethtool.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/suspend.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#include "early.h"
#include "events.h"
#include "lookup.h"
#include "peer.h"
#include "socket.h"
#include "tx.h"

struct workqueue_struct *mpcnet_wq;
bool mpcnet_batch = true;

/* All interfaces, under the RTNL */
static LIST_HEAD(devices);

/*
 * There is no link layer to redirect anybody on. Of the two settings that count,
 * that of the namespace has to be off as well, as long as one interface is up.
 */
static void redirects_off(struct mpcnet_device *mpc)
{
	struct in_device *in_dev = __in_dev_get_rtnl(mpc->dev);
	struct net *net = dev_net(mpc->dev);

	if (!in_dev)
		return;
	IN_DEV_CONF_SET(in_dev, SEND_REDIRECTS, false);
	mpc->sent_redirects = IPV4_DEVCONF_ALL(net, SEND_REDIRECTS);
	IPV4_DEVCONF_ALL(net, SEND_REDIRECTS) = false;
}

static void redirects_back(struct mpcnet_device *mpc)
{
	struct net *net = dev_net(mpc->dev);
	struct mpcnet_device *other;

	if (!mpc->sent_redirects)
		return;
	mpc->sent_redirects = false;
	list_for_each_entry(other, &devices, entry) {
		if (other != mpc && dev_net(other->dev) == net &&
		    netif_running(other->dev)) {
			other->sent_redirects = true;
			return;
		}
	}
	IPV4_DEVCONF_ALL(net, SEND_REDIRECTS) = true;
}

static int open(struct net_device *dev)
{
	struct mpcnet_device *mpc = netdev_priv(dev);
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	struct mpcnet_socket *socket;
	struct mpcnet_peer *peer;

	if (in6_dev)
		in6_dev->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;

	mutex_lock(&mpc->update_lock);
	if (!rcu_access_pointer(mpc->socket)) { /* none was adopted */
		socket = mpcnet_socket_open(mpc, mpc->port);
		if (IS_ERR(socket)) {
			mutex_unlock(&mpc->update_lock);
			return PTR_ERR(socket);
		}
		mpc->port = socket->port;
		mpcnet_socket_use(mpc, socket);
	}
	redirects_off(mpc);
	list_for_each_entry(peer, &mpc->peers, entry) {
		mpcnet_tx_staged(peer);
		mpcnet_timers_persistent_changed(peer, true);
	}
	mutex_unlock(&mpc->update_lock);
	return 0;
}

static int stop(struct net_device *dev)
{
	struct mpcnet_device *mpc = netdev_priv(dev);
	struct mpcnet_socket *socket;
	struct mpcnet_peer *peer;

	redirects_back(mpc);
	mutex_lock(&mpc->update_lock);
	synchronize_net();	/* whoever saw the interface running is through */
	mpcnet_queue_stop(&mpc->queue);
	list_for_each_entry(peer, &mpc->peers, entry)
		mpcnet_peer_quiet(peer);
	socket = rcu_dereference_protected(mpc->socket,
					   lockdep_is_held(&mpc->update_lock));
	/* An adopted socket still serves its owner. */
	if (socket && !socket->file)
		mpcnet_socket_use(mpc, NULL);
	mutex_unlock(&mpc->update_lock);
	return 0;
}

/* Forget all sessions of an interface, but not what it is set to. */
static void forget_sessions(struct mpcnet_device *mpc)
{
	struct mpcnet_peer *peer;

	mutex_lock(&mpc->update_lock);
	list_for_each_entry(peer, &mpc->peers, entry) {
		timer_delete(&peer->timers.zero_keys);
		mpcnet_peer_forget(peer);
	}
	mutex_unlock(&mpc->update_lock);
}

/**
 * mpcnet_device_set_key() - set or remove an interface's static key
 * @mpc: interface
 * @private_key: private key; all zeros removes it
 * @hidden: never to be given out
 *
 * A peer of this very key is removed. Present sessions are sent with no more.
 *
 * Context: process, update_lock held.
 */
void mpcnet_device_set_key(struct mpcnet_device *mpc,
			   const u8 private_key[MPCNET_NOISE_KEY_LEN],
			   bool hidden)
{
	struct mpcnet_identity *identity = &mpc->identity;
	struct mpcnet_peer *peer, *self;

	lockdep_assert_held(&mpc->update_lock);
	down_write(&identity->lock);
	mpcnet_noise_identity_set(identity, private_key, hidden);
	list_for_each_entry(peer, &mpc->peers, entry) {
		mpcnet_noise_precompute(identity, &peer->handshake);
		mpcnet_keypair_expire_current(peer);
	}
	mpcnet_cookie_checker_set_key(&mpc->checker, identity->public_key);
	up_write(&identity->lock);

	rcu_read_lock();
	self = identity->set ? mpcnet_lookup_peer(mpc->lookup,
						  identity->public_key) : NULL;
	rcu_read_unlock();
	if (self)
		mpcnet_peer_remove(self);
	list_for_each_entry(peer, &mpc->peers, entry)
		mpcnet_tx_staged(peer);
}

/**
 * mpcnet_device_set_batch() - let messages pass in batches, or not
 * @mpc: interface
 * @on: they may
 *
 * Context: process, RTNL and update_lock held.
 */
void mpcnet_device_set_batch(struct mpcnet_device *mpc, bool on)
{
	struct mpcnet_socket *socket =
		rcu_dereference_protected(mpc->socket,
					  lockdep_is_held(&mpc->update_lock));

	WRITE_ONCE(mpc->batch, on);
	if (socket)
		mpcnet_early_batch(socket, on);
}

/* Section 3 of the design: the end that comes whether or not there is a helper */
static void expire(struct mpcnet_device *mpc)
{
	static const u8 no_key[MPCNET_NOISE_KEY_LEN];

	ASSERT_RTNL();
	dev_close(mpc->dev);
	mutex_lock(&mpc->update_lock);
	mpc->expires = 0;
	mpcnet_peer_remove_all(mpc);
	mpcnet_device_set_key(mpc, no_key, false);
	mpcnet_socket_use(mpc, NULL);
	mutex_unlock(&mpc->update_lock);
	mpcnet_event_deadline(mpc);
}

static void expiry_work(struct work_struct *work)
{
	struct mpcnet_device *mpc = container_of(work, struct mpcnet_device,
						 expiry);
	struct net_device *dev = mpc->dev;
	u64 expires;

	rtnl_lock();
	if (dev->reg_state == NETREG_REGISTERED) {
		/* It may have been moved since the timer fired. */
		expires = READ_ONCE(mpc->expires);
		if (expires && ktime_get_boottime_ns() >= expires)
			expire(mpc);
	}
	rtnl_unlock();
	dev_put(dev);
}

static enum hrtimer_restart deadline(struct hrtimer *timer)
{
	struct mpcnet_device *mpc = container_of(timer, struct mpcnet_device,
						 deadline);

	dev_hold(mpc->dev);
	if (!queue_work(system_unbound_wq, &mpc->expiry))
		dev_put(mpc->dev);
	return HRTIMER_NORESTART;
}

/**
 * mpcnet_device_set_expiry() - set, move or remove an interface's deadline
 * @mpc: interface
 * @expires: in ns of CLOCK_BOOTTIME; 0 for none, a time past for at once
 *
 * Context: process, RTNL and update_lock held.
 */
void mpcnet_device_set_expiry(struct mpcnet_device *mpc, u64 expires)
{
	lockdep_assert_held(&mpc->update_lock);
	hrtimer_cancel(&mpc->deadline);
	WRITE_ONCE(mpc->expires, expires);
	if (expires)
		hrtimer_start(&mpc->deadline, ns_to_ktime(expires),
			      HRTIMER_MODE_ABS_SOFT);
}

static int init(struct net_device *dev)
{
	struct mpcnet_device *mpc = netdev_priv(dev);
	int err = -ENOMEM;

	mpc->dev = dev;
	mpc->batch = READ_ONCE(mpcnet_batch);
	INIT_LIST_HEAD(&mpc->peers);
	mutex_init(&mpc->update_lock);
	mpcnet_allowedips_init(&mpc->allowedips);
	mpcnet_noise_identity_init(&mpc->identity);
	mpcnet_cookie_checker_init(&mpc->checker);
	mpcnet_queue_init(mpc);
	hrtimer_init(&mpc->deadline, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
	mpc->deadline.function = deadline;
	INIT_WORK(&mpc->expiry, expiry_work);

	mpc->lookup = mpcnet_lookup_alloc();
	if (!mpc->lookup)
		return err;
	mpc->counts = alloc_percpu(struct mpcnet_device_counts);
	if (!mpc->counts)
		goto err_lookup;
	err = mpcnet_intake_init(&mpc->intake, dev);
	if (err)
		goto err_counts;
	list_add_tail(&mpc->entry, &devices);
	return 0;

err_counts:
	free_percpu(mpc->counts);
err_lookup:
	kvfree(mpc->lookup);
	return err;
}

static void uninit(struct net_device *dev)
{
	struct mpcnet_device *mpc = netdev_priv(dev);

	list_del(&mpc->entry);
	hrtimer_cancel(&mpc->deadline);
	if (cancel_work(&mpc->expiry))
		dev_put(dev);

	mutex_lock(&mpc->update_lock);
	mpcnet_socket_use(mpc, NULL);
	mpcnet_queue_stop(&mpc->queue);
	mpcnet_peer_remove_all(mpc);
	mpcnet_allowedips_free(&mpc->allowedips, &mpc->update_lock);
	mutex_unlock(&mpc->update_lock);

	mpcnet_intake_destroy(&mpc->intake);
	free_percpu(mpc->counts);
	kvfree(mpc->lookup);
	memzero_explicit(mpc->identity.private_key, MPCNET_NOISE_KEY_LEN);
	memzero_explicit(&mpc->checker, sizeof(mpc->checker));
}

static const struct net_device_ops netdev_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = mpcnet_tx_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

/* Names of the counters of ethtool -S, in the order of enum mpcnet_device_counter */
static const char count_names[][ETH_GSTRING_LEN] = {
	[MPCNET_DEVICE_C_NO_PEER] = "no_peer",
	[MPCNET_DEVICE_C_UNKNOWN_INDEX] = "unknown_index",
	[MPCNET_DEVICE_C_MALFORMED] = "malformed",
	[MPCNET_DEVICE_C_BAD_MAC] = "bad_mac",
	[MPCNET_DEVICE_C_BAD_HANDSHAKE] = "bad_handshake",
	[MPCNET_DEVICE_C_HANDSHAKE_QUEUE_FULL] = "handshake_queue_full",
	[MPCNET_DEVICE_C_RATE_LIMITED] = "rate_limited",
	[MPCNET_DEVICE_C_COOKIE_SENT] = "cookie_sent",
	[MPCNET_DEVICE_C_FOREIGN] = "foreign",
	[MPCNET_DEVICE_C_FOREIGN_LIMITED] = "foreign_limited",
};

static_assert(ARRAY_SIZE(count_names) == MPCNET_DEVICE_C_LAST + 1);

#define FIRST_COUNT MPCNET_DEVICE_C_NO_PEER

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? ARRAY_SIZE(count_names) - FIRST_COUNT :
				     -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	if (set == ETH_SS_STATS)
		memcpy(data, count_names[FIRST_COUNT],
		       sizeof(count_names) - FIRST_COUNT * ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *data)
{
	struct mpcnet_device *mpc = netdev_priv(dev);
	int i;

	for (i = FIRST_COUNT; i < ARRAY_SIZE(count_names); i++)
		*data++ = mpcnet_counts_sum(mpc->counts, i);
}

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
}

static const struct ethtool_ops ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};

static const struct device_type device_type = { .name = KBUILD_MODNAME };

static void setup(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   NETIF_F_SG | NETIF_F_GSO |
					   NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA;

	dev->netdev_ops = &netdev_ops;
	dev->ethtool_ops = &ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_DISABLE_NETPOLL;
	dev->needs_free_netdev = true;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	netdev_set_lltx(dev);
	dev->features |= features;
	dev->hw_features |= features;
	dev->hw_enc_features |= features;
	dev->needed_headroom = MPCNET_HEADROOM;
	dev->needed_tailroom = MPCNET_TAILROOM;
	dev->mtu = ETH_DATA_LEN - MPCNET_OVERHEAD;
	dev->min_mtu = 0;
	dev->max_mtu = ALIGN_DOWN(INT_MAX, MPCNET_PAD_LEN) - MPCNET_OVERHEAD;
	SET_NETDEV_DEVTYPE(dev, &device_type);
	/* Otherwise the core would keep a dst that the path MTU is read from. */
	netif_keep_dst(dev);
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
}

static int newlink(struct net *src_net, struct net_device *dev,
		   struct nlattr *tb[], struct nlattr *data[],
		   struct netlink_ext_ack *extack)
{
	struct mpcnet_device *mpc = netdev_priv(dev);

	/* It may be made for another namespace: the socket stays here. */
	rcu_assign_pointer(mpc->birth_net, src_net);
	return register_netdevice(dev);
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct mpcnet_device),
	.setup = setup,
	.newlink = newlink,
};

/**
 * mpcnet_device_is() - is this an interface of ours?
 * @dev: network device
 *
 * Return: true if its private part is a struct mpcnet_device.
 */
bool mpcnet_device_is(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &link_ops;
}

/* The namespace in which an interface was made goes: its socket with it. */
static void net_pre_exit(struct net *net)
{
	struct mpcnet_device *mpc;

	rtnl_lock();
	list_for_each_entry(mpc, &devices, entry) {
		if (rcu_access_pointer(mpc->birth_net) != net)
			continue;
		mutex_lock(&mpc->update_lock);
		netif_carrier_off(mpc->dev);
		mpcnet_socket_use(mpc, NULL);
		rcu_assign_pointer(mpc->birth_net, NULL);
		mutex_unlock(&mpc->update_lock);
	}
	rtnl_unlock();
}

static struct pernet_operations net_ops = { .pre_exit = net_pre_exit };

static void forget_all_sessions(void)
{
	struct mpcnet_device *mpc;

	rtnl_lock();
	list_for_each_entry(mpc, &devices, entry)
		forget_sessions(mpc);
	rtnl_unlock();
	rcu_barrier();	/* the keys are zeroed when this returns */
}

static int pm_event(struct notifier_block *block, unsigned long action,
		    void *data)
{
	if (action == PM_HIBERNATION_PREPARE || action == PM_SUSPEND_PREPARE)
		forget_all_sessions();
	return NOTIFY_DONE;
}

/* Two copies of a VM must not send with the same counters. */
static int vm_forked(struct notifier_block *block, unsigned long action,
		     void *data)
{
	forget_all_sessions();
	return NOTIFY_DONE;
}

static struct notifier_block pm_block = { .notifier_call = pm_event };
static struct notifier_block vm_block = { .notifier_call = vm_forked };

/**
 * mpcnet_device_init() - let interfaces be made
 *
 * Return: 0 or an error.
 */
int __init mpcnet_device_init(void)
{
	int err;

	mpcnet_wq = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!mpcnet_wq)
		return -ENOMEM;
	err = register_pernet_device(&net_ops);
	if (err)
		goto err_wq;
	err = register_pm_notifier(&pm_block);
	if (err)
		goto err_net;
	err = register_random_vmfork_notifier(&vm_block);
	if (err)
		goto err_pm;
	err = rtnl_link_register(&link_ops);
	if (err)
		goto err_vm;
	return 0;

err_vm:
	unregister_random_vmfork_notifier(&vm_block);
err_pm:
	unregister_pm_notifier(&pm_block);
err_net:
	unregister_pernet_device(&net_ops);
err_wq:
	destroy_workqueue(mpcnet_wq);
	return err;
}

/**
 * mpcnet_device_exit() - remove all interfaces
 */
void mpcnet_device_exit(void)
{
	rtnl_link_unregister(&link_ops);
	unregister_random_vmfork_notifier(&vm_block);
	unregister_pm_notifier(&pm_block);
	unregister_pernet_device(&net_ops);
	destroy_workqueue(mpcnet_wq);
	rcu_barrier();	/* callbacks that free keypairs and peers are ours */
}
