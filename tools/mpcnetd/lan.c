// SPDX-License-Identifier: GPL-2.0
#include "lan.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MSEC UINT64_C(1000)
#define PAUSE_FIRST (100 * MSEC)
#define PAUSE_MAX (5000 * MSEC)
/* Who was silent for so long is new. */
#define SILENCE (16000 * MSEC)
/* The same once more is handed up so often, for who forgets. */
#define REPEAT (4000 * MSEC)
#define LOOK (2000 * MSEC)
/* Answers to somebody new: not of all at the same moment, the less the more they are */
#define ANSWER_LEAST (20 * MSEC)
#define ANSWER_JITTER (40 * MSEC)
#define ANSWER_JITTER_EACH (5 * MSEC)
#define ANSWER_BURST 4
#define ANSWER_RATE 4

#define HEADER_LEN (8 + MEDIUM_ID_LEN + MEDIUM_SLOT_LEN)
#define PACKET_MAX (HEADER_LEN + MEDIUM_MAX)

static const uint8_t magic[8] = "mpcnet1";

/**
 * lan_init() - be closed
 * @lan: gets it
 * @medium: what it carries; it must live until lan_close()
 */
void lan_init(struct lan *lan, const struct medium *medium)
{
	memset(lan, 0, sizeof(*lan));
	lan->medium = medium;
	lan->send_at = lan->look_at = LOOP_NEVER;
	lan->allowed = (struct bucket){ .burst = MEDIUM_BURST, .rate = MEDIUM_RATE };
	lan->answers = (struct bucket){ .burst = ANSWER_BURST, .rate = ANSWER_RATE };
	for (int family = 0; family < LAN_FAMILIES; family++)
		lan->sockets[family].watch.fd = -1;
}

/*
 * Hearing
 */

static struct lan_heard *find(struct lan *lan, const uint8_t *slot)
{
	for (unsigned int i = 0; i < lan->heard_count; i++) {
		if (!memcmp(lan->heard[i].slot, slot, MEDIUM_SLOT_LEN))
			return &lan->heard[i];
	}
	return NULL;
}

/* In place of the one that was silent for longest, if need be. */
static struct lan_heard *add(struct lan *lan, const uint8_t *slot)
{
	struct lan_heard *at = lan->heard;

	if (lan->heard_count < MEDIUM_SLOTS_MAX)
		at = &lan->heard[lan->heard_count++];
	else
		for (unsigned int i = 1; i < MEDIUM_SLOTS_MAX; i++)
			at = lan->heard[i].when < at->when ? &lan->heard[i] : at;
	memcpy(at->slot, slot, MEDIUM_SLOT_LEN);
	at->when = 0;
	return at;
}

static uint64_t jitter(const struct lan *lan)
{
	uint64_t most = ANSWER_JITTER + lan->heard_count * ANSWER_JITTER_EACH;
	uint16_t random = 0;

	RAND_bytes((unsigned char *)&random, sizeof(random));
	return most * random / 65536;
}

static struct lan_heard *hear(struct lan *lan, const uint8_t *slot, uint64_t now)
{
	struct lan_heard *heard = find(lan, slot);
	uint64_t answer = now + ANSWER_LEAST + jitter(lan);

	if (!heard)
		heard = add(lan, slot);
	if ((!heard->when || now - heard->when > SILENCE) && lan->send_at > answer &&
	    lan->medium->posting.len && bucket_take(&lan->answers, now))
		lan->send_at = answer;
	heard->when = now;
	return heard;
}

/* It comes by each interface and family, and again and again. */
static bool is_repeat(const struct lan_heard *heard, const uint8_t *data, size_t len, uint64_t now)
{
	return heard && heard->said && heard->said_len == len && now < heard->said_at + REPEAT &&
	       !memcmp(heard->said, data, len);
}

static void remember(struct lan_heard *heard, const uint8_t *data, size_t len, uint64_t now)
{
	uint8_t *said = realloc(heard->said, len);

	if (!said)
		return;
	memcpy(said, data, len);
	heard->said = said;
	heard->said_len = len;
	heard->said_at = now;
}

/* What we sent comes back; who else speaks with our name has another story. */
static bool is_echo(const struct medium *medium, const uint8_t *slot, const uint8_t *data,
		    size_t len)
{
	return !memcmp(slot, medium->slot, MEDIUM_SLOT_LEN) && len == medium->posting.len &&
	       !memcmp(data, medium->posting.data, len);
}

static void take(struct lan *lan, const uint8_t *packet, size_t len)
{
	const struct medium *medium = lan->medium;
	const uint8_t *id = packet + sizeof(magic), *slot = id + MEDIUM_ID_LEN;
	const uint8_t *data = packet + HEADER_LEN;
	struct lan_heard *heard;
	uint64_t now;

	if (len <= HEADER_LEN || len > PACKET_MAX || memcmp(packet, magic, sizeof(magic)) ||
	    memcmp(id, medium->id, MEDIUM_ID_LEN))
		return;
	len -= HEADER_LEN;
	if (is_echo(medium, slot, data, len))
		return;
	now = loop_now();
	heard = find(lan, slot);
	if (is_repeat(heard, data, len, now)) {
		heard->when = now;
		return;
	}
	if (!bucket_take(&lan->allowed, now))
		return;
	remember(hear(lan, slot, now), data, len, now);
	medium->received(medium->arg, data, len);
}

static void on_ready(void *arg, uint32_t events)
{
	struct lan_socket *sock = arg;
	uint8_t packet[PACKET_MAX + 1];

	(void)events;
	for (int i = 0; i < MEDIUM_AT_ONCE && sock->watch.fd >= 0; i++) {
		ssize_t len = recv(sock->watch.fd, packet, sizeof(packet), 0);

		if (len < 0)
			return;
		take(sock->lan, packet, (size_t)len);
	}
}

/*
 * Sending
 */

static void set_trouble(struct lan *lan, const char *text)
{
	if (!strcmp(lan->trouble, text))
		return;
	snprintf(lan->trouble, sizeof(lan->trouble), "%s", text);
	lan->medium->changed(lan->medium->arg);
}

static void send_posting(struct lan *lan)
{
	const struct medium *medium = lan->medium;
	uint8_t packet[PACKET_MAX], *at = packet;

	memcpy(at, magic, sizeof(magic));
	at += sizeof(magic);
	memcpy(at, medium->id, MEDIUM_ID_LEN);
	at += MEDIUM_ID_LEN;
	memcpy(at, medium->slot, MEDIUM_SLOT_LEN);
	at += MEDIUM_SLOT_LEN;
	memcpy(at, medium->posting.data, medium->posting.len);
	if (lan_send(lan, packet, HEADER_LEN + medium->posting.len)) {
		lan->reached = true;
		set_trouble(lan, "");
	} else if (lan->link_count) {
		set_trouble(lan, "the local network takes no multicast: name a broker in the "
				 "ticket");
	}
}

static void look(struct lan *lan, uint64_t now)
{
	bool is_new = lan_look(lan);

	lan->look_at = now + LOOK;
	if (!lan->link_count)
		set_trouble(lan, "there is no local network: no interface with an address is up");
	else if (is_new)
		set_trouble(lan, "");
	if (is_new && lan->medium->posting.len)
		lan->send_at = now;
}

/**
 * lan_tick() - do what its time has come for
 * @lan: the local network
 * @now: the time
 */
void lan_tick(struct lan *lan, uint64_t now)
{
	if (now >= lan->look_at)
		look(lan, now);
	if (now < lan->send_at)
		return;
	send_posting(lan);
	lan->send_at = now + lan->pause;
	lan->pause = lan->pause * 2 < PAUSE_MAX ? lan->pause * 2 : PAUSE_MAX;
}

/**
 * lan_open() - begin
 * @lan: the local network
 */
void lan_open(struct lan *lan)
{
	struct mpcnet_err err;

	lan->look_at = 0;
	for (int family = 0; family < LAN_FAMILIES; family++) {
		struct lan_socket *sock = &lan->sockets[family];

		sock->lan = lan;
		sock->watch = (struct loop_fd){ .ready = on_ready, .arg = sock };
		sock->watch.fd = lan_socket(family);
		if (sock->watch.fd >= 0 && loop_watch(&sock->watch, EPOLLIN, &err))
			loop_forget(&sock->watch);
	}
}

/**
 * lan_post() - our posting is another
 * @lan: the local network, open or not
 */
void lan_post(struct lan *lan)
{
	if (lan->look_at == LOOP_NEVER)
		return;
	lan->send_at = 0;
	lan->pause = PAUSE_FIRST;
}

/**
 * lan_deadline() - when is lan_tick() to be called?
 * @lan: the local network
 *
 * Return: the time, LOOP_NEVER for never.
 */
uint64_t lan_deadline(const struct lan *lan)
{
	return lan->send_at < lan->look_at ? lan->send_at : lan->look_at;
}

/**
 * lan_trouble() - why does it not work?
 * @lan: the local network
 *
 * Return: a sentence, empty if it works.
 */
const char *lan_trouble(const struct lan *lan)
{
	return lan->trouble;
}

/**
 * lan_reached() - has a posting been sent?
 * @lan: the local network
 *
 * Return: true if so.
 */
bool lan_reached(const struct lan *lan)
{
	return lan->reached;
}

/**
 * lan_end() - say the last word now
 * @lan: the local network, open or not
 */
void lan_end(struct lan *lan)
{
	if (lan->send_at == 0)
		send_posting(lan);
}

/**
 * lan_close() - let go
 * @lan: the local network, open or not
 */
void lan_close(struct lan *lan)
{
	for (int family = 0; family < LAN_FAMILIES; family++)
		loop_forget(&lan->sockets[family].watch);
	for (unsigned int i = 0; i < lan->heard_count; i++)
		free(lan->heard[i].said);
	memset(lan->heard, 0, sizeof(lan->heard));
	lan->heard_count = 0;
	lan->send_at = lan->look_at = LOOP_NEVER;
}
