// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "stun.h"

/* RFC 5769 sections 2.1 to 2.4. */
#define REQUEST                                                                                    \
	"000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"         \
	"002400046e0001ff80290008932ff9b151263b36000600096576746a3a683676592020200008001"          \
	"49aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
#define RESPONSE_IPV4                                                                              \
	"0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200008"         \
	"0001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
#define RESPONSE_IPV6                                                                              \
	"010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200014"         \
	"0002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275"         \
	"bfe3ed4180280004c8fb0b4c"
#define REQUEST_LONG                                                                               \
	"000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe3"         \
	"82b900000015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"                 \
	"0014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"
#define LONG_USER "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9"
#define LONG_NONCE "f//499k954d6OL34oL9FSTvy64sA"

static const uint8_t id[STUN_ID_LEN] = "abcdefghijkl";

static size_t from_hex(uint8_t *data, const char *hex)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
		CHECK(sscanf(hex + 2 * i, "%2hhx", &data[i]) == 1);
	return len;
}

static bool is_text(const struct stun_span *span, const char *text)
{
	return span->data && span->len == strlen(text) && !memcmp(span->data, text, span->len);
}

static bool is_endpoint(const union mpcnet_endpoint *endpoint, const char *want)
{
	char text[MPCNET_ENDPOINT_TEXT];

	mpcnet_endpoint_format(text, endpoint);
	return !strcmp(text, want);
}

static void begin(struct stun_builder *b, uint8_t data[STUN_ROOM])
{
	stun_begin(b, data, STUN_ROOM, STUN_REQUEST, STUN_BINDING, id);
}

static bool decode(struct stun_message *message, const struct stun_builder *b)
{
	return !b->failed && stun_decode(message, b->data, b->len);
}

static void vectors(void)
{
	struct stun_message message;
	uint8_t data[256];
	size_t len = from_hex(data, REQUEST);

	CHECK(stun_is_message(data, len) && stun_decode(&message, data, len));
	CHECK(message.class == STUN_REQUEST && message.method == STUN_BINDING);
	CHECK(message.id == data + 8 && message.has_fingerprint && !message.unknown);
	CHECK(message.has_priority && message.priority == 0x6e0001ff);
	CHECK(is_text(&message.username, "evtj:h6vY") && !message.nonce.data);
	CHECK(stun_verify_sha1(&message, PASSWORD, strlen(PASSWORD)));
	CHECK(!stun_verify_sha1(&message, PASSWORD, strlen(PASSWORD) - 1));
	CHECK(!stun_verify_sha256(&message, PASSWORD, strlen(PASSWORD)));
	len = from_hex(data, RESPONSE_IPV4);
	CHECK(stun_decode(&message, data, len) && message.class == STUN_SUCCESS);
	CHECK(is_endpoint(&message.mapped, "192.0.2.1:32853"));
	CHECK(stun_verify_sha1(&message, PASSWORD, strlen(PASSWORD)));
	len = from_hex(data, RESPONSE_IPV6);
	CHECK(stun_decode(&message, data, len));
	CHECK(is_endpoint(&message.mapped, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
	CHECK(stun_verify_sha1(&message, PASSWORD, strlen(PASSWORD)));
}

static void vector_long_term(void)
{
	struct stun_message message;
	uint8_t data[256], key[16];
	size_t len = from_hex(data, REQUEST_LONG);

	CHECK(stun_decode(&message, data, len) && !message.has_fingerprint);
	CHECK(is_text(&message.username, LONG_USER) && is_text(&message.realm, "example.org"));
	CHECK(is_text(&message.nonce, LONG_NONCE));
	CHECK(stun_long_term_key(key, LONG_USER, "example.org", "TheMatrIX"));
	CHECK(stun_verify_sha1(&message, key, sizeof(key)));
	CHECK(stun_long_term_key(key, LONG_USER, "example.org", "TheMatrix"));
	CHECK(!stun_verify_sha1(&message, key, sizeof(key)));
}

static void looks_like(void)
{
	uint8_t data[256];
	size_t len = from_hex(data, REQUEST);

	CHECK(!stun_is_message(data, len - 4) && !stun_is_message(data, len + 4));
	CHECK(!stun_is_message(data, 0) && !stun_is_message(NULL, 0));
	data[0] ^= 0x40;
	CHECK(!stun_is_message(data, len));
	data[0] ^= 0xc0;
	CHECK(!stun_is_message(data, len));
	data[0] ^= 0x80;
	data[7] ^= 1;
	CHECK(!stun_is_message(data, len));
	data[7] ^= 1;
	data[3] -= 2;
	CHECK(!stun_is_message(data, len - 2));
	data[3] = 0;
	CHECK(stun_is_message(data, 20) && !stun_is_message(data, 19));
}

/* A message that is cut is none; with its length put right, it is one where an
 * attribute ends.
 */
static void truncated(void)
{
	static const size_t ends[] = { 20, 40, 48, 60, 76, 100, 108 };
	struct stun_message message;
	unsigned int found = 0;
	uint8_t data[256];
	size_t len = from_hex(data, REQUEST);

	for (size_t cut = 0; cut < len; cut++)
		CHECK(!stun_decode(&message, data, cut));
	for (size_t cut = 20; cut <= len; cut++) {
		data[3] = (uint8_t)(cut - 20);
		if (!stun_decode(&message, data, cut)) {
			CHECK(!message.whole.data && !message.has_priority);
			continue;
		}
		CHECK(found < 7 && cut == ends[found]);
		CHECK(stun_verify_sha1(&message, PASSWORD, strlen(PASSWORD)) == (cut >= 100));
		found++;
	}
	CHECK(found == 7);
}

static void flipped_fingerprint(void)
{
	struct stun_message message;
	unsigned int decoded = 0;
	uint8_t data[256];
	size_t len = from_hex(data, REQUEST);

	for (size_t bit = 0; bit < 8 * len; bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (stun_decode(&message, data, len)) {
			/* It became part of another attribute, or one itself. */
			CHECK(!message.has_fingerprint);
			CHECK(!message.sha1_at || bit / 8 == 100 || bit / 8 == 101);
			decoded++;
		}
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(decoded < 32 && stun_decode(&message, data, len));
}

/* Behind a fingerprint that was put right the integrity has to see it. */
static void flipped_integrity(void)
{
	struct stun_message message;
	struct stun_builder b;
	uint8_t data[STUN_ROOM];
	size_t len, decoded = 0;

	begin(&b, data);
	stun_put(&b, STUN_USERNAME, "odd", 3);
	stun_seal_sha1(&b, "key", 3);
	stun_seal_sha256(&b, "key", 3);
	len = stun_end(&b);
	for (size_t bit = 0; bit < 8 * (len - 8); bit++) {
		uint32_t sum;

		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		sum = htonl(stun_fingerprint(data, len - 8));
		memcpy(data + len - 4, &sum, 4);
		if (stun_decode(&message, data, len)) {
			CHECK(!stun_verify_sha256(&message, "key", 3));
			CHECK(bit / 8 >= 52 || !stun_verify_sha1(&message, "key", 3));
			decoded++;
		}
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(decoded > 8 * 50);
}

static void put_truncated_sha256(struct stun_builder *b, size_t len)
{
	uint8_t sum[32] = { 0 };
	size_t covered = b->len;

	stun_put(b, STUN_MESSAGE_INTEGRITY_SHA256, sum, len);
	CHECK(HMAC(EVP_sha256(), "key", 3, b->data, covered, sum, NULL));
	memcpy(b->data + covered + 4, sum, len);
}

static void sha256_lengths(void)
{
	struct stun_message message;
	struct stun_builder b;
	uint8_t data[STUN_ROOM];

	for (size_t len = 0; len <= 32; len++) {
		begin(&b, data);
		stun_put(&b, STUN_USERNAME, "u", 1);
		put_truncated_sha256(&b, len);
		CHECK(decode(&message, &b) == (len >= 16 && len % 4 == 0));
		if (!message.sha256_at)
			continue;
		CHECK(message.sha256_len == len && stun_verify_sha256(&message, "key", 3));
		data[b.len - 1] ^= 1;
		CHECK(!stun_verify_sha256(&message, "key", 3));
	}
	begin(&b, data);
	stun_put(&b, STUN_MESSAGE_INTEGRITY_SHA256, PASSWORD PASSWORD, 36);
	CHECK(!decode(&message, &b));
}

static void behind_integrity(void)
{
	struct stun_message message;
	struct stun_builder b;
	uint8_t data[STUN_ROOM];

	begin(&b, data);
	stun_seal_sha1(&b, "key", 3);
	stun_put(&b, STUN_USERNAME, "forged", 6);
	stun_put(&b, 0x7fff, NULL, 0);
	stun_put(&b, STUN_PRIORITY, "wrong", 5);
	CHECK(decode(&message, &b) && !message.username.data && !message.unknown);
	stun_seal_sha256(&b, "key", 3);
	stun_put(&b, STUN_USE_CANDIDATE, NULL, 0);
	CHECK(stun_end(&b) && decode(&message, &b) && message.has_fingerprint);
	CHECK(!message.use_candidate && !message.has_priority);
	CHECK(stun_verify_sha1(&message, "key", 3) && stun_verify_sha256(&message, "key", 3));
	begin(&b, data);
	stun_seal_sha256(&b, "key", 3);
	stun_seal_sha1(&b, "key", 3);
	CHECK(decode(&message, &b) && !message.sha1_at && message.sha256_at == 20);
	CHECK(!stun_verify_sha1(&message, "key", 3));
}

static void integrity_twice(void)
{
	struct stun_message message;
	struct stun_builder b;
	uint8_t data[STUN_ROOM];
	uint32_t sum;

	begin(&b, data);
	stun_seal_sha1(&b, "key", 3);
	stun_seal_sha1(&b, "key", 3);
	CHECK(!decode(&message, &b));
	begin(&b, data);
	stun_seal_sha256(&b, "key", 3);
	stun_seal_sha256(&b, "key", 3);
	CHECK(!decode(&message, &b));
	begin(&b, data);
	CHECK(stun_end(&b) == 28 && decode(&message, &b));
	stun_put(&b, STUN_SOFTWARE, "late", 4);
	/* The sum is of the length that the message has now. */
	sum = htonl(stun_fingerprint(data, 20));
	memcpy(data + 24, &sum, 4);
	CHECK(!decode(&message, &b));
}

static const struct unit_test tests[] = {
	{ "stun: vectors of RFC 5769", vectors },
	{ "stun: vector with a long-term key", vector_long_term },
	{ "stun: what looks like a message", looks_like },
	{ "stun: cut anywhere", truncated },
	{ "stun: the fingerprint sees each bit", flipped_fingerprint },
	{ "stun: the integrity sees each bit", flipped_integrity },
	{ "stun: SHA-256 of 16 to 32 bytes", sha256_lengths },
	{ "stun: what stands behind an integrity", behind_integrity },
	{ "stun: two integrities, and FINGERPRINT not last", integrity_twice },
	{ 0 },
};
UNIT_TESTS(tests)
