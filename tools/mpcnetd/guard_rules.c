// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of a session as text. A table of its own cannot let in what another
 * table drops: a firewall of the machine is obeyed as well.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "text.h"

/*
 * Without connection tracking, IPv6 fragments come here one by one. The kernel
 * puts none together of which the first ends within the header of TCP or UDP
 * (RFC 7112), but does if it ends within a header before: these are dropped here.
 * Of the others the first shows its port.
 */
static const char chains[] =
	"	chain input {\n"
	"		type filter hook input priority filter - 10; policy accept;\n"
	"		iifname \"lo\" accept\n"
	"		iifname \"%1$s\" goto inside\n"
	"		ip daddr @own4 drop\n"
	"		ip6 daddr @own6 drop\n"
	"		exthdr frag exists jump fragments\n"
	"		tcp flags & (fin | syn | rst | ack) == syn tcp dport @tcp_ports drop\n"
	"		udp dport @udp_ports drop\n"
	"	}\n"
	"	chain fragments {\n"
	"		meta l4proto != 255 return\n"
	"		drop\n"
	"	}\n"
	"	chain inside {\n"
	"		ip daddr @own4 goto members\n"
	"		ip6 daddr @own6 goto members\n"
	"		drop\n"
	"	}\n"
	/* When the interface is gone, its packets must not go another way, in clear. */
	"	chain output {\n"
	"		type filter hook output priority filter - 10; policy accept;\n"
	"		oifname \"lo\" accept\n"
	"		oifname \"%1$s\" goto outward\n"
	"		ip daddr @net4 drop\n"
	"		ip6 daddr @net6 drop\n"
	"	}\n"
	"	chain forward {\n"
	"		type filter hook forward priority filter - 10; policy accept;\n"
	"		iifname \"%1$s\" drop\n"
	"		oifname \"%1$s\" drop\n"
	"	}\n";

static const char closed[] = "	chain members {\n"
			     "		meta l4proto { icmp, ipv6-icmp } accept\n"
			     "		udp dport %1$u accept\n"
			     "		drop\n"
			     "	}\n"
			     "	chain outward {\n"
			     "		meta l4proto { icmp, ipv6-icmp } accept\n"
			     "		udp dport %1$u accept\n"
			     "		drop\n"
			     "	}\n";

static const char opened[] = "	chain members {\n"
			     "		accept\n"
			     "	}\n"
			     "	chain outward {\n"
			     "		accept\n"
			     "	}\n";

/**
 * guard_name_is_valid() - may an interface be named in the text of rules?
 * @interface: its name
 *
 * Return: true if nothing in it means anything there.
 */
bool guard_name_is_valid(const char *interface)
{
	size_t len = strnlen(interface, IF_NAMESIZE);

	return len && len < IF_NAMESIZE &&
	       strspn(interface, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_.-") == len;
}

static bool put_ports(struct mpcnet_text *text, const struct guard_ports *ports, bool udp)
{
	bool ok = mpcnet_text_add(text,
				  "	set %s_ports {\n"
				  "		type inet_service; flags interval; auto-merge\n",
				  udp ? "udp" : "tcp");
	const char *before = "		elements = { ";

	for (unsigned int i = 0; ok && i < ports->count; i++) {
		const struct guard_range *range = &ports->ranges[i];

		if (range->udp != udp)
			continue;
		ok = mpcnet_text_add(text, "%s%u-%u", before, range->first, range->last);
		before = ", ";
	}
	return ok && mpcnet_text_add(text, *before == ',' ? " }\n	}\n" : "	}\n");
}

static unsigned int prefix_len(const struct sockaddr *mask)
{
	const uint8_t *bytes =
		mask->sa_family == AF_INET6 ?
			(const uint8_t *)&((const struct sockaddr_in6 *)(const void *)mask)
				->sin6_addr :
			(const uint8_t *)&((const struct sockaddr_in *)(const void *)mask)
				->sin_addr;
	unsigned int len = 0, bits = mask->sa_family == AF_INET6 ? 128 : 32;

	while (len < bits && bytes[len / 8] & 0x80 >> len % 8)
		len++;
	return len;
}

/* Addresses of the link itself are not the session's: another link may have the same. */
static bool format(char text[INET6_ADDRSTRLEN], const struct ifaddrs *ifa, int family)
{
	const struct sockaddr_in6 *in6 = (const void *)ifa->ifa_addr;
	const struct sockaddr_in *in = (const void *)ifa->ifa_addr;

	if (!in || in->sin_family != family || !ifa->ifa_netmask ||
	    (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr)))
		return false;
	return inet_ntop(family,
			 family == AF_INET6 ? (const void *)&in6->sin6_addr :
					      (const void *)&in->sin_addr,
			 text, INET6_ADDRSTRLEN);
}

/* A set of the interface's addresses, or of their networks: how many, -1 without memory. */
static int put_addresses(struct mpcnet_text *text, const struct ifaddrs *all, const char *interface,
			 int family, bool networks)
{
	const char *before = "		elements = { ";
	char address[INET6_ADDRSTRLEN];
	int count = 0;
	bool ok = mpcnet_text_add(text,
				  "	set %s%u {\n"
				  "		type ipv%u_addr%s\n",
				  networks ? "net" : "own", family == AF_INET6 ? 6 : 4,
				  family == AF_INET6 ? 6 : 4,
				  networks ? "; flags interval; auto-merge" : "");

	for (const struct ifaddrs *ifa = all; ok && ifa; ifa = ifa->ifa_next) {
		if (strcmp(ifa->ifa_name, interface) || !format(address, ifa, family))
			continue;
		ok = mpcnet_text_add(text, "%s%s", before, address);
		if (ok && networks)
			ok = mpcnet_text_add(text, "/%u", prefix_len(ifa->ifa_netmask));
		before = ", ";
		count++;
	}
	ok = ok && mpcnet_text_add(text, count ? " }\n	}\n" : "	}\n");
	return ok ? count : -1;
}

static int put_all_addresses(struct mpcnet_text *text, const char *interface,
			     struct mpcnet_err *err)
{
	struct ifaddrs *all;
	int own4, own6;
	bool ok;

	if (getifaddrs(&all))
		return mpcnet_err_set(err, "cannot list the addresses of %s", interface);
	own4 = put_addresses(text, all, interface, AF_INET, false);
	own6 = put_addresses(text, all, interface, AF_INET6, false);
	ok = own4 >= 0 && own6 >= 0 && put_addresses(text, all, interface, AF_INET, true) >= 0 &&
	     put_addresses(text, all, interface, AF_INET6, true) >= 0;
	freeifaddrs(all);
	if (ok && !own4 && !own6)
		return mpcnet_err_set(err, "%s has no address to be guarded", interface);
	return ok ? 0 : mpcnet_err_set(err, "there is no memory for the firewall rules");
}

static int check(const char *interface, const struct guard_ports *ports, struct mpcnet_err *err)
{
	if (!guard_name_is_valid(interface))
		return mpcnet_err_set(err, "the interface's name may have letters, digits, \"_\", "
					   "\".\" and \"-\" only");
	if (ports->count > GUARD_RANGES_MAX)
		return mpcnet_err_set(err, "at most %u ranges of ports can be guarded",
				      GUARD_RANGES_MAX);
	for (unsigned int i = 0; i < ports->count; i++) {
		const struct guard_range *range = &ports->ranges[i];

		if (!range->first || range->first > range->last)
			return mpcnet_err_set(err, "%u-%u is no range of ports", range->first,
					      range->last);
	}
	return 0;
}

/**
 * guard_rules() - the text of a session's table
 * @text: it is put behind this
 * @interface: the session's, with its addresses
 * @daemon_port: UDP port of the helpers
 * @ports: where the program listens
 * @open: the parties may talk, not only their helpers
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int guard_rules(struct mpcnet_text *text, const char *interface, uint16_t daemon_port,
		const struct guard_ports *ports, bool open, struct mpcnet_err *err)
{
	bool ok;

	if (check(interface, ports, err))
		return -1;
	/* All of it is one transaction: the table is never gone in between. */
	ok = mpcnet_text_add(text,
			     "add table inet mpcnet_%1$s\n"
			     "delete table inet mpcnet_%1$s\n"
			     "table inet mpcnet_%1$s {\n",
			     interface) &&
	     put_ports(text, ports, false) && put_ports(text, ports, true);
	if (ok && put_all_addresses(text, interface, err))
		return -1;
	ok = ok &&
	     (open ? mpcnet_text_add(text, opened) : mpcnet_text_add(text, closed, daemon_port));
	ok = ok && mpcnet_text_add(text, chains, interface) && mpcnet_text_add(text, "}\n");
	return ok ? 0 : mpcnet_err_set(err, "there is no memory for the firewall rules");
}
