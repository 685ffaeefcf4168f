// SPDX-License-Identifier: GPL-2.0
#include "rendezvous.h"

#include <stdio.h>
#include <string.h>

#include "crypto.h"

static const char *trouble_of(const struct rendezvous *r, unsigned int i)
{
	return r->broker_count ? r->brokers[i].trouble : lan_trouble(&r->lan);
}

static void tell_trouble(char *text, size_t room, const struct rendezvous *r)
{
	unsigned int media = r->broker_count ? r->broker_count : 1, count = 0, first = 0;

	for (unsigned int i = media; i > 0; i--) {
		if (!*trouble_of(r, i - 1))
			continue;
		first = i - 1;
		count++;
	}
	*text = '\0';
	if (count == 1)
		snprintf(text, room, "%s", trouble_of(r, first));
	else if (count)
		snprintf(text, room, "%s (of %u brokers, %u do not work)", trouble_of(r, first),
			 media, count);
}

static void on_changed(void *arg)
{
	struct rendezvous *r = arg;
	char text[sizeof(r->trouble)];

	tell_trouble(text, sizeof(text), r);
	if (!strcmp(text, r->trouble))
		return;
	memcpy(r->trouble, text, sizeof(text));
	r->ops->changed(r->arg);
}

static void on_received(void *arg, const uint8_t *data, size_t len)
{
	struct rendezvous *r = arg;

	r->ops->received(r->arg, data, len);
}

/* What a medium sees of both tells it nothing of either. */
static bool set_names(struct medium *medium, const struct ticket *ticket,
		      const uint8_t public_key[MPCNET_KEY_LEN])
{
	uint8_t id[MPCNET_KEY_LEN], slot[2 * MPCNET_KEY_LEN], hash[CRYPTO_HASH_LEN];
	bool done;

	memcpy(slot + MPCNET_KEY_LEN, public_key, MPCNET_KEY_LEN);
	done = ticket_key(id, ticket, "topic") && ticket_key(slot, ticket, "slot") &&
	       crypto_hash(hash, "mpcnet slot", (struct crypto_span){ slot, sizeof(slot) });
	if (done) {
		memcpy(medium->id, id, MEDIUM_ID_LEN);
		memcpy(medium->slot, hash, MEDIUM_SLOT_LEN);
	}
	explicit_bzero(id, sizeof(id));
	explicit_bzero(slot, sizeof(slot));
	return done;
}

/**
 * rendezvous_open() - begin to listen for the other parties
 * @r: gets the rendezvous; without timer and on no list, it is where it is
 * @ticket: names the brokers
 * @public_key: of this party
 * @ops: the owner's
 * @arg: handed to them
 * @err: says why not
 *
 * Nothing is done before the first rendezvous_tick(), which is due at once: there
 * is time until then for rendezvous_will().
 *
 * Return: 0, or -1.
 */
int rendezvous_open(struct rendezvous *r, const struct ticket *ticket,
		    const uint8_t public_key[MPCNET_KEY_LEN], const struct rendezvous_ops *ops,
		    void *arg, struct mpcnet_err *err)
{
	memset(r, 0, sizeof(*r));
	r->ops = ops;
	r->arg = arg;
	r->medium.received = on_received;
	r->medium.changed = on_changed;
	r->medium.arg = r;
	lan_init(&r->lan, &r->medium);
	if (!set_names(&r->medium, ticket, public_key))
		return mpcnet_err_set(err, "no names for a rendezvous: libcrypto fails");
	for (; r->broker_count < ticket->broker_count; r->broker_count++)
		broker_open(&r->brokers[r->broker_count], &r->medium,
			    ticket->broker[r->broker_count]);
	if (!r->broker_count)
		lan_open(&r->lan);
	return 0;
}

static bool set(struct medium_data *to, const uint8_t *data, size_t len)
{
	if (len > MEDIUM_MAX)
		return false;
	memcpy(to->data, data, len);
	to->len = len;
	return true;
}

/**
 * rendezvous_post() - leave a posting for the others, in place of the one before
 * @r: the rendezvous
 * @data: the posting
 * @len: up to MEDIUM_MAX; what is longer is not left
 */
void rendezvous_post(struct rendezvous *r, const uint8_t *data, size_t len)
{
	if (!set(&r->medium.posting, data, len))
		return;
	for (unsigned int i = 0; i < r->broker_count; i++)
		broker_post(&r->brokers[i]);
	lan_post(&r->lan);
}

/**
 * rendezvous_will() - what brokers say to the others when we are silent
 * @r: the rendezvous, before the first rendezvous_post()
 * @data: the will
 * @len: up to MEDIUM_MAX
 */
void rendezvous_will(struct rendezvous *r, const uint8_t *data, size_t len)
{
	if (!set(&r->medium.will, data, len))
		return;
	for (unsigned int i = 0; i < r->broker_count; i++)
		broker_will(&r->brokers[i]);
}

/**
 * rendezvous_tick() - do what its time has come for
 * @r: the rendezvous
 * @now: the time, by loop_now()
 */
void rendezvous_tick(struct rendezvous *r, uint64_t now)
{
	for (unsigned int i = 0; i < r->broker_count; i++)
		broker_tick(&r->brokers[i], now);
	lan_tick(&r->lan, now);
}

/**
 * rendezvous_deadline() - when is rendezvous_tick() to be called?
 * @r: the rendezvous
 *
 * Return: the time by loop_now(), LOOP_NEVER for never.
 */
uint64_t rendezvous_deadline(const struct rendezvous *r)
{
	uint64_t first = lan_deadline(&r->lan);

	for (unsigned int i = 0; i < r->broker_count; i++) {
		uint64_t deadline = broker_deadline(&r->brokers[i]);

		if (deadline < first)
			first = deadline;
	}
	return first;
}

/**
 * rendezvous_trouble() - what does not work
 * @r: the rendezvous
 *
 * Return: a sentence, which stays until it changes; NULL if all media work, or
 * may do so.
 */
const char *rendezvous_trouble(const struct rendezvous *r)
{
	return *r->trouble ? r->trouble : NULL;
}

/**
 * rendezvous_reached() - can others find what we posted?
 * @r: the rendezvous
 *
 * Return: true if a medium has taken a posting of ours.
 */
bool rendezvous_reached(const struct rendezvous *r)
{
	for (unsigned int i = 0; i < r->broker_count; i++) {
		if (r->brokers[i].taken)
			return true;
	}
	return lan_reached(&r->lan);
}

/**
 * rendezvous_end() - leave, and have our posting erased
 * @r: the rendezvous; of no use afterwards
 *
 * The last posting is carried before. Children of the daemon see to it, for some
 * seconds at most, and are not waited for.
 */
void rendezvous_end(struct rendezvous *r)
{
	for (unsigned int i = 0; i < r->broker_count; i++)
		broker_end(&r->brokers[i]);
	lan_end(&r->lan);
	rendezvous_close(r);
}

/**
 * rendezvous_close() - let go, as a daemon that dies does
 * @r: the rendezvous, open or closed; of no use afterwards
 *
 * Our posting stays with the brokers, and they say our will.
 */
void rendezvous_close(struct rendezvous *r)
{
	for (unsigned int i = 0; i < r->broker_count; i++)
		broker_close(&r->brokers[i]);
	lan_close(&r->lan);
}
