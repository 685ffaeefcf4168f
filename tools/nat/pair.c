// SPDX-License-Identifier: GPL-2.0
#include "card.h"

#include <string.h>

#include <openssl/evp.h>

#include "crypto.h"
#include "key.h"

#define PAIR_DOMAIN "mpcnet check"
#define PAIR_DOMAIN_LEN (sizeof(PAIR_DOMAIN) - 1)

/* X25519, RFC 7748 section 6.1. Return: false also for a secret of zeros. */
static bool x25519(uint8_t secret[MPCNET_KEY_LEN], const uint8_t *private_key,
		   const uint8_t *public_key)
{
	EVP_PKEY *own, *peer;
	EVP_PKEY_CTX *ctx;
	size_t len = MPCNET_KEY_LEN;
	bool done;

	own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, MPCNET_KEY_LEN);
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, MPCNET_KEY_LEN);
	ctx = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	done = ctx && peer && EVP_PKEY_derive_init(ctx) == 1 &&
	       EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	       EVP_PKEY_derive(ctx, secret, &len) == 1 && len == MPCNET_KEY_LEN &&
	       !mpcnet_key_is_zero(secret);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	return done;
}

/* The same for both: the lower public key stands first. */
static void pair_info(uint8_t info[PAIR_DOMAIN_LEN + 2 * MPCNET_KEY_LEN], const uint8_t *a,
		      const uint8_t *b)
{
	bool swap = memcmp(a, b, MPCNET_KEY_LEN) > 0;

	memcpy(info, PAIR_DOMAIN, PAIR_DOMAIN_LEN);
	memcpy(info + PAIR_DOMAIN_LEN, swap ? b : a, MPCNET_KEY_LEN);
	memcpy(info + PAIR_DOMAIN_LEN + MPCNET_KEY_LEN, swap ? a : b, MPCNET_KEY_LEN);
}

/**
 * pair_key() - the key of the checks between two parties
 * @key: gets it
 * @ticket: of their session
 * @private_key: ours
 * @peer_public_key: theirs
 *
 * Return: false if their key is of a kind that gives everyone the same secret,
 * if ticket_check() refuses the ticket, or libcrypto fails.
 */
bool pair_key(uint8_t key[MPCNET_KEY_LEN], const struct ticket *ticket,
	      const uint8_t private_key[MPCNET_KEY_LEN],
	      const uint8_t peer_public_key[MPCNET_KEY_LEN])
{
	uint8_t info[PAIR_DOMAIN_LEN + 2 * MPCNET_KEY_LEN], secret[MPCNET_KEY_LEN];
	uint8_t public_key[MPCNET_KEY_LEN], id[TICKET_ID_LEN];
	bool done;

	if (!ticket_id(id, ticket) || !mpcnet_key_public(public_key, private_key))
		return false;
	pair_info(info, public_key, peer_public_key);
	done = x25519(secret, private_key, peer_public_key) &&
	       crypto_hkdf(key, (struct crypto_span){ secret, sizeof(secret) },
			   (struct crypto_span){ id, sizeof(id) },
			   (struct crypto_span){ info, sizeof(info) });
	explicit_bzero(secret, sizeof(secret));
	return done;
}
