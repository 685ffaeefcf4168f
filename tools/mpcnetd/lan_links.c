// SPDX-License-Identifier: GPL-2.0
/* The multicast group on each of this machine's interfaces. */
#include "lan.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addr.h"
#include "rtlink.h"

/*
 * IPv4 has no range for groups that are one's own and stay on the link: RFC 2365
 * section 6.1 leaves 239.255.0.0/16 to the smallest scope there is, and a TTL of
 * 1 keeps it to the link. IPv6 has: scope 2, and the flag for groups that nobody
 * assigned (RFC 4291 section 2.7); the rest spells "mpcn". The port is below
 * those that Linux gives to sockets which ask for none.
 */
#define GROUP4 "239.255.77.67"
#define GROUP6 "ff12::6d70:636e"
#define PORT 21678

/* Bytes that may wait in a socket: all parties answer who comes. */
static const int room = 1048576;
static const int on = 1, off, ttl = 1;

static union mpcnet_endpoint group(enum lan_family family)
{
	union mpcnet_endpoint address = { 0 };

	if (family == LAN_IPV4) {
		address.in.sin_family = AF_INET;
		address.in.sin_port = htons(PORT);
		inet_pton(AF_INET, GROUP4, &address.in.sin_addr);
	} else {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port = htons(PORT);
		inet_pton(AF_INET6, GROUP6, &address.in6.sin6_addr);
	}
	return address;
}

static bool set(int fd, int level, int what, const int *value)
{
	return !setsockopt(fd, level, what, value, sizeof(*value));
}

static bool set_up(int fd, enum lan_family family)
{
	if (family == LAN_IPV4)
		return set(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl) &&
		       set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on) &&
		       set(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off);
	return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on) &&
	       set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl) &&
	       set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &on) &&
	       set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off);
}

/**
 * lan_socket() - a socket for the group
 * @family: of its addresses
 *
 * Other daemons of this host have the same. It takes what is sent to the group,
 * and of IPv6 to the port, as a group of the link cannot be bound to for all links.
 *
 * Return: the socket; -1, and errno says why not.
 */
int lan_socket(enum lan_family family)
{
	union mpcnet_endpoint address = group(family);
	int fd = socket(address.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (family == LAN_IPV6)
		address.in6.sin6_addr = in6addr_any;
	set(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room);
	if (fd >= 0 && set(fd, SOL_SOCKET, SO_REUSEADDR, &on) && set_up(fd, family) &&
	    !bind(fd, &address.sa, mpcnet_endpoint_len(&address)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void membership(int fd, unsigned int index, enum lan_family family, bool join)
{
	struct ip_mreqn v4 = { .imr_ifindex = (int)index };
	struct ipv6_mreq v6 = { .ipv6mr_interface = index };
	union mpcnet_endpoint address = group(family);

	/* Which it has already, it cannot get again. */
	v4.imr_multiaddr = address.in.sin_addr;
	if (family == LAN_IPV4) {
		setsockopt(fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &v4,
			   sizeof(v4));
		return;
	}
	v6.ipv6mr_multiaddr = address.in6.sin6_addr;
	setsockopt(fd, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &v6, sizeof(v6));
}

static void memberships(const struct lan *lan, const struct lan_link *link, bool join)
{
	for (int family = 0; family < LAN_FAMILIES; family++) {
		if (link->families & 1u << family && lan->sockets[family].watch.fd >= 0)
			membership(lan->sockets[family].watch.fd, link->index, family, join);
	}
}

static const struct lan_link *find(const struct lan_link *links, unsigned int count,
				   const struct lan_link *link)
{
	for (unsigned int i = 0; i < count; i++) {
		if (links[i].index == link->index && links[i].families == link->families)
			return &links[i];
	}
	return NULL;
}

static void add(struct lan_link *links, unsigned int *count, unsigned int index,
		unsigned int family)
{
	unsigned int i;

	for (i = 0; i < *count && links[i].index != index; i++)
		;
	if (!index || i == LAN_LINKS_MAX)
		return;
	if (i == *count)
		links[(*count)++] = (struct lan_link){ .index = index };
	links[i].families |= 1u << family;
}

static bool is_fit(const struct ifaddrs *ifa, const struct mpcnet_rtlink_list *ours)
{
	unsigned int needed = IFF_UP | IFF_MULTICAST;

	if (!ifa->ifa_addr || (ifa->ifa_flags & needed) != needed || ifa->ifa_flags & IFF_LOOPBACK)
		return false;
	for (size_t i = 0; i < ours->count; i++) {
		if (!strcmp(ours->names[i], ifa->ifa_name))
			return false;
	}
	return true;
}

/* Those that are up, with an address to send from, and none of a session's. */
static unsigned int find_links(struct lan_link links[LAN_LINKS_MAX])
{
	struct mpcnet_rtlink_list ours = { 0 };
	struct mpcnet_err ignored;
	unsigned int count = 0;
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return 0;
	mpcnet_rtlink_list(&ours, &ignored);
	for (struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next) {
		if (!is_fit(ifa, &ours))
			continue;
		if (ifa->ifa_addr->sa_family == AF_INET)
			add(links, &count, if_nametoindex(ifa->ifa_name), LAN_IPV4);
		else if (ifa->ifa_addr->sa_family == AF_INET6)
			add(links, &count, if_nametoindex(ifa->ifa_name), LAN_IPV6);
	}
	mpcnet_rtlink_list_free(&ours);
	freeifaddrs(all);
	return count;
}

/**
 * lan_look() - take the interfaces that there are now
 * @lan: the local network
 *
 * Return: true if one is new.
 */
bool lan_look(struct lan *lan)
{
	struct lan_link links[LAN_LINKS_MAX];
	unsigned int count = find_links(links);
	bool is_new = false;

	for (unsigned int i = 0; i < lan->link_count; i++) {
		if (!find(links, count, &lan->links[i]))
			memberships(lan, &lan->links[i], false);
	}
	for (unsigned int i = 0; i < count; i++) {
		if (!find(lan->links, lan->link_count, &links[i]))
			is_new = true;
		/* One that was down meanwhile may have lost it. */
		memberships(lan, &links[i], true);
	}
	memcpy(lan->links, links, count * sizeof(*links));
	lan->link_count = count;
	return is_new;
}

static bool send_on(int fd, unsigned int index, enum lan_family family, const void *data,
		    size_t len)
{
	union mpcnet_endpoint to = group(family);
	struct ip_mreqn v4 = { .imr_ifindex = (int)index };
	int rc;

	if (family == LAN_IPV4)
		rc = setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &v4, sizeof(v4));
	else
		rc = setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index));
	return !rc && sendto(fd, data, len, 0, &to.sa, mpcnet_endpoint_len(&to)) == (ssize_t)len;
}

/**
 * lan_send() - send to the group on each interface
 * @lan: the local network
 * @data: the packet
 * @len: its length
 *
 * Return: true if it went out at one.
 */
bool lan_send(const struct lan *lan, const void *data, size_t len)
{
	bool sent = false;

	for (unsigned int i = 0; i < lan->link_count; i++) {
		for (int family = 0; family < LAN_FAMILIES; family++) {
			int fd = lan->sockets[family].watch.fd;

			if (fd >= 0 && lan->links[i].families & 1u << family)
				sent |= send_on(fd, lan->links[i].index, family, data, len);
		}
	}
	return sent;
}
