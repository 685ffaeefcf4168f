// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

#include <net/if.h>
#include <stddef.h>

#include "log.h"
#include "text.h"

/**
 * guard_ports_mpyc() - the ports of MPyC
 * @ports: gets them
 * @parties: how many parties
 */
void guard_ports_mpyc(struct guard_ports *ports, unsigned int parties)
{
	*ports = (struct guard_ports){ .count = 1 };
	ports->ranges[0].first = GUARD_PORT_MPYC;
	ports->ranges[0].last = (uint16_t)(GUARD_PORT_MPYC + parties - 1);
}

/**
 * guard_up() - guard a session, or change how
 * @interface: its interface, which has its addresses already
 * @daemon_port: UDP port at which the helpers talk with each other by the interface
 * @ports: where its program listens; NULL if that is not known
 * @open: false: by the interface only these helpers, and ICMP; true: the parties
 * @err: says why not
 *
 * A table that is there is replaced, without a moment in between.
 *
 * Return: 0; or not 0, and the rules are what they were.
 */
int guard_up(const char *interface, uint16_t daemon_port, const struct guard_ports *ports,
	     bool open, struct mpcnet_err *err)
{
	static const struct guard_ports none;
	struct mpcnet_text text = { 0 };
	int ret = guard_nft_check(err);

	if (!ret)
		ret = guard_rules(&text, interface, daemon_port, ports ? ports : &none, open, err);
	if (!ret)
		ret = guard_nft_others(interface, ports ? ports : &none, err);
	if (!ret)
		ret = guard_nft_run(text.data, err);
	mpcnet_text_free(&text);
	return ret;
}

/**
 * guard_down() - remove a session's rules
 * @interface: its interface, which may be gone
 */
void guard_down(const char *interface)
{
	struct mpcnet_text text = { 0 };
	struct mpcnet_err err;

	/* Where there is no nftables there are no rules. */
	if (!guard_name_is_valid(interface) || guard_nft_check(&err))
		return;
	/* Also if it is not there. */
	if (mpcnet_text_add(&text, "add table inet mpcnet_%1$s\ndelete table inet mpcnet_%1$s\n",
			    interface) &&
	    guard_nft_run(text.data, &err))
		log_error("%s: %s", interface, err.text);
	mpcnet_text_free(&text);
}

static void remove_if_gone(const char *interface, void *arg)
{
	(void)arg;
	if (!if_nametoindex(interface))
		guard_down(interface);
}

/**
 * guard_sweep() - remove the rules of interfaces that are gone
 *
 * A helper that dies leaves its rules to the next, as it does its interfaces.
 */
void guard_sweep(void)
{
	struct mpcnet_err err;

	if (!guard_nft_check(&err) && guard_nft_tables(remove_if_gone, NULL, &err))
		log_error("%s", err.text);
}
