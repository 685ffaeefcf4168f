/* SPDX-License-Identifier: GPL-2.0 */
/* A connection to a broker by MQTT 3.1.1, over libmosquitto. */
#ifndef MPCNETD_BROKER_MQTT_H
#define MPCNETD_BROKER_MQTT_H

#include <mosquitto.h>
#include <openssl/ssl.h>
#include <stdbool.h>

#include "card.h"
#include "err.h"
#include "medium.h"

/* mpcnet/1/, 32 digits, a slash, and a slot of 16 digits or "+" */
#define MQTT_PREFIX_LEN (9 + 2 * MEDIUM_ID_LEN + 1)
#define MQTT_SLOT_LEN (2 * MEDIUM_SLOT_LEN)
#define MQTT_TOPIC_MAX (MQTT_PREFIX_LEN + MQTT_SLOT_LEN)

/**
 * struct mqtt - a broker, and the connection to it if there is one
 * @url: where it is
 * @name: ours there, empty until it is needed; MQTT 3.1.1 section 3.1.3.1 has no
 * broker take more than 23 characters
 * @prefix: of the topics of all parties
 * @topic: ours
 * @ctx: TLS that takes this broker and no other, NULL for plain TCP
 * @certificate: X509_V_OK, or what is wrong with the one that was shown last
 * @heard: something has come, of another party; @len is MEDIUM_MAX at most
 * @ours: something other than our posting is said under our topic
 * @taken: the broker has what was published last
 * @arg: handed to these
 * @client: the connection, NULL for none
 * @ready: it is of use
 * @failed: it is over, as @why says
 * @why: a sentence
 * @gives_up: when it has failed if it is not ready by then
 * @mid: number of what was published last; 0: the broker has it
 * @last: it, to know it when it comes back
 */
struct mqtt {
	struct ticket_broker url;
	char name[24];
	char prefix[MQTT_PREFIX_LEN + 1];
	char topic[MQTT_TOPIC_MAX + 1];
	SSL_CTX *ctx;
	int certificate;
	void (*heard)(void *arg, const uint8_t slot[MEDIUM_SLOT_LEN], const uint8_t *data,
		      size_t len);
	void (*ours)(void *arg);
	void (*taken)(void *arg);
	void *arg;
	struct mosquitto *client;
	bool ready;
	bool failed;
	struct mpcnet_err why;
	uint64_t gives_up;
	int mid;
	const struct medium_data *last;
};

/* broker_mqtt.c */
void mqtt_set_topics(struct mqtt *mqtt, const uint8_t id[MEDIUM_ID_LEN],
		     const uint8_t slot[MEDIUM_SLOT_LEN]);
void mqtt_connect(struct mqtt *mqtt, const char *address, const struct medium_data *will,
		  uint64_t now);
void mqtt_publish(struct mqtt *mqtt, const struct medium_data *data);
short mqtt_events(struct mqtt *mqtt, int *fd);
bool mqtt_pending(const struct mqtt *mqtt);
void mqtt_work(struct mqtt *mqtt, short events, uint64_t now);
void mqtt_leave(struct mqtt *mqtt);
void mqtt_close(struct mqtt *mqtt);

/* broker_tls.c */
bool mqtt_tls_init(struct mqtt *mqtt);
void mqtt_tls_reason(struct mqtt *mqtt);

#endif /* MPCNETD_BROKER_MQTT_H */
