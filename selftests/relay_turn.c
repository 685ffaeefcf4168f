// SPDX-License-Identifier: GPL-2.0
/* A TURN client as small as it can be. */
#include "relay_turn.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "socket_pair.h"

/* RFC 8489 section 5 */
#define MAGIC 0x2112a442
#define HEADER 20
/* RFC 8656 section 17, and RFC 8489 section 18.2 */
enum method { ALLOCATE = 3, REFRESH = 4, CREATE_PERMISSION = 8,
	      CHANNEL_BIND = 9 };
enum attribute { USERNAME = 6, INTEGRITY = 8, ERROR_CODE = 9, CHANNEL = 0xc,
		 LIFETIME = 0xd, XOR_PEER = 0x12, REALM = 0x14, NONCE = 0x15,
		 XOR_RELAYED = 0x16, TRANSPORT = 0x19 };
#define SUCCESS 0x100
#define FAILURE 0x110

/**
 * struct stun - a message under construction
 * @len: its length
 * @data: the message
 */
struct stun {
	size_t len;
	uint8_t data[1024];
};

static void put16(uint8_t *to, uint16_t val)
{
	to[0] = val >> 8;
	to[1] = val;
}

static uint16_t get16(const uint8_t *from)
{
	return from[0] << 8 | from[1];
}

/* The length in the header is that of the attributes. */
static void put_length(struct stun *msg, size_t more)
{
	put16(msg->data + 2, msg->len + more - HEADER);
}

static void begin(struct stun *msg, enum method method)
{
	uint32_t magic = htonl(MAGIC);
	int i;

	memset(msg, 0, sizeof(*msg));
	put16(msg->data, method);
	memcpy(msg->data + 4, &magic, 4);
	for (i = 8; i < HEADER; i++)
		msg->data[i] = random();
	msg->len = HEADER;
}

static void put(struct stun *msg, enum attribute type, const void *val,
		size_t len)
{
	put16(msg->data + msg->len, type);
	put16(msg->data + msg->len + 2, len);
	memcpy(msg->data + msg->len + 4, val, len);
	msg->len += 4 + (len + 3) / 4 * 4;
}

/* RFC 8489 section 14.2 */
static void put_peer(struct stun *msg, const struct sockaddr_in *peer)
{
	uint8_t val[8] = { 0, 1 };
	uint32_t addr = peer->sin_addr.s_addr ^ htonl(MAGIC);

	put16(val + 2, ntohs(peer->sin_port) ^ MAGIC >> 16);
	memcpy(val + 4, &addr, 4);
	put(msg, XOR_PEER, val, sizeof(val));
}

/* RFC 8489 section 14.5: over all before it, with a length that counts it. */
static void sign(struct turn *turn, struct stun *msg)
{
	uint8_t mac[20];

	put(msg, USERNAME, turn->user, strlen(turn->user));
	put(msg, REALM, turn->realm, strlen(turn->realm));
	put(msg, NONCE, turn->nonce, strlen(turn->nonce));
	put_length(msg, 4 + sizeof(mac));
	HMAC(EVP_sha1(), turn->key, sizeof(turn->key), msg->data, msg->len,
	     mac, NULL);
	put(msg, INTEGRITY, mac, sizeof(mac));
}

static void take_text(char *to, size_t max, const uint8_t *val, size_t len)
{
	snprintf(to, max, "%.*s", (int)len, (const char *)val);
}

static void take(struct turn *turn, uint16_t type, const uint8_t *val,
		 size_t len)
{
	uint32_t addr;

	if (type == REALM)
		take_text(turn->realm, sizeof(turn->realm), val, len);
	if (type == NONCE)
		take_text(turn->nonce, sizeof(turn->nonce), val, len);
	if (type == ERROR_CODE && len >= 4)
		turn->error = val[2] * 100 + val[3];
	if (type == XOR_RELAYED && len == 8) {
		memcpy(&addr, val + 4, 4);
		turn->relayed.sin_family = AF_INET;
		turn->relayed.sin_addr.s_addr = addr ^ htonl(MAGIC);
		turn->relayed.sin_port = htons(get16(val + 2) ^ MAGIC >> 16);
	}
}

/* Send, wait for this request's answer, take what is in it. */
static bool ask(struct turn *turn, struct stun *msg)
{
	uint64_t end = now_ms() + 3000;
	uint8_t got[2048];
	int len, at;

	put_length(msg, 0);
	turn->error = 0;
	sendto(turn->fd, msg->data, msg->len, 0, (void *)&turn->server,
	       sizeof(turn->server));
	do {
		len = udp_receive(turn->fd, got, sizeof(got), 200, NULL);
	} while ((len < HEADER || memcmp(got + 4, msg->data + 4, 16)) &&
		 now_ms() < end);
	if (len < HEADER || memcmp(got + 4, msg->data + 4, 16))
		return false;
	for (at = HEADER; at + 4 <= len; at += 4 + (get16(got + at + 2) + 3) /
						4 * 4)
		take(turn, get16(got + at), got + at + 4, get16(got + at + 2));
	return (get16(got) & FAILURE) == SUCCESS;
}

static void put_udp(struct stun *msg)
{
	put(msg, TRANSPORT, (uint8_t[]){ IPPROTO_UDP, 0, 0, 0 }, 4);
}

bool turn_allocate(struct turn *turn)
{
	struct stun msg;
	char text[512];

	begin(&msg, ALLOCATE);
	put_udp(&msg);
	if (ask(turn, &msg) || turn->error != 401)
		return false;
	snprintf(text, sizeof(text), "%s:%s:%s", turn->user, turn->realm,
		 turn->password);
	EVP_Digest(text, strlen(text), turn->key, NULL, EVP_md5(), NULL);
	begin(&msg, ALLOCATE);
	put_udp(&msg);
	sign(turn, &msg);
	return ask(turn, &msg);
}

bool turn_permit(struct turn *turn, const struct sockaddr_in *peer)
{
	struct stun msg;

	begin(&msg, CREATE_PERMISSION);
	put_peer(&msg, peer);
	sign(turn, &msg);
	return ask(turn, &msg);
}

bool turn_bind(struct turn *turn, const struct sockaddr_in *peer,
	       uint16_t channel)
{
	uint8_t val[4] = { channel >> 8, channel };
	struct stun msg;

	begin(&msg, CHANNEL_BIND);
	put(&msg, CHANNEL, val, sizeof(val));
	put_peer(&msg, peer);
	sign(turn, &msg);
	return ask(turn, &msg);
}

bool turn_refresh(struct turn *turn, uint32_t lifetime)
{
	uint32_t val = htonl(lifetime);
	struct stun msg;

	begin(&msg, REFRESH);
	put(&msg, LIFETIME, &val, sizeof(val));
	sign(turn, &msg);
	return ask(turn, &msg);
}
