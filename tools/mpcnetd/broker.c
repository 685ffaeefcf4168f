// SPDX-License-Identifier: GPL-2.0
#include "broker.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "worker.h"

#define SEC UINT64_C(1000000)
/* A child that ended is followed by another in 1 s, which doubles this often */
#define FAILURES_MAX 4

/* What a child is told, in this order: it connects when it knows where. */
enum broker_part { PART_ID, PART_WILL, PART_URL, PART_POST, PARTS };

/**
 * broker_open() - begin with a broker
 * @broker: gets it
 * @medium: what it carries; it must live until broker_close()
 * @url: as ticket_check() takes it
 *
 * The child is made by the first broker_tick().
 */
void broker_open(struct broker *broker, const struct medium *medium, const char *url)
{
	memset(broker, 0, sizeof(*broker));
	broker->medium = medium;
	memcpy(broker->url, url, strnlen(url, TICKET_URL_MAX));
	broker->socket.fd = -1;
	broker->allowed = (struct bucket){ .burst = MEDIUM_BURST, .rate = MEDIUM_RATE };
}

static bool tell(struct broker *broker, enum broker_packet type, const void *data, size_t len)
{
	uint8_t packet[BROKER_PACKET_MAX] = { (uint8_t)type };
	bool sent;

	memcpy(packet + 1, data, len);
	sent = send(broker->socket.fd, packet, len + 1, MSG_NOSIGNAL) >= 0;
	explicit_bzero(packet, sizeof(packet));
	/* One that has ended is told nothing, and its end is heard soon. */
	return sent || (errno != EAGAIN && errno != ENOBUFS);
}

static bool tell_part(struct broker *broker, enum broker_part part)
{
	const struct medium *medium = broker->medium;
	uint8_t id[MEDIUM_ID_LEN + MEDIUM_SLOT_LEN];

	switch (part) {
	case PART_URL:
		return tell(broker, BROKER_URL, broker->url, strlen(broker->url) + 1);
	case PART_ID:
		memcpy(id, medium->id, MEDIUM_ID_LEN);
		memcpy(id + MEDIUM_ID_LEN, medium->slot, MEDIUM_SLOT_LEN);
		return tell(broker, BROKER_ID, id, sizeof(id));
	case PART_WILL:
		return tell(broker, BROKER_WILL, medium->will.data, medium->will.len);
	default:
		return tell(broker, BROKER_POST, medium->posting.data, medium->posting.len);
	}
}

static void wait_for_more(struct broker *broker)
{
	uint32_t events = broker->paused ? 0 : EPOLLIN;

	if (broker->socket.fd >= 0)
		loop_change(&broker->socket, events | (broker->unsent ? EPOLLOUT : 0));
}

static void tell_all(struct broker *broker)
{
	if (broker->socket.fd < 0)
		return;
	for (int part = 0; part < PARTS; part++) {
		if (!(broker->unsent & 1u << part))
			continue;
		if (!tell_part(broker, part))
			break;
		broker->unsent &= ~(1u << part);
	}
	wait_for_more(broker);
}

static void set_trouble(struct broker *broker, const char *text)
{
	if (!strcmp(broker->trouble, text))
		return;
	memset(broker->trouble, 0, sizeof(broker->trouble));
	memcpy(broker->trouble, text, strnlen(text, BROKER_TROUBLE_MAX));
	broker->medium->changed(broker->medium->arg);
}

/* What may have come from strangers does not reach a terminal. */
static void take_trouble(struct broker *broker, const uint8_t *data, size_t len)
{
	char text[BROKER_TROUBLE_MAX + 1] = { 0 };

	for (size_t i = 0; i < len && i < BROKER_TROUBLE_MAX; i++)
		text[i] = data[i] < ' ' || data[i] > '~' ? '?' : (char)data[i];
	if (!len)
		broker->failures = 0;
	set_trouble(broker, text);
}

static void take(struct broker *broker, const uint8_t *packet, size_t len)
{
	const struct medium *medium = broker->medium;

	if (len < 1 || len > BROKER_PACKET_MAX)
		return;
	switch (packet[0]) {
	case BROKER_HEARD:
		if (len > 1)
			medium->received(medium->arg, packet + 1, len - 1);
		break;
	case BROKER_TAKEN:
		broker->taken = true;
		break;
	case BROKER_TROUBLE:
		take_trouble(broker, packet + 1, len - 1);
		break;
	}
}

/* What the child said last may be lost: the broker has it still. */
static void start_later(struct broker *broker, const char *why)
{
	loop_forget(&broker->socket);
	broker->paused = false;
	broker->start_at = loop_now() + (SEC << broker->failures);
	if (broker->failures < FAILURES_MAX)
		broker->failures++;
	set_trouble(broker, why);
}

static void ended(struct broker *broker)
{
	start_later(broker, "the process that speaks with a broker has ended; another follows");
}

/* Return: false if no more is to be read now. */
static bool take_one(struct broker *broker)
{
	uint8_t packet[BROKER_PACKET_MAX + 1];
	ssize_t len;

	broker->paused = !bucket_take(&broker->allowed, loop_now());
	if (broker->paused)
		return false;
	len = recv(broker->socket.fd, packet, sizeof(packet), 0);
	if (len > 0) {
		take(broker, packet, (size_t)len);
		return broker->socket.fd >= 0;
	}
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	ended(broker);
	return false;
}

static void on_ready(void *arg, uint32_t events)
{
	struct broker *broker = arg;

	if (events & EPOLLHUP) {
		ended(broker);
		return;
	}
	if (events & EPOLLOUT)
		tell_all(broker);
	for (int i = 0; i < MEDIUM_AT_ONCE && events & EPOLLIN && take_one(broker); i++)
		;
	wait_for_more(broker);
}

static void start(struct broker *broker)
{
	struct mpcnet_err err;
	pid_t pid;

	broker->start_at = LOOP_NEVER;
	broker->socket = (struct loop_fd){ .ready = on_ready, .arg = broker };
	broker->socket.fd = worker_start("broker", &pid, &err);
	if (broker->socket.fd < 0 || loop_watch(&broker->socket, EPOLLIN, &err)) {
		start_later(broker, err.text);
		return;
	}
	broker->paused = false;
	broker->unsent = 1u << PART_URL | 1u << PART_ID;
	if (broker->medium->will.len)
		broker->unsent |= 1u << PART_WILL;
	if (broker->medium->posting.len)
		broker->unsent |= 1u << PART_POST;
	tell_all(broker);
}

/**
 * broker_post() - our posting is another
 * @broker: the broker
 */
void broker_post(struct broker *broker)
{
	broker->unsent |= 1u << PART_POST;
	tell_all(broker);
}

/**
 * broker_will() - our will is another
 * @broker: the broker
 */
void broker_will(struct broker *broker)
{
	broker->unsent |= 1u << PART_WILL;
	tell_all(broker);
}

/**
 * broker_tick() - do what its time has come for
 * @broker: the broker
 * @now: the time
 */
void broker_tick(struct broker *broker, uint64_t now)
{
	if (broker->socket.fd < 0 && now >= broker->start_at)
		start(broker);
	if (broker->paused && bucket_ready(&broker->allowed, now) <= now) {
		broker->paused = false;
		wait_for_more(broker);
	}
}

/**
 * broker_deadline() - when is broker_tick() to be called?
 * @broker: the broker
 *
 * Return: the time, LOOP_NEVER for never.
 */
uint64_t broker_deadline(const struct broker *broker)
{
	uint64_t now = loop_now();

	return broker->paused ? bucket_ready(&broker->allowed, now) : broker->start_at;
}

/**
 * broker_end() - have our posting erased
 * @broker: the broker
 *
 * The child does it by itself, and is not waited for. Without one there may be a
 * posting all the same, of the helper before us.
 */
void broker_end(struct broker *broker)
{
	if (broker->socket.fd < 0 && broker->medium->posting.len)
		start(broker);
	else
		tell_all(broker);
	if (broker->socket.fd >= 0)
		tell(broker, BROKER_END, "", 0);
	broker_close(broker);
}

/**
 * broker_close() - let go of a broker
 * @broker: the broker
 *
 * Our posting stays, and the broker says our will.
 */
void broker_close(struct broker *broker)
{
	loop_forget(&broker->socket);
	broker->start_at = LOOP_NEVER;
	broker->paused = false;
	explicit_bzero(broker->url, sizeof(broker->url));
}
