// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <errno.h>
#include <linux/genetlink.h>

/* A device whose peers change all the time is asked so often, then given up. */
#define TRIES 100

static int on_part(const struct nlmsghdr *nlh, void *arg)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const char *payload = mnl_nlmsg_get_payload(nlh);
	int ret;

	if (len < GENL_HDRLEN)
		return MNL_CB_OK;
	ret = mpcnet_device_decode(arg, payload + GENL_HDRLEN, len - GENL_HDRLEN, NULL);
	errno = -ret;
	return ret ? MNL_CB_ERROR : MNL_CB_OK;
}

static int get_once(struct mpcnet_device *device, const char *name, struct mpcnet_err *err)
{
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open_genl(&nl, err);

	if (ret)
		return ret;
	nlh = mpcnet_nl_request_genl(&nl, MPCNET_CMD_GET_DEVICE, NLM_F_DUMP);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, name);
	ret = mpcnet_nl_talk(&nl, nlh, on_part, device, err);
	mpcnet_nl_close(&nl);
	return ret;
}

/* What every command of the family says of a name that is no interface of it. */
static void explain(int ret, const char *name, struct mpcnet_err *err)
{
	if (ret == -ENODEV)
		mpcnet_err_set(err, "there is no interface %s: mpcnetctl link add %s", name, name);
	else if (ret == -EOPNOTSUPP)
		mpcnet_err_set(err, "%s is no interface of mpcnet", name);
	else if (ret)
		mpcnet_err_prefix(err, "%s: ", name);
}

/**
 * mpcnet_device_get() - ask the kernel for an interface and all its peers
 * @device: gets it, which mpcnet_device_clear() frees
 * @name: name of the interface
 * @err: says why not
 *
 * Return: 0, or -errno and @device is empty.
 */
int mpcnet_device_get(struct mpcnet_device *device, const char *name, struct mpcnet_err *err)
{
	int ret = -EINTR;

	*device = (struct mpcnet_device){ 0 };
	for (unsigned int i = 0; i < TRIES && ret == -EINTR; i++) {
		mpcnet_device_clear(device);
		ret = get_once(device, name, err);
	}
	if (ret == -EINTR)
		mpcnet_err_set(err, "%s changes all the time: try again", name);
	else
		explain(ret, name, err);
	if (ret)
		mpcnet_device_clear(device);
	return ret;
}

/**
 * mpcnet_device_socket() - get the socket that an interface was given, again
 * @name: name of the interface
 * @err: says why not
 *
 * For a helper whose forerunner is gone: it is the same socket, with what has
 * come to it meanwhile.
 *
 * Return: a descriptor, close-on-exec, that the caller closes; or -errno:
 * -ENOENT if the interface opens its socket itself, or if the module is missing.
 */
int mpcnet_device_socket(const char *name, struct mpcnet_err *err)
{
	struct mpcnet_device device = { .socket_fd = -EBADMSG };
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open_genl(&nl, err);

	if (ret)
		return ret;
	nlh = mpcnet_nl_request_genl(&nl, MPCNET_CMD_GET_SOCKET, NLM_F_ACK);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, name);
	ret = mpcnet_nl_talk(&nl, nlh, on_part, &device, err);
	mpcnet_nl_close(&nl);
	if (ret == -ENOENT)
		mpcnet_err_set(err, "%s was given no socket: it opens its own", name);
	else
		explain(ret, name, err);
	if (!ret) {
		ret = device.socket_fd;
		if (ret < 0)
			mpcnet_err_set(err, "%s: the kernel's answer holds no socket", name);
	}
	mpcnet_device_clear(&device);
	return ret;
}
