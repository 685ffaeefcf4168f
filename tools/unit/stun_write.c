// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "stun.h"

static const uint8_t id[STUN_ID_LEN] = "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

static const union mpcnet_endpoint *ipv4(const char *addr)
{
	static union mpcnet_endpoint endpoint;

	endpoint = (union mpcnet_endpoint){ .in = { .sin_family = AF_INET } };
	endpoint.in.sin_port = htons(32853);
	CHECK(inet_pton(AF_INET, addr, &endpoint.in.sin_addr) == 1);
	return &endpoint;
}

static const union mpcnet_endpoint *ipv6(const char *addr)
{
	static union mpcnet_endpoint endpoint;

	endpoint = (union mpcnet_endpoint){ .in6 = { .sin6_family = AF_INET6 } };
	endpoint.in6.sin6_port = htons(32853);
	CHECK(inet_pton(AF_INET6, addr, &endpoint.in6.sin6_addr) == 1);
	return &endpoint;
}

static void begin(struct stun_builder *b, uint8_t data[STUN_ROOM])
{
	stun_begin(b, data, STUN_ROOM, STUN_REQUEST, STUN_BINDING, id);
}

static bool decode(struct stun_message *message, const struct stun_builder *b)
{
	return !b->failed && stun_decode(message, b->data, b->len);
}

/* RFC 5769 section 2.4, whose padding is ours. */
static void vector(void)
{
	static const uint8_t sum[] = "\x00\x08\x00\x14\xf6\x70\x24\x65\x6d\xd6\x4a\x3e"
				     "\x02\xb8\xe0\x71\x2e\x85\xc9\xa2\x8c\xa8\x96\x66";
	static const char user[] =
		"\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9";
	uint8_t data[STUN_ROOM], key[16];
	struct stun_builder b;

	stun_begin(&b, data, sizeof(data), STUN_REQUEST, STUN_BINDING,
		   (const uint8_t *)"\x78\xad\x34\x33\xc6\xad\x72\xc0\x29\xda\x41\x2e");
	stun_put(&b, STUN_USERNAME, user, 18);
	stun_put(&b, STUN_NONCE, "f//499k954d6OL34oL9FSTvy64sA", 28);
	stun_put(&b, STUN_REALM, "example.org", 11);
	CHECK(stun_long_term_key(key, user, "example.org", "TheMatrIX"));
	stun_seal_sha1(&b, key, sizeof(key));
	CHECK(!b.failed && b.len == 116 && !memcmp(data + 92, sum, 24));
	CHECK(!memcmp(data, "\x00\x01\x00\x60\x21\x12\xa4\x42", 8));
	/* RFC 8489 section 9.2.2 as another program computes it. */
	CHECK(stun_long_term_key(key, "user", "realm", "pass"));
	CHECK(!memcmp(key, "\x84\x93\xfb\xc5\x3b\xa5\x82\xfb\x4c\x04\x4c\x45\x6b\xdc\x40\xeb", 16));
}

static void classes(void)
{
	static const struct {
		enum stun_class class;
		enum stun_method method;
		const char *type;
	} known[] = {
		{ STUN_REQUEST, STUN_BINDING, "\x00\x01" },
		{ STUN_INDICATION, STUN_BINDING, "\x00\x11" },
		{ STUN_SUCCESS, STUN_BINDING, "\x01\x01" },
		{ STUN_ERROR, STUN_CHANNEL_BIND, "\x01\x19" },
		{ STUN_REQUEST, (enum stun_method)0xfff, "\x3e\xef" },
	};
	struct stun_message message;
	struct stun_builder b;
	uint8_t data[20];

	for (unsigned int i = 0; i < 5; i++) {
		stun_begin(&b, data, sizeof(data), known[i].class, known[i].method, id);
		CHECK(!b.failed && !memcmp(data, known[i].type, 2));
	}
	for (unsigned int i = 0; i < 4 * 4096; i++) {
		stun_begin(&b, data, sizeof(data), i % 4, i / 4, id);
		CHECK(decode(&message, &b) && message.class == i % 4 && message.method == i / 4);
	}
}

static void address(enum stun_type type, const union mpcnet_endpoint *put, size_t at)
{
	struct stun_message message;
	const union mpcnet_endpoint *got;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;
	size_t len = put->sa.sa_family == AF_INET ? 8 : 20;

	begin(&b, data);
	stun_put_address(&b, type, put);
	CHECK(decode(&message, &b) && b.len == 24 + len);
	got = (const union mpcnet_endpoint *)((const char *)&message + at);
	CHECK(got->sa.sa_family && mpcnet_endpoint_equal(got, put));
	data[25] ^= 3;
	CHECK(!decode(&message, &b));
	data[25] = 3;
	CHECK(!decode(&message, &b));
}

static void addresses(void)
{
	static const struct {
		enum stun_type type;
		size_t at;
	} types[] = {
		{ STUN_MAPPED_ADDRESS, offsetof(struct stun_message, mapped) },
		{ STUN_XOR_MAPPED_ADDRESS, offsetof(struct stun_message, mapped) },
		{ STUN_XOR_PEER_ADDRESS, offsetof(struct stun_message, peer) },
		{ STUN_XOR_RELAYED_ADDRESS, offsetof(struct stun_message, relayed) },
		{ STUN_RESPONSE_ORIGIN, offsetof(struct stun_message, origin) },
		{ STUN_OTHER_ADDRESS, offsetof(struct stun_message, other) },
		{ STUN_ALTERNATE_SERVER, offsetof(struct stun_message, alternate) },
	};
	static const union mpcnet_endpoint none;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;

	for (unsigned int i = 0; i < 7; i++) {
		address(types[i].type, ipv4("192.0.2.1"), types[i].at);
		address(types[i].type, ipv6("2001:db8::1"), types[i].at);
	}
	/* RFC 5769 sections 2.2 and 2.3. */
	begin(&b, data);
	stun_put_address(&b, STUN_XOR_PEER_ADDRESS, ipv4("192.0.2.1"));
	CHECK(!memcmp(data + 24, "\x00\x01\xa1\x47\xe1\x12\xa6\x43", 8));
	stun_put_address(&b, STUN_XOR_MAPPED_ADDRESS, ipv6("2001:db8:1234:5678:11:2233:4455:6677"));
	CHECK(!memcmp(data + 36, "\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79", 12));
	CHECK(!memcmp(data + 48, "\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9", 8));
	stun_put_address(&b, STUN_OTHER_ADDRESS, ipv4("192.0.2.1"));
	CHECK(!memcmp(data + 60, "\x00\x01\x80\x55\xc0\x00\x02\x01", 8));
	stun_put_address(&b, STUN_OTHER_ADDRESS, &none);
	CHECK(b.failed && b.len == 68 && !stun_end(&b));
}

static void first_counts(void)
{
	static const enum stun_type plain = STUN_MAPPED_ADDRESS, xored = STUN_XOR_MAPPED_ADDRESS;
	struct stun_message message;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;

	for (unsigned int i = 0; i < 2; i++) {
		begin(&b, data);
		stun_put_address(&b, i ? plain : xored, ipv4(i ? "192.0.2.1" : "192.0.2.2"));
		stun_put_address(&b, i ? xored : plain, ipv4(i ? "192.0.2.2" : "192.0.2.1"));
		stun_put_address(&b, plain, ipv4("192.0.2.3"));
		stun_put_address(&b, xored, ipv4("192.0.2.4"));
		CHECK(decode(&message, &b));
		CHECK(mpcnet_endpoint_equal(&message.mapped, ipv4("192.0.2.2")));
	}
	begin(&b, data);
	stun_put_u32(&b, STUN_LIFETIME, 600);
	stun_put_u32(&b, STUN_LIFETIME, 0);
	stun_put(&b, STUN_NONCE, "", 0);
	stun_put(&b, STUN_NONCE, "late", 4);
	CHECK(decode(&message, &b) && message.has_lifetime && message.lifetime == 600);
	CHECK(message.nonce.data && !message.nonce.len && !message.realm.data);
	stun_put(&b, STUN_LIFETIME, "wrong", 5);
	CHECK(!decode(&message, &b));
}

static void all_fields(void)
{
	static const uint8_t roster[STUN_ROSTER_LEN] = "roster";
	struct stun_message message;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;

	begin(&b, data);
	stun_put(&b, STUN_USERNAME, "u", 1);
	stun_put(&b, STUN_REALM, "re", 2);
	stun_put(&b, STUN_NONCE, "non", 3);
	stun_put(&b, STUN_DATA_VALUE, "data", 4);
	stun_put(&b, STUN_ROSTER, roster, sizeof(roster));
	stun_put(&b, STUN_USE_CANDIDATE, NULL, 0);
	stun_put_u32(&b, STUN_PRIORITY, 0x6e7f00ff);
	stun_put_u32(&b, STUN_CHANNEL_NUMBER, 0x40010000);
	CHECK(decode(&message, &b) && message.username.len == 1 && message.realm.len == 2);
	CHECK(message.nonce.len == 3 && !memcmp(message.data.data, "data", message.data.len));
	CHECK(message.roster && !memcmp(message.roster, roster, sizeof(roster)));
	CHECK(message.use_candidate && message.has_priority && message.priority == 0x6e7f00ff);
	CHECK(message.channel == 0x4001 && !message.has_lifetime && !message.error);
	CHECK(!memcmp(data + 20, "\x00\x06\x00\x01u\0\0\0", 8));
}

static void errors(void)
{
	static const struct {
		const char *value;
		bool right;
	} codes[] = {
		{ "\0\0\3\0", true },	 { "\0\0\6\x63", true }, { "\xff\xff\xfc\x01", true },
		{ "\0\0\2\x63", false }, { "\0\0\7\0", false },	 { "\0\0\4\x64", false },
	};
	struct stun_message message;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;
	char reason[200];

	for (unsigned int i = 0; i < 6; i++) {
		begin(&b, data);
		stun_put(&b, STUN_ERROR_CODE, codes[i].value, 4);
		CHECK(decode(&message, &b) == codes[i].right);
	}
	memset(reason, 'a', sizeof(reason));
	memcpy(reason + 125, "\xe2\x82\xac", 3);
	for (size_t len = 124; len < 130; len++) {
		reason[len] = '\0';
		begin(&b, data);
		stun_put_error(&b, STUN_STALE_NONCE, reason);
		CHECK(decode(&message, &b) && message.error == 438);
		CHECK(len < 128 ? message.reason.len == len : message.reason.len == 125);
		CHECK(!memcmp(message.reason.data, reason, message.reason.len));
		reason[len] = (char)(len == 125 ? 0xe2 :
				     len == 126 ? 0x82 :
				     len == 127 ? 0xac :
						  'a');
	}
	begin(&b, data);
	stun_put_error(&b, (enum stun_code)700, "");
	CHECK(b.failed && b.len == 20);
	begin(&b, data);
	stun_put_error(&b, (enum stun_code)299, "");
	CHECK(b.failed);
}

/* Each type that we know, with the first size that it may not have. */
static void wrong_sizes(void)
{
	static const struct {
		enum stun_type type;
		size_t len;
	} wrong[] = {
		{ STUN_MAPPED_ADDRESS, 7 },
		{ STUN_MAPPED_ADDRESS, 9 },
		{ STUN_CHANGE_REQUEST, 3 },
		{ STUN_USERNAME, 509 },
		{ STUN_MESSAGE_INTEGRITY, 19 },
		{ STUN_MESSAGE_INTEGRITY, 32 },
		{ STUN_ERROR_CODE, 3 },
		{ STUN_ERROR_CODE, 768 },
		{ STUN_UNKNOWN_ATTRIBUTES, 3 },
		{ STUN_CHANNEL_NUMBER, 2 },
		{ STUN_LIFETIME, 0 },
		{ STUN_LIFETIME, 8 },
		{ STUN_XOR_PEER_ADDRESS, 0 },
		{ STUN_REALM, 764 },
		{ STUN_NONCE, 764 },
		{ STUN_XOR_RELAYED_ADDRESS, 21 },
		{ STUN_REQUESTED_ADDRESS_FAMILY, 1 },
		{ STUN_REQUESTED_TRANSPORT, 5 },
		{ STUN_XOR_MAPPED_ADDRESS, 24 },
		{ STUN_PRIORITY, 3 },
		{ STUN_USE_CANDIDATE, 1 },
		{ STUN_RESPONSE_PORT, 3 },
		{ STUN_SOFTWARE, 764 },
		{ STUN_ALTERNATE_SERVER, 4 },
		{ STUN_FINGERPRINT, 0 },
		{ STUN_RESPONSE_ORIGIN, 12 },
		{ STUN_OTHER_ADDRESS, 16 },
		{ STUN_ROSTER, 31 },
		{ STUN_ROSTER, 33 },
	};
	static const uint8_t value[768] = { 0, 1, 4, 0 };
	struct stun_message message;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin(&b, data);
		stun_put(&b, wrong[i].type, value, wrong[i].len);
		CHECK(!b.failed && !decode(&message, &b));
	}
	begin(&b, data);
	stun_put(&b, STUN_SOFTWARE, value, 5);
	data[23] = 9;
	CHECK(!decode(&message, &b));
	data[23] = 8;
	CHECK(decode(&message, &b));
}

static void unknown(void)
{
	struct stun_message message;
	uint8_t data[STUN_ROOM];
	struct stun_builder b;

	begin(&b, data);
	stun_put(&b, (enum stun_type)0x8000, "", 0);
	stun_put(&b, (enum stun_type)0xffff, "?", 1);
	CHECK(decode(&message, &b) && !message.unknown);
	stun_put(&b, (enum stun_type)0x7fff, "?", 1);
	stun_put(&b, (enum stun_type)0x0002, "?", 1);
	CHECK(decode(&message, &b) && message.unknown == 0x7fff);
}

static size_t make(uint8_t *data, size_t room)
{
	struct stun_builder b;

	stun_begin(&b, data, room, STUN_ERROR, STUN_ALLOCATE, id);
	stun_put_error(&b, STUN_UNAUTHENTICATED, "who?");
	stun_put_u32(&b, STUN_LIFETIME, 1);
	stun_put_address(&b, STUN_ALTERNATE_SERVER, ipv6("::1"));
	stun_put(&b, STUN_NONCE, "n", 1);
	stun_seal_sha1(&b, "key", 3);
	stun_seal_sha256(&b, "key", 3);
	return stun_end(&b);
}

static void no_room(void)
{
	uint8_t data[STUN_ROOM], *exact;
	size_t len = make(data, sizeof(data));

	CHECK(len == 20 + 12 + 8 + 24 + 8 + 24 + 36 + 8);
	for (size_t room = 0; room <= len; room++) {
		/* Of the very size, so that a write past its end is seen. */
		exact = malloc(room ? room : 1);
		CHECK(make(exact, room) == (room < len ? 0 : len));
		CHECK(room < len || !memcmp(exact, data, len));
		free(exact);
	}
}

static void too_long(void)
{
	static uint8_t data[70000], value[65536];
	struct stun_message message;
	struct stun_builder b;

	stun_begin(&b, data, sizeof(data), STUN_INDICATION, STUN_DATA, id);
	stun_put(&b, STUN_DATA_VALUE, value, 65536);
	CHECK(b.failed && b.len == 20);
	stun_put_u32(&b, STUN_LIFETIME, 1);
	CHECK(b.len == 20 && !stun_end(&b));
	stun_begin(&b, data, sizeof(data), STUN_INDICATION, STUN_DATA, id);
	stun_put(&b, STUN_DATA_VALUE, value, 65529);
	CHECK(b.failed && b.len == 20);
	stun_begin(&b, data, sizeof(data), STUN_INDICATION, STUN_DATA, id);
	stun_put(&b, STUN_DATA_VALUE, value, 65520);
	CHECK(stun_end(&b) == 65552 && decode(&message, &b) && message.data.len == 65520);
	stun_begin(&b, data, sizeof(data), STUN_INDICATION, STUN_DATA, id);
	stun_put(&b, STUN_DATA_VALUE, value, SIZE_MAX);
	CHECK(b.failed && b.len == 20);
	/* Both bytes of the length are under the integrity. */
	stun_begin(&b, data, sizeof(data), STUN_INDICATION, STUN_DATA, id);
	stun_put(&b, STUN_DATA_VALUE, value, 0x4321);
	stun_seal_sha1(&b, "key", 3);
	CHECK(stun_end(&b) && decode(&message, &b) && stun_verify_sha1(&message, "key", 3));
}

static void new_id(void)
{
	uint8_t a[STUN_ID_LEN] = { 0 }, b[STUN_ID_LEN] = { 0 };

	CHECK(stun_new_id(a) && stun_new_id(b) && memcmp(a, b, sizeof(a)));
}

static const struct unit_test tests[] = {
	{ "stun: write a vector of RFC 5769, and the key", vector },
	{ "stun: each class and method both ways", classes },
	{ "stun: each address both ways", addresses },
	{ "stun: the first of equal attributes counts", first_counts },
	{ "stun: each field both ways", all_fields },
	{ "stun: codes of errors and their words", errors },
	{ "stun: sizes that a type may not have", wrong_sizes },
	{ "stun: types that have to be understood", unknown },
	{ "stun: no room anywhere", no_room },
	{ "stun: longer than its length can say", too_long },
	{ "stun: a new transaction", new_id },
	{ 0 },
};
UNIT_TESTS(tests)
