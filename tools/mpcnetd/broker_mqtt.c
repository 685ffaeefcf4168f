// SPDX-License-Identifier: GPL-2.0
#include "broker_mqtt.h"

#include <errno.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SEC UINT64_C(1000000)
#define KEEPALIVE_S 20
/* From the first packet of TCP to the first answer that counts */
#define PATIENCE (10 * SEC)
/* How much of what TLS has read already is looked at before the daemon is */
#define READS_AT_ONCE 64
/* SUBACK's return code for "no", MQTT 3.1.1 section 3.9.3 */
#define SUBACK_FAILURE 0x80
/* A posting is told to be taken. What comes is not: each is said anew, and some
 * brokers keep a record for each subscriber of more. */
#define QOS_OUT 1
#define QOS_IN 0

static void to_hex(char *text, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
}

/**
 * mqtt_set_topics() - make the names of topics
 * @mqtt: the broker
 * @id: of the session
 * @slot: of this party
 */
void mqtt_set_topics(struct mqtt *mqtt, const uint8_t id[MEDIUM_ID_LEN],
		     const uint8_t slot[MEDIUM_SLOT_LEN])
{
	char digits[2 * MEDIUM_ID_LEN + 1];

	to_hex(digits, id, MEDIUM_ID_LEN);
	snprintf(mqtt->prefix, sizeof(mqtt->prefix), "mpcnet/1/%s/", digits);
	to_hex(digits, slot, MEDIUM_SLOT_LEN);
	snprintf(mqtt->topic, sizeof(mqtt->topic), "%s%.16s", mqtt->prefix, digits);
}

static void fail(struct mqtt *mqtt, const char *what)
{
	if (mqtt->failed)
		return;
	mqtt->failed = true;
	mqtt->ready = false;
	mpcnet_err_set(&mqtt->why, "the broker %s:%s %s", mqtt->url.host.name, mqtt->url.host.port,
		       what);
}

/* Why libmosquitto gave the connection up. */
static void fail_rc(struct mqtt *mqtt, int rc)
{
	if (mqtt->failed)
		return;
	if (rc == MOSQ_ERR_TLS || mqtt->certificate != X509_V_OK) {
		fail(mqtt, "");
		mqtt_tls_reason(mqtt);
		return;
	}
	if (rc == MOSQ_ERR_NOMEM)
		fail(mqtt, "sends more at once than any party does");
	else if (rc == MOSQ_ERR_KEEPALIVE)
		fail(mqtt, "answers no more");
	else if (rc == MOSQ_ERR_PROTOCOL || rc == MOSQ_ERR_MALFORMED_PACKET)
		fail(mqtt, "speaks no MQTT that can be understood");
	else if (mqtt->ready)
		fail(mqtt, "closed the connection");
	else
		fail(mqtt, "closed the connection at once: does it speak MQTT 3.1.1 at that port, "
			   "with TLS for mqtts alone?");
}

static void fail_errno(struct mqtt *mqtt, int error)
{
	char what[128];

	if (error == ECONNRESET || error == EPIPE) {
		fail_rc(mqtt, MOSQ_ERR_CONN_LOST);
		return;
	}
	snprintf(what, sizeof(what), "cannot be reached: %s", strerror(error));
	fail(mqtt, what);
}

static void on_connect(struct mosquitto *client, void *arg, int code)
{
	struct mqtt *mqtt = arg;
	char pattern[MQTT_PREFIX_LEN + 2];

	switch (code) {
	case 0:
		snprintf(pattern, sizeof(pattern), "%s+", mqtt->prefix);
		mosquitto_subscribe(client, NULL, pattern, QOS_IN);
		break;
	case 4: /* MQTT 3.1.1 section 3.2.2.3 */
	case 5:
		fail(mqtt, "does not admit us: has its URL in the ticket the right user and "
			   "password?");
		break;
	default:
		fail(mqtt, "does not want to serve us");
	}
}

static void on_subscribe(struct mosquitto *client, void *arg, int mid, int count,
			 const int *granted)
{
	struct mqtt *mqtt = arg;

	(void)client;
	(void)mid;
	if (count < 1 || granted[0] == SUBACK_FAILURE)
		fail(mqtt, "does not let us have topics that begin with mpcnet/1/: if that lasts, "
			   "its owner has to allow them");
	else
		mqtt->ready = !mqtt->failed;
}

static bool parse_slot(uint8_t slot[MEDIUM_SLOT_LEN], const char *text)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(text) != MQTT_SLOT_LEN || text[strspn(text, digits)])
		return false;
	for (int i = 0; i < MEDIUM_SLOT_LEN; i++) {
		long high = strchr(digits, text[2 * i]) - digits;
		long low = strchr(digits, text[2 * i + 1]) - digits;

		slot[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* It may be ours of before, or of who has our name, too: the daemon looks. */
static bool is_echo(const struct mqtt *mqtt, const uint8_t *data, size_t len)
{
	return !mqtt->last || (mqtt->last->len == len && !memcmp(mqtt->last->data, data, len));
}

static void on_message(struct mosquitto *client, void *arg, const struct mosquitto_message *message)
{
	struct mqtt *mqtt = arg;
	uint8_t slot[MEDIUM_SLOT_LEN];

	(void)client;
	if (message->payloadlen < 0 || message->payloadlen > MEDIUM_MAX ||
	    strncmp(message->topic, mqtt->prefix, MQTT_PREFIX_LEN) ||
	    !parse_slot(slot, message->topic + MQTT_PREFIX_LEN))
		return;
	if (!strcmp(message->topic, mqtt->topic)) {
		if (is_echo(mqtt, message->payload, (size_t)message->payloadlen))
			return;
		mqtt->ours(mqtt->arg);
	}
	mqtt->heard(mqtt->arg, slot, message->payload, (size_t)message->payloadlen);
}

static void on_publish(struct mosquitto *client, void *arg, int mid)
{
	struct mqtt *mqtt = arg;

	(void)client;
	if (mid != mqtt->mid)
		return;
	mqtt->mid = 0;
	mqtt->taken(mqtt->arg);
}

/*
 * The same name each time: a broker that still holds a connection of ours that is
 * dead gives it up for this one. But no other process has it: brokers may be one
 * cluster, and that has one client of a name.
 */
static struct mosquitto *new_client(struct mqtt *mqtt)
{
	if (!mqtt->name[0]) {
		uint8_t random[MEDIUM_SLOT_LEN];

		if (RAND_bytes(random, sizeof(random)) != 1)
			return NULL;
		memcpy(mqtt->name, "mpcnet-", 7);
		to_hex(mqtt->name + 7, random, sizeof(random));
	}
	return mosquitto_new(mqtt->name, true, mqtt);
}

static int set_options(struct mqtt *mqtt, const struct medium_data *will)
{
	struct mosquitto *client = mqtt->client;
	int rc = mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);

	mosquitto_connect_callback_set(client, on_connect);
	mosquitto_subscribe_callback_set(client, on_subscribe);
	mosquitto_message_callback_set(client, on_message);
	mosquitto_publish_callback_set(client, on_publish);
	if (!rc && mqtt->url.user[0])
		rc = mosquitto_username_pw_set(client, mqtt->url.user, mqtt->url.password);
	if (!rc && will->len)
		rc = mosquitto_will_set(client, mqtt->topic, (int)will->len, will->data, QOS_OUT,
					false);
	if (!rc && mqtt->ctx)
		rc = mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
	if (!rc && mqtt->ctx)
		rc = mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, mqtt->ctx);
	return rc;
}

/**
 * mqtt_connect() - begin with a connection
 * @mqtt: the broker, without one
 * @address: one that its name has
 * @will: what it is to say for us
 * @now: the time
 */
void mqtt_connect(struct mqtt *mqtt, const char *address, const struct medium_data *will,
		  uint64_t now)
{
	int rc;

	mqtt->failed = false;
	mqtt->certificate = X509_V_OK;
	mqtt->mid = 0;
	mqtt->last = NULL;
	mqtt->gives_up = now + PATIENCE;
	mqtt->client = new_client(mqtt);
	rc = mqtt->client ? set_options(mqtt, will) : MOSQ_ERR_NOMEM;
	if (!rc)
		rc = mosquitto_connect_async(mqtt->client, address, atoi(mqtt->url.host.port),
					     KEEPALIVE_S);
	if (rc == MOSQ_ERR_ERRNO)
		fail_errno(mqtt, errno);
	else if (rc)
		fail_rc(mqtt, rc);
}

/**
 * mqtt_publish() - leave a posting with the broker
 * @mqtt: the broker, with a connection that is ready
 * @data: the posting; empty: there is to be none. It has to live on.
 */
void mqtt_publish(struct mqtt *mqtt, const struct medium_data *data)
{
	mqtt->last = data;
	mosquitto_publish(mqtt->client, &mqtt->mid, mqtt->topic, (int)data->len, data->data,
			  QOS_OUT, true);
}

/**
 * mqtt_events() - what to wait for
 * @mqtt: the broker
 * @fd: gets the descriptor, -1 for none
 *
 * Return: events of poll().
 */
short mqtt_events(struct mqtt *mqtt, int *fd)
{
	*fd = mqtt->client ? mosquitto_socket(mqtt->client) : -1;
	if (*fd < 0)
		return 0;
	return mosquitto_want_write(mqtt->client) ? POLLIN | POLLOUT : POLLIN;
}

static int socket_error(struct mqtt *mqtt)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(mosquitto_socket(mqtt->client), SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

/**
 * mqtt_pending() - is there something to read that poll() does not know of?
 * @mqtt: the broker
 *
 * A record of TLS may hold many packets.
 *
 * Return: true if so.
 */
bool mqtt_pending(const struct mqtt *mqtt)
{
	SSL *ssl = mqtt->client ? mosquitto_ssl_get(mqtt->client) : NULL;

	return ssl && SSL_pending(ssl);
}

static int read_all(struct mqtt *mqtt)
{
	int rc = mosquitto_loop_read(mqtt->client, 1);

	for (int i = 0; i < READS_AT_ONCE && !rc && mqtt_pending(mqtt); i++)
		rc = mosquitto_loop_read(mqtt->client, 1);
	return rc;
}

/**
 * mqtt_work() - do what there is to do
 * @mqtt: the broker, with a connection
 * @events: what poll() found
 * @now: the time
 */
void mqtt_work(struct mqtt *mqtt, short events, uint64_t now)
{
	int error = events && !mqtt->ready ? socket_error(mqtt) : 0;
	int rc = 0;

	if (error)
		fail_errno(mqtt, error);
	if (!mqtt->failed && (events & (POLLIN | POLLHUP | POLLERR) || mqtt_pending(mqtt)))
		rc = read_all(mqtt);
	if (!rc && !mqtt->failed && events & POLLOUT)
		rc = mosquitto_loop_write(mqtt->client, 1);
	if (!rc && !mqtt->failed)
		rc = mosquitto_loop_misc(mqtt->client);
	if (rc)
		fail_rc(mqtt, rc);
	if (!mqtt->ready && now >= mqtt->gives_up)
		fail(mqtt, "does not answer");
}

/**
 * mqtt_leave() - say that we go, so that the broker says no will
 * @mqtt: the broker; @failed follows when it has heard it
 */
void mqtt_leave(struct mqtt *mqtt)
{
	mosquitto_disconnect(mqtt->client);
}

/**
 * mqtt_close() - give the connection up
 * @mqtt: the broker, with a connection or without
 */
void mqtt_close(struct mqtt *mqtt)
{
	if (mqtt->client)
		mosquitto_destroy(mqtt->client);
	mqtt->client = NULL;
	mqtt->ready = false;
}
