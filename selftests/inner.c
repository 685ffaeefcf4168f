// SPDX-License-Identifier: GPL-2.0
/* Packets inside the tunnel, and the tap, see inner.h. */
#include "inner.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktap.h"
#include "outer.h"
#include "rig.h"

static int tap = -1;
static int tap_index;

static uint32_t add_up(const uint8_t *data, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

int inner_checksum_right(const uint8_t *packet)
{
	return !fold(add_up(packet, sizeof(struct iphdr), 0));
}

static void make4(uint8_t *packet, const struct inner *inner)
{
	struct iphdr *ip = (struct iphdr *)packet;
	struct icmphdr *icmp = (struct icmphdr *)(ip + 1);

	ip->version = 4;
	ip->ihl = 5;
	ip->tos = inner->tos;
	ip->tot_len = htons((uint16_t)inner->len);
	ip->ttl = 64;
	ip->protocol = IPPROTO_ICMP;
	inet_pton(AF_INET, inner->src, &ip->saddr);
	inet_pton(AF_INET, inner->dst, &ip->daddr);
	ip->check = fold(add_up(packet, sizeof(*ip), 0));
	icmp->type = inner->request ? ICMP_ECHO : ICMP_ECHOREPLY;
	icmp->un.echo.sequence = htons(inner->seq);
	icmp->checksum = fold(add_up((uint8_t *)icmp, inner->len - sizeof(*ip), 0));
}

static void make6(uint8_t *packet, const struct inner *inner)
{
	struct ip6_hdr *ip = (struct ip6_hdr *)packet;
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)(ip + 1);
	size_t len = inner->len - sizeof(*ip);

	ip->ip6_flow = htonl(6U << 28 | (uint32_t)inner->tos << 20);
	ip->ip6_plen = htons((uint16_t)len);
	ip->ip6_nxt = IPPROTO_ICMPV6;
	ip->ip6_hlim = 64;
	inet_pton(AF_INET6, inner->src, &ip->ip6_src);
	inet_pton(AF_INET6, inner->dst, &ip->ip6_dst);
	icmp->icmp6_type = inner->request ? ICMP6_ECHO_REQUEST : ICMP6_ECHO_REPLY;
	icmp->icmp6_seq = htons(inner->seq);
	icmp->icmp6_cksum = fold(add_up((uint8_t *)icmp, len,
					add_up((uint8_t *)&ip->ip6_src, 32, 0) + (uint32_t)len +
						IPPROTO_ICMPV6));
}

size_t inner_make(uint8_t *packet, const struct inner *inner)
{
	size_t i, start = strchr(inner->src, ':') ? INNER_MIN6 : INNER_MIN4;

	memset(packet, 0, start);
	for (i = start; i < inner->len; i++)
		packet[i] = (uint8_t)(i * 7 + inner->seq * 13);
	if (start == INNER_MIN6)
		make6(packet, inner);
	else
		make4(packet, inner);
	return inner->len;
}

const char *inner_judge_answer(const uint8_t *answer, size_t len, const uint8_t *request,
			       size_t request_len)
{
	size_t head = request[0] >> 4 == 4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);

	if (len != request_len)
		return "echo reply has another length than the request";
	if (answer[0] >> 4 != request[0] >> 4)
		return "echo reply is of another family";
	if (answer[head] != (head == sizeof(struct iphdr) ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
		return "answer is no echo reply";
	/* Past type and checksum, both are the same. */
	if (memcmp(answer + head + 4, request + head + 4, len - head - 4))
		return "echo reply has another content than the request";
	return NULL;
}

void inner_tap_open(void)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int size = 32 << 20;

	if (tap >= 0)
		close(tap);
	rig_enter(RIG_SIDE_MODULE);
	tap = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	tap_index = (int)if_nametoindex(RIG_LINK);
	rig_enter(RIG_SIDE_JUDGE);
	name.sll_ifindex = tap_index;
	setsockopt(tap, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (tap < 0 || bind(tap, (struct sockaddr *)&name, sizeof(name)))
		ktap_bail("the module's interface cannot be tapped");
}

void inner_tap_send(const uint8_t *packet, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = tap_index,
	};

	if (sendto(tap, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		ktap_diag("a packet of %zu bytes cannot be sent through the interface", len);
}

ssize_t inner_tap_receive(uint8_t *packet, int timeout_ms)
{
	struct pollfd poller = { .fd = tap, .events = POLLIN };
	uint64_t until = outer_now() + (uint64_t)timeout_ms;
	struct sockaddr_ll from;
	socklen_t from_len;
	ssize_t len;

	for (;;) {
		uint64_t now = outer_now();

		if (poll(&poller, 1, now < until ? (int)(until - now) : 0) <= 0)
			return -1;
		from_len = sizeof(from);
		len = recvfrom(tap, packet, INNER_MAX, MSG_DONTWAIT, (struct sockaddr *)&from,
			       &from_len);
		if (len >= 0 && from.sll_pkttype != PACKET_OUTGOING)
			return len;
	}
}
