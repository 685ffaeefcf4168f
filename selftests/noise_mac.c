// SPDX-License-Identifier: GPL-2.0
/* The two macs of handshake messages, and the cookie reply (paper, 5.4.4 and 5.4.7). */
#include "noise.h"

#include <sodium.h>
#include <string.h>

#include "blake2s.h"

#define LABEL_MAC1	"mac1----"
#define LABEL_COOKIE	"cookie--"
#define LABEL_LEN	8

/* HASH(label || public): the key of mac1, and that which seals cookies. */
static void labelled_key(uint8_t key[NOISE_HASH], const char *label,
			 const uint8_t public[NOISE_KEY])
{
	uint8_t labelled[LABEL_LEN + NOISE_KEY];

	memcpy(labelled, label, LABEL_LEN);
	memcpy(labelled + LABEL_LEN, public, NOISE_KEY);
	blake2s_once(key, NOISE_HASH, NULL, 0, labelled, sizeof(labelled));
}

/* mac1 of a message to @receiver: over all bytes before it. */
static void mac1_of(uint8_t mac[NOISE_MAC], const uint8_t receiver[NOISE_KEY], const void *msg,
		    size_t len)
{
	uint8_t key[NOISE_HASH];

	labelled_key(key, LABEL_MAC1, receiver);
	blake2s_once(mac, NOISE_MAC, key, NOISE_HASH, msg, len - 2 * NOISE_MAC);
}

void noise_mac(struct noise_handshake *hs, void *msg, size_t len)
{
	uint8_t *mac1 = (uint8_t *)msg + len - 2 * NOISE_MAC, *mac2 = mac1 + NOISE_MAC;

	mac1_of(mac1, hs->remote, msg, len);
	memcpy(hs->mac1_sent, mac1, NOISE_MAC);
	memset(mac2, 0, NOISE_MAC);
	if (hs->has_cookie)
		blake2s_once(mac2, NOISE_MAC, hs->cookie, NOISE_MAC, msg, len - NOISE_MAC);
}

const char *noise_judge_macs(const uint8_t own_public[NOISE_KEY], const uint8_t *cookie,
			     const void *msg, size_t len)
{
	const uint8_t *mac1 = (const uint8_t *)msg + len - 2 * NOISE_MAC, *mac2 = mac1 + NOISE_MAC;
	uint8_t right[NOISE_MAC] = { 0 };

	mac1_of(right, own_public, msg, len);
	if (memcmp(right, mac1, NOISE_MAC))
		return "mac1 is wrong";
	memset(right, 0, NOISE_MAC);
	if (cookie)
		blake2s_once(right, NOISE_MAC, cookie, NOISE_MAC, msg, len - NOISE_MAC);
	if (memcmp(right, mac2, NOISE_MAC))
		return cookie ? "mac2 is wrong" : "mac2 is not zero though no cookie was given";
	return NULL;
}

void noise_cookie_make(struct noise_cookie *reply, const uint8_t own_public[NOISE_KEY],
		       const uint8_t cookie[NOISE_MAC], const void *msg, size_t len)
{
	const uint8_t *bytes = msg;
	uint8_t key[NOISE_HASH];

	noise_put32(reply->type, NOISE_COOKIE);
	memcpy(reply->receiver, bytes + 4, 4);
	randombytes_buf(reply->nonce, NOISE_NONCE);
	labelled_key(key, LABEL_COOKIE, own_public);
	crypto_aead_xchacha20poly1305_ietf_encrypt(reply->cookie, NULL, cookie, NOISE_MAC,
						   bytes + len - 2 * NOISE_MAC, NOISE_MAC, NULL,
						   reply->nonce, key);
}

const char *noise_cookie_take(struct noise_handshake *hs, const void *data, size_t len)
{
	const struct noise_cookie *msg = data;
	uint8_t key[NOISE_HASH];

	if (len != sizeof(*msg))
		return "cookie reply has a wrong length";
	if (noise_get32(msg->type) != NOISE_COOKIE)
		return "cookie reply has a wrong type or reserved bytes that are not zero";
	if (noise_get32(msg->receiver) != hs->index)
		return "cookie reply is to another index";
	labelled_key(key, LABEL_COOKIE, hs->remote);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(hs->cookie, NULL, NULL, msg->cookie,
						       sizeof(msg->cookie), hs->mac1_sent,
						       NOISE_MAC, msg->nonce, key))
		return "cookie reply does not authenticate";
	hs->has_cookie = true;
	return NULL;
}
