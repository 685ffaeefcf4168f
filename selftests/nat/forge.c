// SPDX-License-Identifier: GPL-2.0
/*
 * A stranger who forges STUN (RFC 8489), without any key. As probe.c, it shares
 * no code with what it is there to judge.
 *
 *	forge answers SRC PORT DST PORT
 *		answers of a STUN server that nobody asked for: another
 *		transaction each, and an address that is nobody's
 *	forge overhear DEV
 *		print the first check (a Binding request with USERNAME) that
 *		comes in by that device, in hexadecimal
 *	forge checks SRC PORT DST PORT HEX
 *		send that check with a MESSAGE-INTEGRITY-SHA256 that is wrong
 *		by one bit, all else being right, and say how many answers came
 *	forge copies SRC PORT DST PORT HEX
 *		send it as it is, and say how many answers came
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 1500
#define HEADER 20
#define COUNT 10
#define PAUSE_MS 20
#define LISTEN_MS 500

#define COOKIE 0x2112a442
#define REQUEST 0x0001
#define SUCCESS 0x0101
#define USERNAME 0x0006
#define SHA256 0x001c
#define XOR_MAPPED 0x0020
#define FINGERPRINT 0x8028
#define FINGERPRINT_XOR 0x5354554e

/* What no candidate may be: see failures.sh */
#define FORGED_ADDRESS "45.45.66.66"
#define FORGED_PORT 6666

/**
 * struct message - a STUN message
 * @data: its bytes
 * @len: how many
 */
struct message {
	uint8_t data[ROOM];
	size_t len;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, 2);
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, 4);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void new_transaction(struct message *m)
{
	if (getrandom(m->data + 8, HEADER - 8, 0) != HEADER - 8)
		die("forge: getrandom");
}

/* Return: where the attribute begins, 0 if there is none. */
static size_t find(const struct message *m, uint16_t type)
{
	for (size_t at = HEADER; at + 4 <= m->len; at += 4 + ((get16(m->data + at + 2) + 3u) & ~3u))
		if (get16(m->data + at) == type)
			return at;
	return 0;
}

/* ISO 3309, as RFC 8489 section 14.7 has it */
static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *data++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* It is the last attribute of all. */
static void mend_fingerprint(struct message *m)
{
	put32(m->data + m->len - 4, crc32(m->data, m->len - 8) ^ FINGERPRINT_XOR);
}

static void make_answer(struct message *m)
{
	uint8_t *at = m->data + HEADER;

	put16(m->data, SUCCESS);
	put16(m->data + 2, 12);
	put32(m->data + 4, COOKIE);
	new_transaction(m);
	put16(at, XOR_MAPPED);
	put16(at + 2, 8);
	at[4] = 0;
	at[5] = 1; /* IPv4 */
	put16(at + 6, FORGED_PORT ^ COOKIE >> 16);
	put32(at + 8, ntohl(inet_addr(FORGED_ADDRESS)) ^ COOKIE);
	m->len = HEADER + 12;
}

static void read_check(struct message *m, const char *hex)
{
	unsigned int byte;

	for (m->len = 0; m->len < ROOM && sscanf(hex + 2 * m->len, "%2x", &byte) == 1; m->len++)
		m->data[m->len] = (uint8_t)byte;
	if (!find(m, SHA256) || find(m, FINGERPRINT) + 8 != m->len) {
		fprintf(stderr, "forge: that is no check\n");
		exit(2);
	}
}

static void spoil(struct message *m)
{
	new_transaction(m);
	m->data[find(m, SHA256) + 4] ^= 1;
	mend_fingerprint(m);
}

static struct sockaddr_in address(char **words)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(atoi(words[1])) };

	if (inet_pton(AF_INET, words[0], &in.sin_addr) != 1)
		die(words[0]);
	return in;
}

static int open_socket(char **words)
{
	struct sockaddr_in from = address(words), to = address(words + 2);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (void *)&from, sizeof(from)) ||
	    connect(fd, (void *)&to, sizeof(to)))
		die("forge: socket");
	return fd;
}

static int count_answers(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t data[ROOM];
	int count = 0;

	while (poll(&p, 1, LISTEN_MS) > 0)
		if (recv(fd, data, sizeof(data), 0) >= HEADER && get16(data) == SUCCESS)
			count++;
	return count;
}

static int answers(char **words)
{
	int fd = open_socket(words);
	struct message m;

	for (int i = 0; i < COUNT; i++) {
		make_answer(&m);
		if (send(fd, m.data, m.len, 0) < 0)
			die("forge: send");
		poll(NULL, 0, PAUSE_MS);
	}
	return 0;
}

static int checks(char **words, bool spoiled)
{
	int fd = open_socket(words);
	struct message m;

	read_check(&m, words[4]);
	for (int i = 0; i < COUNT; i++) {
		if (spoiled) {
			read_check(&m, words[4]);
			spoil(&m);
		}
		if (send(fd, m.data, m.len, 0) < 0)
			die("forge: send");
		poll(NULL, 0, PAUSE_MS);
	}
	printf("%d\n", count_answers(fd));
	return 0;
}

/* UDP over IPv4: is what it carries a check? */
static bool take(struct message *m, const uint8_t *packet, size_t len)
{
	size_t skip = (packet[0] & 15) * 4u + 8;

	if (len < skip + HEADER || packet[0] >> 4 != 4 || packet[9] != IPPROTO_UDP)
		return false;
	m->len = len - skip;
	memcpy(m->data, packet + skip, m->len);
	return get16(m->data) == REQUEST && find(m, USERNAME);
}

static int overhear(const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(dev),
	}, from;
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	socklen_t from_len = sizeof(from);
	uint8_t packet[ROOM];
	struct message m;
	ssize_t len;

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		die("forge: packets");
	do {
		len = recvfrom(fd, packet, sizeof(packet), 0, (void *)&from, &from_len);
	} while (len < HEADER || from.sll_pkttype != PACKET_HOST ||
		 !take(&m, packet, (size_t)len));
	for (size_t i = 0; i < m.len; i++)
		printf("%02x", m.data[i]);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "overhear") && argc == 3)
		return overhear(argv[2]);
	if (!strcmp(verb, "answers") && argc == 6)
		return answers(argv + 2);
	if (!strcmp(verb, "checks") && argc == 7)
		return checks(argv + 2, true);
	if (!strcmp(verb, "copies") && argc == 7)
		return checks(argv + 2, false);
	fprintf(stderr, "usage: forge answers|checks|copies SRC PORT DST PORT [HEX], overhear DEV\n");
	return 2;
}
