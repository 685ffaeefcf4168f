// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody between the parties saw, and whether any of it was plain.
 *
 *	wiretap [-c] WIRE INNER...
 *
 * WIRE is a capture of the network between the parties, each INNER a capture
 * inside a party's tunnel interface (pcap; Ethernet, raw IP or Linux' cooked).
 * Every run of eight bytes of an inner TCP or UDP payload, and of the inner
 * addresses and ports, is looked for at every offset of every frame of WIRE.
 *
 * Not looked for are runs of fewer than four different values: there are
 * zeros in every header. Not looked into is the public header of a data
 * message (type, receiver, counter): it belongs to the tunnel alone.
 *
 * A message that goes by a relay is on the wire twice, once behind the header of
 * a TURN channel; it counts once.
 *
 * Exit status: 0 nothing found, 1 plaintext found, 2 the check was not possible,
 * also when fewer data messages were captured than packets were sent inside.
 * With -c (control) plaintext must be found: 0 found, 1 not found.
 */

#include <arpa/inet.h>
#include <err.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WINDOW		8
#define DISTINCT	4
#define DATA_HEADER	16
#define DATA_MIN	32
/* RFC 8656 section 12.4 */
#define CHANNEL_HEADER	4

#define PCAP_MICRO	0xa1b2c3d4
#define PCAP_NANO	0xa1b23c4d
#define LINK_ETHERNET	1
#define LINK_RAW	101
#define LINK_RAW_LINUX	12
#define LINK_COOKED2	276
#define COOKED2_HEADER	20

enum { INITIATION = 1, RESPONSE, COOKIE, DATA };

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, digits, snaplen, link;
};

struct pcap_record {
	uint32_t seconds, fraction, captured, length;
};

struct capture {
	const char *path;
	uint8_t *bytes;
	size_t len, next;
	uint32_t link;
};

/* A frame, and the parts of it that are there (else length 0) */
struct frame {
	const uint8_t *bytes, *addrs, *payload;
	size_t len, addrs_len, payload_len;
	uint16_t ethertype;
	uint8_t protocol;
};

/* Open addressing, 0 is an empty slot */
struct set {
	uint64_t *slots;
	size_t size, used;
};

/* What is looked for; and receiver and counter of the data messages seen, without keepalives */
static struct set windows, messages;

static struct {
	unsigned long frames, types[DATA + 1], keepalives, relayed, foreign_udp, tcp;
	unsigned long arp, ipv6, other, hits, hit_frames, bytes;
} wire;

/* What was sent inside, and how much of it can be searched for */
static unsigned long packets, payloads;

static void broken(const struct capture *cap, const char *why)
{
	errx(2, "%s: %s", cap->path, why);
}

static void capture_open(struct capture *cap, const char *path)
{
	struct pcap_header head;
	struct stat st;
	FILE *file = fopen(path, "rb");

	memset(cap, 0, sizeof(*cap));
	cap->path = path;
	if (!file || fstat(fileno(file), &st))
		err(2, "%s", path);
	cap->len = st.st_size;
	cap->bytes = malloc(cap->len + 1);
	if (!cap->bytes || fread(cap->bytes, 1, cap->len, file) != cap->len)
		err(2, "%s", path);
	fclose(file);

	if (cap->len < sizeof(head))
		broken(cap, "not a capture, too short");
	memcpy(&head, cap->bytes, sizeof(head));
	if (head.magic != PCAP_MICRO && head.magic != PCAP_NANO)
		broken(cap, "not a pcap file of this machine's byte order");
	if (head.link != LINK_ETHERNET && head.link != LINK_RAW && head.link != LINK_RAW_LINUX &&
	    head.link != LINK_COOKED2)
		broken(cap, "neither Ethernet nor raw IP, nor Linux' cooked");
	cap->link = head.link;
	cap->next = sizeof(head);
}

/* Find addresses, protocol and payload of an IP packet, as far as they go */
static void frame_ip(struct frame *f, const uint8_t *ip, size_t len)
{
	size_t head, skip = 0;

	if (len >= 20 && ip[0] >> 4 == 4) {
		head = (ip[0] & 15) * 4;
		f->protocol = ip[9];
		f->addrs = ip + 12;
		f->addrs_len = 8;
		f->ethertype = ETHERTYPE_IP;
		if (len > (size_t)(ip[2] << 8 | ip[3]))
			len = ip[2] << 8 | ip[3];
	} else if (len >= 40 && ip[0] >> 4 == 6) {
		head = 40;
		f->protocol = ip[6];
		f->addrs = ip + 8;
		f->addrs_len = 32;
		f->ethertype = ETHERTYPE_IPV6;
	} else {
		return;
	}
	if (f->protocol == IPPROTO_UDP)
		skip = 8;
	else if (f->protocol == IPPROTO_TCP && len >= head + 20)
		skip = (ip[head + 12] >> 4) * 4;
	if (!skip || len < head + skip)
		return;
	if (ip + head == f->addrs + f->addrs_len)
		f->addrs_len += 4;
	f->payload = ip + head + skip;
	f->payload_len = len - head - skip;
}

static bool capture_next(struct capture *cap, struct frame *f)
{
	struct pcap_record rec;
	size_t head = 0;

	memset(f, 0, sizeof(*f));
	if (cap->next == cap->len)
		return false;
	if (cap->len - cap->next < sizeof(rec))
		broken(cap, "ends within a record");
	memcpy(&rec, cap->bytes + cap->next, sizeof(rec));
	cap->next += sizeof(rec);
	if (rec.captured > cap->len - cap->next)
		broken(cap, "ends within a frame");
	if (rec.captured < rec.length)
		broken(cap, "frames are cut short, capture them whole");
	f->bytes = cap->bytes + cap->next;
	f->len = rec.captured;
	cap->next += rec.captured;

	if (cap->link == LINK_ETHERNET)
		head = sizeof(struct ether_header);
	else if (cap->link == LINK_COOKED2)
		head = COOKED2_HEADER;
	if (f->len < head)
		return true;
	if (cap->link == LINK_ETHERNET)
		f->ethertype = f->bytes[12] << 8 | f->bytes[13];
	frame_ip(f, f->bytes + head, f->len - head);
	return true;
}

static uint64_t *slot_of(const struct set *set, uint64_t value)
{
	size_t i = ((value * 0x9e3779b97f4a7c15ull) >> 20) & (set->size - 1);

	while (set->slots[i] && set->slots[i] != value)
		i = (i + 1) & (set->size - 1);
	return &set->slots[i];
}

static void set_insert(struct set *set, uint64_t value)
{
	uint64_t *slot = slot_of(set, value);

	set->used += !*slot;
	*slot = value;
}

static void set_grow(struct set *set)
{
	uint64_t *old = set->slots;
	size_t i, size = set->size;

	set->size = size ? size * 2 : 1 << 16;
	set->used = 0;
	set->slots = calloc(set->size, sizeof(*set->slots));
	if (!set->slots)
		err(2, "windows");
	for (i = 0; i < size; i++)
		if (old[i])
			set_insert(set, old[i]);
	free(old);
}

static void set_add(struct set *set, uint64_t value)
{
	if (set->used * 2 >= set->size)
		set_grow(set);
	set_insert(set, value);
}

static bool set_has(const struct set *set, uint64_t value)
{
	return value && *slot_of(set, value);
}

static bool telling(const uint8_t *p)
{
	int i, j, distinct = 0;

	for (i = 0; i < WINDOW && distinct < DISTINCT; i++) {
		for (j = 0; j < i && p[j] != p[i]; j++)
			;
		distinct += j == i;
	}
	return distinct >= DISTINCT;
}

/* Add every telling window; return whether there was one */
static bool windows_add(const uint8_t *p, size_t len)
{
	uint64_t window;
	bool any = false;

	for (; len >= WINDOW; p++, len--) {
		if (!telling(p))
			continue;
		memcpy(&window, p, WINDOW);
		set_add(&windows, window);
		any = true;
	}
	return any;
}

static unsigned long windows_find(const uint8_t *p, size_t len)
{
	unsigned long hits = 0;
	uint64_t window;

	for (; len >= WINDOW; p++, len--) {
		memcpy(&window, p, WINDOW);
		hits += set_has(&windows, window);
	}
	return hits;
}

static void inner_read(const char *path)
{
	struct capture cap;
	struct frame f;

	capture_open(&cap, path);
	while (capture_next(&cap, &f)) {
		if (f.protocol != IPPROTO_TCP && f.protocol != IPPROTO_UDP)
			continue;
		packets++;
		windows_add(f.addrs, f.addrs_len);
		payloads += windows_add(f.payload, f.payload_len);
	}
	free(cap.bytes);
}

/* The type of a message of the tunnel, or 0 */
static unsigned int message_type(const struct frame *f)
{
	static const size_t len[] = { [INITIATION] = 148, [RESPONSE] = 92, [COOKIE] = 64 };
	const uint8_t *p = f->payload;

	if (f->protocol != IPPROTO_UDP || f->payload_len < DATA_MIN)
		return 0;
	if (p[0] < INITIATION || p[0] > DATA || p[1] || p[2] || p[3])
		return 0;
	if (p[0] == DATA)
		return f->payload_len % 16 ? 0 : DATA;
	return f->payload_len == len[p[0]] ? p[0] : 0;
}

/* Within the channel of a relay: the payload without its header. Return whether it was one. */
static bool leave_channel(struct frame *f)
{
	const uint8_t *p = f->payload;

	if (f->protocol != IPPROTO_UDP || f->payload_len < CHANNEL_HEADER || p[0] >> 4 != 4 ||
	    (size_t)(p[2] << 8 | p[3]) != f->payload_len - CHANNEL_HEADER)
		return false;
	f->payload += CHANNEL_HEADER;
	f->payload_len -= CHANNEL_HEADER;
	return true;
}

/* A message is known by its receiver, and by its counter, of which the lower half is enough. */
static void message_count(const struct frame *f, bool in_channel)
{
	uint64_t message;

	wire.relayed += in_channel;
	memcpy(&message, f->payload + 4, sizeof(message));
	if (f->payload_len == DATA_MIN)
		wire.keepalives += !in_channel;
	else
		set_add(&messages, message);
}

static void wire_count(const struct frame *f, unsigned int type, bool in_channel)
{
	wire.frames++;
	wire.bytes += f->len;
	wire.types[type]++;
	if (type == DATA)
		message_count(f, in_channel);
	if (type)
		return;
	if (f->protocol == IPPROTO_TCP)
		wire.tcp++;
	else if (f->protocol == IPPROTO_UDP)
		wire.foreign_udp++;
	else if (f->ethertype == ETHERTYPE_ARP)
		wire.arp++;
	else if (f->ethertype == ETHERTYPE_IPV6)
		wire.ipv6++;
	else
		wire.other++;
}

static void wire_search(const char *path)
{
	struct capture cap;
	struct frame f;
	unsigned long hits;
	unsigned int type;
	bool in_channel;

	capture_open(&cap, path);
	while (capture_next(&cap, &f)) {
		in_channel = leave_channel(&f);
		type = message_type(&f);
		wire_count(&f, type, in_channel);
		if (type == DATA) {
			hits = windows_find(f.bytes, f.payload - f.bytes) +
			       windows_find(f.payload + DATA_HEADER, f.payload_len - DATA_HEADER);
		} else {
			hits = windows_find(f.bytes, f.len);
		}
		wire.hits += hits;
		wire.hit_frames += hits > 0;
	}
	free(cap.bytes);
}

static int report(void)
{
	printf("%lu frames, %lu bytes:\n", wire.frames, wire.bytes);
	printf("  %lu handshake initiations, %lu responses, %lu cookie replies\n",
	       wire.types[INITIATION], wire.types[RESPONSE], wire.types[COOKIE]);
	printf("  %zu data messages and %lu keepalives", messages.used, wire.keepalives);
	if (wire.relayed)
		printf("; %lu of both by the relay", wire.relayed);
	printf("\n  not of the tunnel: %lu UDP, %lu TCP, %lu ARP, %lu other IPv6, %lu other\n",
	       wire.foreign_udp, wire.tcp, wire.arp, wire.ipv6, wire.other);
	if (wire.hits) {
		printf("plaintext found: %lu runs of %d bytes in %lu of %lu frames\n",
		       wire.hits, WINDOW, wire.hit_frames, wire.frames);
		return 1;
	}
	if (messages.used < packets)
		errx(2, "%lu packets inside but %zu data messages outside: some were not captured",
		     packets, messages.used);
	printf("no plaintext found: %lu inner payloads searched in %lu captured bytes\n",
	       payloads, wire.bytes);
	return 0;
}

/* The search must find what is known to be there */
static int report_control(void)
{
	printf("control: the same search finds plaintext in %lu of %lu frames captured inside\n",
	       wire.hit_frames, wire.frames);
	return !wire.hits;
}

int main(int argc, char **argv)
{
	bool control = argc > 1 && !strcmp(argv[1], "-c");
	int i;

	argv += control;
	argc -= control;
	if (argc < 3)
		errx(2, "usage: wiretap [-c] WIRE INNER...");
	set_grow(&windows);
	set_grow(&messages);
	for (i = 2; i < argc; i++)
		inner_read(argv[i]);
	if (!payloads)
		errx(2, "no payload was captured inside, so there is nothing to search for");
	wire_search(argv[1]);
	if (!wire.frames)
		errx(2, "%s: nothing was captured", argv[1]);
	return control ? report_control() : report();
}
