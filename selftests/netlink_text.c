// SPDX-License-Identifier: GPL-2.0
/* A dump as lines of text. */
#include "netlink_lib.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

enum how { NUMBER, BYTES, STRING, ADDRESS, FLAG, NEST, PEERS, IPS, SKIP };

/**
 * struct show - how to print one attribute
 * @name: its name in the spec, NULL past the last number used
 * @how: what it holds
 * @nest: for NEST, the table of what is inside
 * @max: for NEST, the highest number in it
 */
struct show {
	const char *name;
	enum how how;
	const struct show *nest;
	unsigned int max;
};

#define C(set, num, text) [MPCNET_##set##_C_##num] = { text, NUMBER, NULL, 0 }

static const struct show peer_counters[] = {
	[MPCNET_PEER_C_PAD] = { "pad", SKIP, NULL, 0 },
	C(PEER, NO_KEY, "no-key"),
	C(PEER, KEY_EXPIRED, "key-expired"),
	C(PEER, REPLAY, "replay"),
	C(PEER, BAD_PACKET, "bad-packet"),
	C(PEER, SOURCE_NOT_ALLOWED, "source-not-allowed"),
	C(PEER, NO_ENDPOINT, "no-endpoint"),
	C(PEER, QUEUE_FULL, "queue-full"),
	C(PEER, UNREACHABLE, "unreachable"),
	C(PEER, NO_MEMORY, "no-memory"),
	C(PEER, SEND_FAILED, "send-failed"),
};

static const struct show device_counters[] = {
	[MPCNET_DEVICE_C_PAD] = { "pad", SKIP, NULL, 0 },
	C(DEVICE, NO_PEER, "no-peer"),
	C(DEVICE, UNKNOWN_INDEX, "unknown-index"),
	C(DEVICE, MALFORMED, "malformed"),
	C(DEVICE, BAD_MAC, "bad-mac"),
	C(DEVICE, BAD_HANDSHAKE, "bad-handshake"),
	C(DEVICE, HANDSHAKE_QUEUE_FULL, "handshake-queue-full"),
	C(DEVICE, RATE_LIMITED, "rate-limited"),
	C(DEVICE, COOKIE_SENT, "cookie-sent"),
	C(DEVICE, FOREIGN, "foreign"),
	C(DEVICE, FOREIGN_LIMITED, "foreign-limited"),
};

#define A(set, num, ...) [MPCNET_##set##_A_##num] = { __VA_ARGS__ }

static const struct show peer_attrs[] = {
	A(PEER, UNSPEC, "pad", SKIP, NULL, 0),
	A(PEER, PUBLIC_KEY, "public-key", SKIP, NULL, 0),
	A(PEER, PRESHARED_KEY, "preshared-key", BYTES, NULL, 0),
	A(PEER, FLAGS, "flags", NUMBER, NULL, 0),
	A(PEER, ENDPOINT, "endpoint", ADDRESS, NULL, 0),
	A(PEER, PERSISTENT_KEEPALIVE_INTERVAL, "keepalive", NUMBER, NULL, 0),
	A(PEER, LAST_HANDSHAKE_TIME, "last-handshake-time", BYTES, NULL, 0),
	A(PEER, RX_BYTES, "rx-bytes", NUMBER, NULL, 0),
	A(PEER, TX_BYTES, "tx-bytes", NUMBER, NULL, 0),
	A(PEER, ALLOWEDIPS, "allowed-ip", IPS, NULL, 0),
	A(PEER, PROTOCOL_VERSION, "protocol-version", NUMBER, NULL, 0),
	A(PEER, RELAY, "relay", ADDRESS, NULL, 0),
	A(PEER, RELAY_CHANNEL, "relay-channel", NUMBER, NULL, 0),
	A(PEER, RELAYED, "relayed", FLAG, NULL, 0),
	A(PEER, ROAM, "roam", NUMBER, NULL, 0),
	A(PEER, STATE, "state", NUMBER, NULL, 0),
	A(PEER, COUNTERS, "counter", NEST, peer_counters, MPCNET_PEER_C_LAST),
	A(PEER, PAD, "pad", SKIP, NULL, 0),
};

static const struct show device_attrs[] = {
	A(DEVICE, UNSPEC, "pad", SKIP, NULL, 0),
	A(DEVICE, IFINDEX, "ifindex", NUMBER, NULL, 0),
	A(DEVICE, IFNAME, "ifname", STRING, NULL, 0),
	A(DEVICE, PRIVATE_KEY, "private-key", BYTES, NULL, 0),
	A(DEVICE, PUBLIC_KEY, "public-key", BYTES, NULL, 0),
	A(DEVICE, FLAGS, "flags", NUMBER, NULL, 0),
	A(DEVICE, LISTEN_PORT, "listen-port", NUMBER, NULL, 0),
	A(DEVICE, FWMARK, "fwmark", NUMBER, NULL, 0),
	A(DEVICE, PEERS, "peers", PEERS, NULL, 0),
	A(DEVICE, SOCKET_FD, "socket-fd", NUMBER, NULL, 0),
	A(DEVICE, SOCKET_ADOPTED, "socket-adopted", FLAG, NULL, 0),
	A(DEVICE, BIND_ADDRESS, "bind-address", BYTES, NULL, 0),
	A(DEVICE, BIND_IFINDEX, "bind-ifindex", NUMBER, NULL, 0),
	A(DEVICE, EXPIRES, "expires", NUMBER, NULL, 0),
	A(DEVICE, NEW_PRIVATE_KEY, "new-private-key", FLAG, NULL, 0),
	A(DEVICE, COUNTERS, "counter", NEST, device_counters,
	  MPCNET_DEVICE_C_LAST),
	A(DEVICE, EVENT, "event", NUMBER, NULL, 0),
	A(DEVICE, PAD, "pad", SKIP, NULL, 0),
	A(DEVICE, BATCH, "batch", NUMBER, NULL, 0),
};

static void put_number(FILE *f, const struct nlattr *attr)
{
	uint64_t val = 0;

	/* Little-endian machines only, as is the rest of the laboratory. */
	if (mnl_attr_get_payload_len(attr) <= sizeof(val))
		memcpy(&val, mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
	fprintf(f, " %llu", (unsigned long long)val);
}

static void put_bytes(FILE *f, const struct nlattr *attr)
{
	const uint8_t *byte = mnl_attr_get_payload(attr);
	int i, len = mnl_attr_get_payload_len(attr);

	fputc(' ', f);
	for (i = 0; i < len; i++) {
		fputc_unlocked("0123456789abcdef"[byte[i] >> 4], f);
		fputc_unlocked("0123456789abcdef"[byte[i] & 15], f);
	}
}

static void put_address(FILE *f, const struct nlattr *attr)
{
	const struct sockaddr_in6 *sin6 = mnl_attr_get_payload(attr);
	const struct sockaddr_in *sin = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	char text[INET6_ADDRSTRLEN];

	if (len == sizeof(*sin) && sin->sin_family == AF_INET)
		fprintf(f, " %s:%u", inet_ntop(AF_INET, &sin->sin_addr, text,
					       sizeof(text)),
			ntohs(sin->sin_port));
	else if (len == sizeof(*sin6) && sin6->sin6_family == AF_INET6)
		fprintf(f, " [%s]:%u", inet_ntop(AF_INET6, &sin6->sin6_addr,
						 text, sizeof(text)),
			ntohs(sin6->sin6_port));
	else
		put_bytes(f, attr);
}

static void put_ips(FILE *f, const char *prefix, const struct nlattr *ips)
{
	const struct nlattr *ip, *attr;

	mnl_attr_for_each_nested(ip, ips) {
		char text[INET6_ADDRSTRLEN] = "?";
		const void *addr = NULL;
		int family = 0, cidr = -1;

		mnl_attr_for_each_nested(attr, ip) {
			int type = mnl_attr_get_type(attr);

			if (type == MPCNET_ALLOWEDIP_A_FAMILY)
				family = mnl_attr_get_u16(attr);
			if (type == MPCNET_ALLOWEDIP_A_IPADDR)
				addr = mnl_attr_get_payload(attr);
			if (type == MPCNET_ALLOWEDIP_A_CIDR_MASK)
				cidr = mnl_attr_get_u8(attr);
		}
		if (addr)
			inet_ntop(family, addr, text, sizeof(text));
		fprintf(f, "%s allowed-ip %s/%d\n", prefix, text, cidr);
	}
}

static void put_attr(FILE *f, const char *prefix, const struct nlattr *attr,
		     const struct show *table, unsigned int max);

static void put_peers(FILE *f, const struct nlattr *peers)
{
	const struct nlattr *peer, *attr;

	mnl_attr_for_each_nested(peer, peers) {
		char prefix[80] = "peer -";

		mnl_attr_for_each_nested(attr, peer)
			if (mnl_attr_get_type(attr) == MPCNET_PEER_A_PUBLIC_KEY)
				snprintf(prefix, sizeof(prefix), "peer %s",
					 hex(mnl_attr_get_payload(attr)));
		fprintf(f, "%s\n", prefix);
		mnl_attr_for_each_nested(attr, peer)
			put_attr(f, prefix, attr, peer_attrs,
				 MPCNET_PEER_A_LAST);
	}
}

static void put_nest(FILE *f, const char *prefix, const struct nlattr *nest,
		     const struct show *how)
{
	const struct nlattr *attr;
	char inner[128];

	snprintf(inner, sizeof(inner), "%s %s", prefix, how->name);
	mnl_attr_for_each_nested(attr, nest)
		put_attr(f, inner, attr, how->nest, how->max);
}

static void put_attr(FILE *f, const char *prefix, const struct nlattr *attr,
		     const struct show *table, unsigned int max)
{
	unsigned int type = mnl_attr_get_type(attr);
	const struct show *how = &table[type];

	if (type > max || !how->name) {
		fprintf(f, "%s unknown-%u\n", prefix, type);
		return;
	}
	if (how->how == SKIP)
		return;
	if (how->how == PEERS)
		return put_peers(f, attr);
	if (how->how == IPS)
		return put_ips(f, prefix, attr);
	if (how->how == NEST)
		return put_nest(f, prefix, attr, how);
	fputs_unlocked(prefix, f);
	fputc_unlocked(' ', f);
	fputs_unlocked(how->name, f);
	if (how->how == NUMBER)
		put_number(f, attr);
	else if (how->how == BYTES)
		put_bytes(f, attr);
	else if (how->how == ADDRESS)
		put_address(f, attr);
	else if (how->how == STRING)
		fprintf(f, " %s", mnl_attr_get_str(attr));
	else
		fputs(" 1", f);
	fputc('\n', f);
}

static int put_msg(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		put_attr(data, "dev", attr, device_attrs, MPCNET_DEVICE_A_LAST);
	return MNL_CB_OK;
}

char *nl_text(const struct nlmsghdr *nlh)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	put_msg(nlh, f);
	fclose(f);
	return text;
}

char *nl_dump(struct nl *nl, const char *ifname)
{
	struct nlmsghdr *nlh;
	char buf[256], *text = NULL;
	size_t len;
	FILE *f;
	int err;

	f = open_memstream(&text, &len);
	nlh = nl_msg(nl, buf, MPCNET_CMD_GET_DEVICE, NLM_F_ACK | NLM_F_DUMP);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, ifname);
	err = nl_ask(nl, nlh, put_msg, f);
	fclose(f);
	if (!err)
		return text;
	free(text);
	errno = -err;
	return NULL;
}

static const char *find(const char *text, const char *words)
{
	static char value[256];
	size_t len = strlen(words);
	const char *line;

	for (line = text; line && *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, words, len))
			continue;
		if (line[len] != ' ' && line[len] != '\n')
			continue;
		line += len + (line[len] == ' ');
		snprintf(value, sizeof(value), "%.*s",
			 (int)strcspn(line, "\n"), line);
		return value;
	}
	return NULL;
}

const char *text_get(const char *text, const char *fmt, ...)
{
	char words[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return find(text, words);
}

long long nl_get(struct nl *nl, const char *ifname, const char *fmt, ...)
{
	char words[256], *text = nl_dump(nl, ifname);
	const char *value;
	long long n = -1;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	value = text ? find(text, words) : NULL;
	if (value)
		n = strtoll(value, NULL, 10);
	free(text);
	return n;
}

void text_drop(char *text, const char *word)
{
	char *from = text, *to = text;

	while (*from) {
		size_t len = strcspn(from, "\n") + 1;
		char *hit = memmem(from, len, word, strlen(word));

		if (!hit) {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	*to = 0;
}
