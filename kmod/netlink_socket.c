// SPDX-License-Identifier: GPL-2.0
/*
 * Give an adopted socket to a helper that has no descriptor of it: the one that
 * handed it down is gone, the socket and its links are not.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "device.h"
#include "mpcnet_nl.h"
#include "netlink.h"
#include "socket.h"

/*
 * Only who could have given the socket: the interface may have been moved to a
 * namespace whose root has no say where the socket is, and would send and
 * receive there.
 */
static bool may_have(struct sk_buff *msg, const struct mpcnet_socket *socket)
{
	const struct sock *sk = socket->sk6 ?: socket->sk4;

	return netlink_ns_capable(msg, sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

/* The adopted socket's file, with a reference for the caller, or an error */
static struct file *adopted(struct mpcnet_device *mpc, struct sk_buff *msg,
			    struct netlink_ext_ack *extack)
{
	const struct mpcnet_socket *socket =
		rcu_dereference_protected(mpc->socket,
					  lockdep_is_held(&mpc->update_lock));

	if (!socket || !socket->file) {
		NL_SET_ERR_MSG(extack, "The interface opens its socket itself");
		return ERR_PTR(-ENOENT);
	}
	if (!may_have(msg, socket)) {
		NL_SET_ERR_MSG(extack,
			       "This needs CAP_NET_ADMIN where the interface was made");
		return ERR_PTR(-EPERM);
	}
	return get_file(socket->file);
}

static struct file *find(struct sk_buff *msg, struct genl_info *info)
{
	struct mpcnet_device *mpc;
	struct file *file;

	rtnl_lock();
	mpc = mpcnet_nl_find(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(mpc)) {
		file = ERR_CAST(mpc);
	} else {
		mutex_lock(&mpc->update_lock);
		file = adopted(mpc, msg, info->extack);
		mutex_unlock(&mpc->update_lock);
	}
	rtnl_unlock();
	return file;
}

static int answer(struct genl_info *info, int fd)
{
	struct sk_buff *reply = genlmsg_new(nla_total_size(sizeof(u32)),
					    GFP_KERNEL);
	void *header;

	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &mpcnet_nl_family, 0,
				   MPCNET_CMD_GET_SOCKET);
	if (!header || nla_put_u32(reply, MPCNET_DEVICE_A_SOCKET_FD, fd)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/**
 * mpcnet_nl_get_socket_doit() - give the caller a descriptor of an adopted socket
 * @msg: message
 * @info: what it says
 *
 * Generic netlink calls this from within the sender's sendmsg(), so the
 * descriptor is made in the sender's process, whoever reads the answer.
 *
 * The number is reserved, told, and filled last: a reserved number can be given
 * back when the answer cannot be sent; an open descriptor could not, for other
 * threads may use it already. Once sendmsg() has returned it is open.
 *
 * Return: 0, or an error after which no descriptor was made: -ENOENT if there
 * is no adopted socket, -EPERM, -EMFILE.
 */
int mpcnet_nl_get_socket_doit(struct sk_buff *msg, struct genl_info *info)
{
	struct file *file = find(msg, info);
	int fd, err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		NL_SET_ERR_MSG(info->extack, "The caller has no descriptor left");
		fput(file);
		return fd;
	}
	err = answer(info, fd);
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);	/* takes over the reference */
	return 0;
}
