// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/rtnetlink.h>

#include "bundle.h"
#include "device.h"
#include "early.h"
#include "netlink.h"
#include "noise.h"
#include "ratelimit.h"
#include "rx.h"
#include "selftest/selftest.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#ifdef DEBUG
unsigned int mpcnet_time_scale = 1;

static int set_time_scale(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 1, 1000);
}

static const struct kernel_param_ops time_scale_ops = {
	.set = set_time_scale,
	.get = param_get_uint,
};

module_param_cb(time_scale, &time_scale_ops, &mpcnet_time_scale, 0644);
MODULE_PARM_DESC(time_scale, "Divide all times of the protocol by this, 1 to 1000");
#endif

module_param_named(batch, mpcnet_batch, bool, 0644);
MODULE_PARM_DESC(batch, "New interfaces hand over messages in batches (UDP GSO and GRO); on");

static int __init mpcnet_init(void)
{
	int err;

	mpcnet_noise_init();
	err = mpcnet_ratelimit_init();
	if (err)
		return err;
	err = -ENOTRECOVERABLE;
	if (!mpcnet_selftest())
		goto err_ratelimit;
	err = mpcnet_early_init();
	if (err)
		goto err_ratelimit;
	err = mpcnet_device_init();
	if (err)
		goto err_early;
	err = mpcnet_netlink_init();
	if (err)
		goto err_device;
	return 0;

err_device:
	mpcnet_device_exit();
err_early:
	mpcnet_early_exit();
err_ratelimit:
	mpcnet_ratelimit_exit();
	return err;
}

static void __exit mpcnet_exit(void)
{
	mpcnet_netlink_exit();
	mpcnet_device_exit();
	mpcnet_early_exit();
	mpcnet_bundle_exit();
	mpcnet_rx_exit();
	mpcnet_ratelimit_exit();
}

module_init(mpcnet_init);
module_exit(mpcnet_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Encrypted overlay for multiparty computation");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY(MPCNET_FAMILY_NAME);
