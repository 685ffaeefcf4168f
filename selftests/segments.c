// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams in one GSO packet (UDP_SEGMENT) from one network namespace to
 * another: each is compared, its order and its checksum too.
 *
 *	segments FROM TO ADDR PORT ROUNDS SEED [max SIZE] [zero] [tap DEV]
 *
 * Each round sends a packet of random count and size, at most SIZE (1372). With
 * zero each datagram's sum is such that its checksum is sent as 0xffff. With
 * tap a packet socket of FROM keeps what passes DEV, and the sent must not
 * stand there in plain. Exit status 0: all is right.
 */
#include "netns_socket.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/udp.h>
#include <net/if.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdbool.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define MAX_COUNT	64
#define MAX_BYTES	65000
#define UDP_HEADER	8
#define WAIT		2000	/* milliseconds for a datagram */
#define PROBE		16	/* bytes that are looked for on the wire */

static struct {
	struct sockaddr_storage from, to;
	int sender, receiver, raw, tap;
	bool zero;
	unsigned int max;
} flow;

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint32_t add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint16_t port(const struct sockaddr_storage *ss)
{
	return ((const struct sockaddr_in *)ss)->sin_port;
}

static uint32_t add_address(uint32_t sum, const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET)
		return add(sum, &((const struct sockaddr_in *)ss)->sin_addr, 4);
	return add(sum, &((const struct sockaddr_in6 *)ss)->sin6_addr, 16);
}

/* Sum of the pseudo header, RFC 768 and RFC 8200 section 8.1 */
static uint32_t pseudo(size_t udp_len)
{
	return add_address(add_address(IPPROTO_UDP + udp_len, &flow.from), &flow.to);
}

/* Choose the last two bytes so that all sums up to 0xffff. */
static void make_zero(uint8_t *data, size_t len)
{
	uint16_t header[4] = { port(&flow.from), port(&flow.to), htons(len + UDP_HEADER) };
	uint8_t fix[2];
	uint32_t sum;

	memset(data + len - 2, 0, 2);
	sum = add(add(pseudo(len + UDP_HEADER), header, sizeof(header)), data, len);
	fix[0] = (0xffff - sum) >> 8;
	fix[1] = 0xffff - sum;
	data[len - 2] = len % 2 ? fix[1] : fix[0];
	data[len - 1] = len % 2 ? fix[0] : fix[1];
}

static void fill(uint8_t *data, size_t len, size_t size)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = next() >> 32;
	for (i = 0; flow.zero && i < len; i += size)
		make_zero(data + i, len - i < size ? len - i : size);
}

static void transmit(uint8_t *data, size_t len, uint16_t size)
{
	uint8_t control[CMSG_SPACE(sizeof(size))] __attribute__((aligned(8))) = { 0 };
	struct iovec part = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = IPPROTO_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	if (sendmsg(flow.sender, &msg, 0) != (ssize_t)len)
		err(1, "send %zu bytes by %u", len, size);
}

static ssize_t receive(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, WAIT) == 1 ? recv(fd, buf, len, 0) : -1;
}

/* The next datagram for our port, with its UDP header; its checksum is right. */
static void judge_checksum(void)
{
	static uint8_t packet[65536];
	uint8_t *udp = packet;
	ssize_t len;

	do {
		len = receive(flow.raw, packet, sizeof(packet));
		if (len < 0)
			errx(1, "no datagram at the raw socket");
		if (flow.to.ss_family == AF_INET)
			udp = packet + (packet[0] & 15) * 4;
		len -= udp - packet;
	} while (memcmp(udp + 2, &(uint16_t){ port(&flow.to) }, 2));
	if (!udp[6] && !udp[7])
		errx(1, "no checksum in a datagram of %zd bytes", len);
	if (add(pseudo(len), udp, len) != 0xffff)
		errx(1, "wrong checksum in a datagram of %zd bytes", len);
}

/* Another datagram, or one that was changed on its way? */
static void differs(const uint8_t *data, size_t len, size_t size, size_t expected,
		    const uint8_t *got)
{
	size_t i, same = 0;

	for (i = 0; i + size <= len; i += size)
		if (!memcmp(got, data + i, size))
			errx(1, "datagram %zu came where %zu was expected", i / size, expected);
	while (got[same] == data[expected * size + same])
		same++;
	errx(1, "datagram %zu of %zu bytes differs from byte %zu on", expected, size, same);
}

static void judge(const uint8_t *data, size_t len, size_t size)
{
	static uint8_t got[65536];
	size_t i, want;
	ssize_t found;

	for (i = 0; i < len; i += size) {
		want = len - i < size ? len - i : size;
		found = receive(flow.receiver, got, sizeof(got));
		if (found != (ssize_t)want)
			errx(1, "datagram %zu of %zu: %zd of %zu bytes", i / size,
			     (len + size - 1) / size, found, want);
		if (memcmp(got, data + i, want))
			differs(data, len, size, i / size, got);
		judge_checksum();
	}
}

/* What was kept of the wire has nothing of this. Returns the frames. */
static unsigned int judge_tap(const uint8_t *data, size_t len)
{
	static uint8_t frame[65536 + 64];
	unsigned int frames = 0;
	ssize_t got;
	size_t i;

	while ((got = recv(flow.tap, frame, sizeof(frame), MSG_DONTWAIT)) > 0) {
		frames++;
		for (i = 0; i + PROBE <= len; i += 256)
			if (memmem(frame, got, data + i, PROBE))
				errx(1, "a kept frame of %zd bytes shows what is inside", got);
	}
	return frames;
}

static void open_tap(const char *from, const char *dev)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	int size = 64 << 20;

	flow.tap = netns_socket(from, AF_PACKET, SOCK_RAW);
	netns_enter(from);
	name.sll_ifindex = if_nametoindex(dev);
	setsockopt(flow.tap, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (!name.sll_ifindex || bind(flow.tap, (struct sockaddr *)&name, sizeof(name)))
		err(1, "tap on %s", dev);
}

static int raw_socket(const char *ns, int family)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	netns_enter(ns);
	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd < 0 || home < 0 || setns(home, CLONE_NEWNET))
		err(1, "raw socket in %s", ns);
	close(home);
	return fd;
}

static void open_flow(char **argv)
{
	struct address to = address_parse(argv[3], strtoul(argv[4], NULL, 0));
	socklen_t len = sizeof(flow.from);
	int size = 16 << 20;

	flow.to = to.ss;
	flow.receiver = netns_socket(argv[2], to.ss.ss_family, SOCK_DGRAM);
	flow.sender = netns_socket(argv[1], to.ss.ss_family, SOCK_DGRAM);
	flow.raw = raw_socket(argv[2], to.ss.ss_family);
	setsockopt(flow.receiver, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(flow.raw, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(flow.receiver, (struct sockaddr *)&to.ss, to.len) ||
	    connect(flow.sender, (struct sockaddr *)&to.ss, to.len) ||
	    getsockname(flow.sender, (struct sockaddr *)&flow.from, &len))
		err(1, "%s", argv[3]);
}

static void one_round(unsigned int *frames)
{
	static uint8_t data[MAX_BYTES];
	size_t least = flow.zero ? 3 : 1, size = least + next() % (flow.max - least + 1);
	size_t count = 1 + next() % MAX_COUNT, len;

	if (next() % 4 == 0)	/* a full packet now and then */
		size = flow.max;
	len = size * count;
	if (len > sizeof(data))
		len = sizeof(data) - sizeof(data) % size;
	if (!flow.zero && len > size)
		len -= next() % size;
	fill(data, len, size);
	transmit(data, len, size);
	judge(data, len, size);
	if (flow.tap >= 0)
		*frames += judge_tap(data, len);
}

static void parse_words(int argc, char **argv)
{
	int i;

	flow.max = 1372;
	flow.tap = -1;
	for (i = 7; i < argc; i++) {
		if (!strcmp(argv[i], "zero"))
			flow.zero = true;
		else if (!strcmp(argv[i], "max") && i + 1 < argc)
			flow.max = strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "tap") && i + 1 < argc)
			open_tap(argv[1], argv[++i]);
		else
			errx(2, "unknown word %s", argv[i]);
	}
}

int main(int argc, char **argv)
{
	unsigned int i, rounds, frames = 0;

	if (argc < 7)
		errx(2, "usage: segments FROM TO ADDR PORT ROUNDS SEED [max SIZE] [zero] [tap DEV]");
	open_flow(argv);
	parse_words(argc, argv);
	rounds = strtoul(argv[5], NULL, 0);
	state = strtoull(argv[6], NULL, 0) * 0x9e3779b97f4a7c15ULL | 1;
	for (i = 0; i < rounds; i++)
		one_round(&frames);
	if (flow.tap >= 0 && frames < rounds)
		errx(1, "only %u frames were kept", frames);
	printf("%u rounds, %u frames kept\n", rounds, frames);
	return 0;
}
