/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/genetlink.h>

#ifndef _MPCNET_COMPAT_GENETLINK_H
#define _MPCNET_COMPAT_GENETLINK_H

/**
 * genl_dump_attrs() - attributes of the request that a dump answers
 * @cb: state of the dump
 *
 * In struct genl_info since 6.6.
 *
 * Return: table of attributes.
 */
static inline struct nlattr **genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* _MPCNET_COMPAT_GENETLINK_H */
