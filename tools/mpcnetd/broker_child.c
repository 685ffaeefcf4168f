// SPDX-License-Identifier: GPL-2.0
/*
 * The process that speaks with a broker: a connection is kept up, our posting
 * is left there, and those of others go to the daemon.
 *
 *	daemon -- packets --> take() --> mqtt_publish() --> broker
 *	daemon <-- hand_up() <-- broker_held.c <-- on_heard() <-- broker
 */
#include "broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker_held.h"
#include "broker_mqtt.h"
#include "worker.h"

#define SEC UINT64_C(1000000)
/* Between attempts: doubled each time */
#define PAUSE_FIRST (SEC / 2)
#define PAUSE_MAX (15 * SEC)
/* One that lasted so long was none of a series of failures. */
#define LASTING (10 * SEC)
/* Brokers say that they have a posting, and lose it: between times that we leave
 * it there, doubled each time */
#define AGAIN_FIRST (2 * SEC)
#define AGAIN_MAX (300 * SEC)
/* How often libmosquitto looks at its own clock, at least */
#define LOOK_MS 2000
#define ADDRESSES_MAX 8

/**
 * struct child - all that the process knows
 * @socket: to the daemon
 * @has_url: it has said which broker
 * @posting: our latest one
 * @will: what the broker says for us when we are silent
 * @mqtt: the broker
 * @held: what the daemon has not taken yet
 * @full: the daemon takes no more for now
 * @addresses: what the broker's name was found to be last
 * @address_count: how many
 * @attempts: how many, which tells whose turn it is
 * @pause: until the next attempt, if that fails as well
 * @connect_at: when to try to connect
 * @ready_since: when the connection became so; 0: it is not
 * @again_pause: between the last time that our posting was left there and the next
 * @again_at: when that is
 * @repeats: how often we contradict what is said under our topic
 * @was_taken: there may be something to erase
 * @ending: erase it, and exit
 * @erased: it is, and the broker is told that we go
 */
struct child {
	int socket;
	bool has_url;
	struct medium_data posting;
	struct medium_data will;
	struct mqtt mqtt;
	struct held held;
	bool full;
	char addresses[ADDRESSES_MAX][INET6_ADDRSTRLEN + IF_NAMESIZE];
	unsigned int address_count;
	unsigned int attempts;
	uint64_t pause;
	uint64_t connect_at;
	uint64_t ready_since;
	uint64_t again_pause;
	uint64_t again_at;
	struct bucket repeats;
	bool was_taken;
	bool ending;
	bool erased;
};

/* Return: false if the daemon does not take it now. */
static bool tell(struct child *child, enum broker_packet type, const void *data, size_t len)
{
	uint8_t packet[BROKER_PACKET_MAX] = { (uint8_t)type };

	memcpy(packet + 1, data, len);
	return send(child->socket, packet, len + 1, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       (errno != EAGAIN && errno != ENOBUFS);
}

/* Its last word counts, so it waits until the daemon listens. */
static void tell_trouble(struct child *child, const char *text)
{
	struct pollfd pollfd = { .fd = child->socket, .events = POLLOUT };
	size_t len = strnlen(text, BROKER_TROUBLE_MAX);

	while (!tell(child, BROKER_TROUBLE, text, len) && poll(&pollfd, 1, -1) >= 0 &&
	       !(pollfd.revents & POLLHUP))
		;
}

static bool hand_up(void *arg, struct medium_data *data)
{
	return tell(arg, BROKER_HEARD, data->data, data->len);
}

static void flush(struct child *child)
{
	child->full = !held_flush(&child->held, loop_now(), hand_up, child);
}

static void on_heard(void *arg, const uint8_t slot[MEDIUM_SLOT_LEN], const uint8_t *data,
		     size_t len)
{
	struct child *child = arg;

	if (!len) {
		held_erase(&child->held, slot);
		return;
	}
	held_put(&child->held, slot, data, len);
	flush(child);
}

static uint64_t jittered(uint64_t pause)
{
	uint32_t random = 0;

	RAND_bytes((unsigned char *)&random, sizeof(random));
	return pause / 2 + pause * (random >> 16) / 65536;
}

static void publish(struct child *child, uint64_t pause)
{
	child->again_pause = pause < AGAIN_MAX ? pause : AGAIN_MAX;
	child->again_at = loop_now() + jittered(child->again_pause);
	mqtt_publish(&child->mqtt, &child->posting);
}

/* Of a connection of ours that is dead by now, or a forgery: what we have to say
 * is what counts. */
static void on_ours(void *arg)
{
	struct child *child = arg;

	if (!child->ending && child->posting.len && bucket_take(&child->repeats, loop_now()))
		publish(child, AGAIN_FIRST);
}

static void on_taken(void *arg)
{
	struct child *child = arg;

	if (child->ending) {
		child->erased = true;
		mqtt_leave(&child->mqtt);
		return;
	}
	child->was_taken = true;
	tell(child, BROKER_TAKEN, "", 0);
}

/*
 * Connecting
 */

static void try_later(struct child *child, uint64_t now)
{
	if (child->ready_since && now - child->ready_since > LASTING)
		child->pause = PAUSE_FIRST;
	child->ready_since = 0;
	child->connect_at = now + jittered(child->pause);
	child->pause = child->pause * 2 < PAUSE_MAX ? child->pause * 2 : PAUSE_MAX;
}

/* All addresses of the name, anew for each round of attempts. */
static int resolve(struct child *child)
{
	const struct mpcnet_host *host = &child->mqtt.url.host;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *at;
	int rc = getaddrinfo(host->name, host->port, &hints, &list);

	child->address_count = 0;
	if (rc)
		return rc;
	for (at = list; at && child->address_count < ADDRESSES_MAX; at = at->ai_next) {
		char *text = child->addresses[child->address_count];

		if (!getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(*child->addresses), NULL,
				 0, NI_NUMERICHOST))
			child->address_count++;
	}
	freeaddrinfo(list);
	return child->address_count ? 0 : EAI_NONAME;
}

static void attempt(struct child *child, uint64_t now)
{
	const struct mpcnet_host *host = &child->mqtt.url.host;
	struct mpcnet_err err;
	unsigned int turn = 0;
	int rc = 0;

	if (child->address_count)
		turn = child->attempts % child->address_count;
	if (!turn)
		rc = resolve(child);
	if (!rc) {
		child->attempts = turn + 1;
		mqtt_connect(&child->mqtt, child->addresses[turn], &child->will, now);
		return;
	}
	mpcnet_err_set(&err, "the name of the broker %s:%s does not resolve: %s", host->name,
		       host->port, gai_strerror(rc));
	tell_trouble(child, err.text);
	try_later(child, now);
}

/*
 * What the daemon says
 */

static void take_url(struct child *child, const char *url)
{
	struct mqtt *mqtt = &child->mqtt;

	if (child->has_url || ticket_broker_parse(&mqtt->url, url, &mqtt->why))
		_exit(1);
	child->has_url = true;
	if (mqtt->url.tls && !mqtt_tls_init(mqtt)) {
		/* Without TLS it is not spoken to: it needs another start of the daemon. */
		tell_trouble(child, mqtt->why.text);
		child->connect_at = LOOP_NEVER;
	}
	worker_drop();
}

static void take_will(struct child *child, const uint8_t *data, size_t len)
{
	memcpy(child->will.data, data, len);
	child->will.len = len;
	if (!child->mqtt.client)
		return;
	/* It is told with the beginning of a connection only. */
	mqtt_leave(&child->mqtt);
	mqtt_close(&child->mqtt);
	child->ready_since = 0;
	child->connect_at = 0;
}

static void take_posting(struct child *child, const uint8_t *data, size_t len)
{
	memcpy(child->posting.data, data, len);
	child->posting.len = len;
	if (child->mqtt.ready)
		publish(child, AGAIN_FIRST);
}

static void take_end(struct child *child)
{
	static const struct medium_data nothing;

	/* Nothing of ours can be there. */
	if (!child->was_taken && !child->mqtt.client && !child->posting.len)
		_exit(0);
	alarm(WORKER_LAST_SECONDS);
	child->ending = true;
	child->posting = nothing;
	child->pause = PAUSE_FIRST;
	if (child->mqtt.ready)
		publish(child, AGAIN_FIRST);
}

static void take(struct child *child, const uint8_t *packet, size_t len)
{
	const uint8_t *data = packet + 1;

	len--;
	switch (packet[0]) {
	case BROKER_URL:
		if (len && !data[len - 1])
			take_url(child, (const char *)data);
		break;
	case BROKER_ID:
		if (len == MEDIUM_ID_LEN + MEDIUM_SLOT_LEN)
			mqtt_set_topics(&child->mqtt, data, data + MEDIUM_ID_LEN);
		break;
	case BROKER_WILL:
		take_will(child, data, len);
		break;
	case BROKER_POST:
		take_posting(child, data, len);
		break;
	case BROKER_END:
		take_end(child);
		break;
	}
}

static void listen_to_daemon(struct child *child)
{
	uint8_t packet[BROKER_PACKET_MAX];
	ssize_t len;

	while (!child->ending) {
		len = recv(child->socket, packet, sizeof(packet), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return;
		/* What it did not read of ours is an error once; what it said is still there. */
		if (len < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (len <= 0)
			_exit(0);
		take(child, packet, (size_t)len);
		explicit_bzero(packet, sizeof(packet));
	}
}

/*
 * The loop
 */

static int wait_ms(const struct child *child, uint64_t now)
{
	uint64_t until = child->full ? UINT64_MAX : held_deadline(&child->held, now);

	if (child->has_url && !child->mqtt.client && child->connect_at < until)
		until = child->connect_at;
	if (until <= now || (child->mqtt.client && child->mqtt.failed) ||
	    mqtt_pending(&child->mqtt))
		return 0;
	return until - now < LOOK_MS * 1000 ? (int)((until - now) / 1000 + 1) : LOOK_MS;
}

static void lost(struct child *child, uint64_t now)
{
	/* It was told that we go, and has let us. */
	if (child->erased)
		_exit(0);
	mqtt_close(&child->mqtt);
	if (!child->ready_since && child->attempts < child->address_count)
		return; /* there is another address to try first */
	if (!child->ending)
		tell_trouble(child, child->mqtt.why.text);
	try_later(child, now);
}

static void look_at_broker(struct child *child, short events, uint64_t now)
{
	struct mqtt *mqtt = &child->mqtt;

	mqtt_work(mqtt, events, now);
	if (mqtt->ready && !child->ready_since) {
		child->ready_since = now;
		tell_trouble(child, "");
		if (child->posting.len || child->ending)
			publish(child, AGAIN_FIRST);
	}
	if (mqtt->ready && child->posting.len && now >= child->again_at)
		publish(child, 2 * child->again_pause);
	if (mqtt->failed)
		lost(child, now);
}

static void turn(struct child *child)
{
	struct pollfd fds[2] = { { .fd = child->ending ? -1 : child->socket, .events = POLLIN } };
	uint64_t now = loop_now();

	if (child->has_url && !child->mqtt.client && now >= child->connect_at)
		attempt(child, now);
	if (child->full)
		fds[0].events |= POLLOUT;
	fds[1].events = mqtt_events(&child->mqtt, &fds[1].fd);
	poll(fds, 2, wait_ms(child, now));
	if (fds[0].revents)
		listen_to_daemon(child);
	if (child->mqtt.client)
		look_at_broker(child, fds[1].fd < 0 ? 0 : fds[1].revents, loop_now());
	if (!child->ending)
		flush(child);
}

/**
 * broker_child() - speak with one broker
 * @socket: to the daemon, which says with which; when it is closed, we end
 */
void broker_child(int socket)
{
	struct child *child = calloc(1, sizeof(*child));

	if (!child || mosquitto_lib_init())
		_exit(1);
	child->socket = socket;
	child->pause = PAUSE_FIRST;
	child->repeats = (struct bucket){ .burst = 3, .rate = 1 };
	child->mqtt.heard = on_heard;
	child->mqtt.ours = on_ours;
	child->mqtt.taken = on_taken;
	child->mqtt.arg = child;
	for (;;)
		turn(child);
}
