// SPDX-License-Identifier: GPL-2.0
/* Data messages (paper, 5.4.6), and the AEAD under them. */
#include "noise.h"

#include <sodium.h>
#include <string.h>

static void aead_nonce(uint8_t nonce[12], uint64_t counter)
{
	memset(nonce, 0, 4);
	noise_put64(nonce + 4, counter);
}

void noise_aead_seal(uint8_t *out, const uint8_t key[NOISE_KEY], uint64_t counter,
		      const void *plain, size_t len, const void *ad, size_t ad_len)
{
	uint8_t nonce[12];

	aead_nonce(nonce, counter);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, len, ad, ad_len, NULL, nonce,
						  key);
}

bool noise_aead_open(uint8_t *out, const uint8_t key[NOISE_KEY], uint64_t counter,
		      const void *sealed, size_t len, const void *ad, size_t ad_len)
{
	uint8_t nonce[12];

	aead_nonce(nonce, counter);
	return !crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, len, ad, ad_len,
							  nonce, key);
}

size_t noise_seal_raw(const struct noise_session *session, uint64_t counter, void *data,
		      const void *plain, size_t len)
{
	struct noise_data *msg = data;

	noise_put32(msg->type, NOISE_DATA);
	noise_put32(msg->receiver, session->remote_index);
	noise_put64(msg->counter, counter);
	noise_aead_seal(msg->sealed, session->send, counter, plain, len, NULL, 0);
	return NOISE_DATA_LEN(len);
}

size_t noise_seal(struct noise_session *session, void *msg, const void *inner, size_t len)
{
	uint8_t plain[NOISE_INNER_MAX + NOISE_PAD] = { 0 };

	if (len)
		memcpy(plain, inner, len);
	len = (len + NOISE_PAD - 1) / NOISE_PAD * NOISE_PAD;
	return noise_seal_raw(session, session->next++, msg, plain, len);
}

const char *noise_open(struct noise_session *session, const void *data, size_t len, void *plain,
		       size_t *plain_len)
{
	const struct noise_data *msg = data;
	uint64_t counter;

	if (len < NOISE_DATA_LEN(0))
		return "data message is too short";
	if (noise_get32(msg->type) != NOISE_DATA)
		return "data message has a wrong type or reserved bytes that are not zero";
	if (noise_get32(msg->receiver) != session->index)
		return "data message is to another index";
	counter = noise_get64(msg->counter);
	if (counter < session->expected)
		return "data message has a counter that was used before";
	if (!noise_aead_open(plain, session->receive, counter, msg->sealed, len - NOISE_DATA_HEAD, NULL,
		       0))
		return "data message does not authenticate";
	session->expected = counter + 1;
	*plain_len = len - NOISE_DATA_LEN(0);
	return NULL;
}

const char *noise_judge_padding(const uint8_t *plain, size_t len, size_t mtu, size_t *inner_len)
{
	size_t inner = 0, padded;

	if (len >= 20 && plain[0] >> 4 == 4)
		inner = (size_t)plain[2] << 8 | plain[3];
	else if (len >= 40 && plain[0] >> 4 == 6)
		inner = 40 + ((size_t)plain[4] << 8 | plain[5]);
	else
		return "data message holds no IP packet";
	if (inner > len)
		return "data message is shorter than its IP packet";
	padded = (inner + NOISE_PAD - 1) / NOISE_PAD * NOISE_PAD;
	if (padded > mtu)
		padded = inner > mtu ? inner : mtu;
	if (len != padded)
		return "data message is not padded to 16 bytes, at most the MTU";
	*inner_len = inner;
	for (; inner < len; inner++)
		if (plain[inner])
			return "padding is not zero";
	return NULL;
}
