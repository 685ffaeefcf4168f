// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "did.h"
#include "key.h"

static const struct {
	const char *hex;
	const char *did;
} known[] = {
	/* The X25519 example of the did:key specification. */
	{ "2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74",
	  "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F" },
	/* Keys of the example documents of did:peer:4. */
	{ "048885710127ddd7ef076a63961390428babea35f2f5de6cd8528424d4ce2629",
	  "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc" },
	{ "cbc230649a880272c2fd5f21a519aaa6640f5806d853f87911614f7a53bcaf45",
	  "did:key:z6LSqPZfn9krvgXma2icTMKf2uVcYhKXsudCmPoUzqGYW24U" },
	/* The ends of the range, as an independent program spells them. */
	{ "0000000000000000000000000000000000000000000000000000000000000000",
	  "did:key:z6LSbgBAXJos6Tik6PNmXeWxKbDUr9Y7hcB9syigVTeXiNmm" },
	{ "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	  "did:key:z6LStuVY26ZTtWTWfUABkphFWp216eBSSpFFN2g1MP5JEL22" },
};

static void vectors(void)
{
	uint8_t key[MPCNET_KEY_LEN], back[MPCNET_KEY_LEN];
	char did[MPCNET_DID_MAX + 1];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		CHECK(mpcnet_key_from_hex(key, known[i].hex, 64));
		mpcnet_did_from_key(did, key);
		CHECK(!strcmp(did, known[i].did));
		CHECK(mpcnet_did_to_key(back, known[i].did));
		CHECK(!memcmp(key, back, sizeof(key)));
	}
}

static void both_ways(void)
{
	uint8_t key[MPCNET_KEY_LEN], back[MPCNET_KEY_LEN];
	char did[MPCNET_DID_MAX + 1];

	for (unsigned int round = 0; round < 1000; round++) {
		CHECK(mpcnet_key_random(key));
		mpcnet_did_from_key(did, key);
		CHECK(!strncmp(did, "did:key:z6LS", 12));
		CHECK(mpcnet_did_to_key(back, did));
		CHECK(!memcmp(key, back, sizeof(key)));
	}
}

static void refused(void)
{
	static const char *const bad[] = {
		"",
		"did:key:",
		"did:key:z",
		"did:web:example.org",
		"did:key:f6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
		/* Ed25519, which is another multicodec. */
		"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
		/* A digit too few, too many, one that is none, a leading zero. */
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6",
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6FF",
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit60",
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6 ",
		"did:key:z16LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
		"did:key:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F#key",
	};
	uint8_t key[MPCNET_KEY_LEN];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool taken = mpcnet_did_to_key(key, bad[i]);

		CHECK(!taken);
		if (taken)
			printf("# %s\n", bad[i]);
	}
}

static const struct unit_test tests[] = {
	{ "did: known names", vectors },
	{ "did: both ways", both_ways },
	{ "did: what is refused", refused },
	{ 0 },
};
UNIT_TESTS(tests)
