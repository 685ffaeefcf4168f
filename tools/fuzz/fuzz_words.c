// SPDX-License-Identifier: GPL-2.0
/* Keys, names, numbers, addresses: what is taken is spelt back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "did.h"
#include "key.h"
#include "number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void keys(const char *word)
{
	char text[MPCNET_KEY_TEXT_LEN + 1], did[MPCNET_DID_MAX + 1];
	uint8_t key[MPCNET_KEY_LEN];

	if (mpcnet_key_from_text(key, word, strlen(word))) {
		mpcnet_key_to_text(text, key);
		if (strcmp(text, word))
			abort();
	}
	if (mpcnet_did_to_key(key, word)) {
		mpcnet_did_from_key(did, key);
		if (strcmp(did, word))
			abort();
	}
	mpcnet_key_looks_like(word);
}

static void addresses(const char *word)
{
	struct mpcnet_allowedip ip, again;
	char text[MPCNET_ALLOWEDIP_TEXT];
	struct mpcnet_host host;
	struct mpcnet_err err;

	if (mpcnet_allowedip_parse(&ip, word, strlen(word))) {
		mpcnet_allowedip_format(text, &ip);
		if (!mpcnet_allowedip_parse(&again, text, strlen(text)) ||
		    !mpcnet_allowedip_equal(&ip, &again))
			abort();
	}
	mpcnet_host_parse(&host, word, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = malloc(size + 1);
	uint64_t number;

	if (!word)
		return 0;
	if (size)
		memcpy(word, data, size);
	word[size] = '\0';
	keys(word);
	addresses(word);
	if (mpcnet_number_parse_hex(&number, word, 5, 70000) && (number < 5 || number > 70000))
		abort();
	free(word);
	return 0;
}
