// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of STUN taken apart (RFC 8489 sections 5 and 14).
 *
 *	 0                   1                   2                   3
 *	|0 0|   class and method        | bytes after these 20          |
 *	| cookie 0x2112a442                                             |
 *	| transaction, 12 bytes                                         |
 *	| type of attribute             | bytes of its value            |
 *	| value, padded to a multiple of 4 ...
 */
#include "stun.h"

#include <assert.h>
#include <string.h>

#include <arpa/inet.h>

#define ATTRIBUTE_LEN 4
/* Longest text that may come, RFC 8489 sections 14.8 to 14.10. */
#define TEXT_MAX 763

/* A type below this has to be understood, RFC 8489 section 14. */
#define FIRST_OPTIONAL 0x8000

/* Families of an address, RFC 8489 section 14.1. */
enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

struct attribute {
	uint16_t type;
	uint16_t len;
	const uint8_t *value;
};

/* Sizes of the value of a type that we know: min, min + step ... max. */
struct size_rule {
	uint16_t type;
	uint16_t min;
	uint16_t max;
	uint16_t step;
};

static const struct size_rule size_rules[] = {
	{ STUN_MAPPED_ADDRESS, 8, 20, 12 },
	{ STUN_CHANGE_REQUEST, 4, 4, 1 },
	{ STUN_USERNAME, 0, 508, 1 },
	{ STUN_MESSAGE_INTEGRITY, STUN_SHA1_LEN, STUN_SHA1_LEN, 1 },
	{ STUN_ERROR_CODE, 4, 4 + TEXT_MAX, 1 },
	{ STUN_UNKNOWN_ATTRIBUTES, 0, UINT16_MAX, 2 },
	{ STUN_CHANNEL_NUMBER, 4, 4, 1 },
	{ STUN_LIFETIME, 4, 4, 1 },
	{ STUN_XOR_PEER_ADDRESS, 8, 20, 12 },
	{ STUN_DATA_VALUE, 0, UINT16_MAX, 1 },
	{ STUN_REALM, 0, TEXT_MAX, 1 },
	{ STUN_NONCE, 0, TEXT_MAX, 1 },
	{ STUN_XOR_RELAYED_ADDRESS, 8, 20, 12 },
	{ STUN_REQUESTED_ADDRESS_FAMILY, 4, 4, 1 },
	{ STUN_REQUESTED_TRANSPORT, 4, 4, 1 },
	{ STUN_MESSAGE_INTEGRITY_SHA256, 16, STUN_SHA256_LEN, 4 },
	{ STUN_XOR_MAPPED_ADDRESS, 8, 20, 12 },
	{ STUN_PRIORITY, 4, 4, 1 },
	{ STUN_USE_CANDIDATE, 0, 0, 1 },
	/* RFC 5780 section 7.5 leaves open whether its padding is counted. */
	{ STUN_RESPONSE_PORT, 2, 4, 2 },
	{ STUN_SOFTWARE, 0, TEXT_MAX, 1 },
	{ STUN_ALTERNATE_SERVER, 8, 20, 12 },
	{ STUN_FINGERPRINT, 4, 4, 1 },
	{ STUN_RESPONSE_ORIGIN, 8, 20, 12 },
	{ STUN_OTHER_ADDRESS, 8, 20, 12 },
	{ STUN_ROSTER, STUN_ROSTER_LEN, STUN_ROSTER_LEN, 1 },
};

#define RULES (sizeof(size_rules) / sizeof(size_rules[0]))
static_assert(RULES <= 32, "one bit a rule");

static uint16_t get16(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t get32(const uint8_t *data)
{
	return (uint32_t)get16(data) << 16 | get16(data + 2);
}

/**
 * stun_is_message() - does a datagram look like STUN?
 * @data: the datagram
 * @len: its length
 *
 * The test that tells STUN from what shares its port, RFC 8489 section 6.3:
 * two bits, the cookie and the length.
 *
 * Return: true if so; stun_decode() may still refuse it.
 */
bool stun_is_message(const void *data, size_t len)
{
	const uint8_t *bytes = data;

	return len >= STUN_HEADER_LEN && bytes[0] < 0x40 && get32(bytes + 4) == STUN_COOKIE &&
	       len % 4 == 0 && get16(bytes + 2) == len - STUN_HEADER_LEN;
}

static bool is_xored(uint16_t type)
{
	return type == STUN_XOR_MAPPED_ADDRESS || type == STUN_XOR_PEER_ADDRESS ||
	       type == STUN_XOR_RELAYED_ADDRESS;
}

static bool get_address(union mpcnet_endpoint *to, const struct attribute *attr, const uint8_t *id)
{
	/* Port and address; they are masked by the cookie and what follows it. */
	const uint8_t *mask = id - 4;
	uint16_t port = get16(attr->value + 2);
	uint8_t addr[16];

	memcpy(addr, attr->value + 4, attr->len - 4U);
	for (unsigned int i = 0; is_xored(attr->type) && i < attr->len - 4U; i++)
		addr[i] ^= mask[i];
	if (is_xored(attr->type))
		port ^= get16(mask);
	memset(to, 0, sizeof(*to));
	if (attr->value[1] == FAMILY_IPV4 && attr->len == 8) {
		to->in.sin_family = AF_INET;
		to->in.sin_port = htons(port);
		memcpy(&to->in.sin_addr, addr, 4);
		return true;
	}
	if (attr->value[1] == FAMILY_IPV6 && attr->len == 20) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = htons(port);
		memcpy(&to->in6.sin6_addr, addr, 16);
		return true;
	}
	return false;
}

static union mpcnet_endpoint *address_of(struct stun_message *message, uint16_t type)
{
	switch (type) {
	case STUN_MAPPED_ADDRESS:
	case STUN_XOR_MAPPED_ADDRESS:
		return &message->mapped;
	case STUN_XOR_PEER_ADDRESS:
		return &message->peer;
	case STUN_XOR_RELAYED_ADDRESS:
		return &message->relayed;
	case STUN_RESPONSE_ORIGIN:
		return &message->origin;
	case STUN_OTHER_ADDRESS:
		return &message->other;
	case STUN_ALTERNATE_SERVER:
		return &message->alternate;
	default:
		return NULL;
	}
}

static bool take_address(struct stun_message *message, const struct attribute *attr)
{
	union mpcnet_endpoint *to = address_of(message, attr->type), found;

	if (!to)
		return true;
	if (!get_address(&found, attr, message->id))
		return false;
	/* Some NATs rewrite the plain one: it never stands in for the other. */
	if (attr->type != STUN_MAPPED_ADDRESS || !to->sa.sa_family)
		*to = found;
	return true;
}

static void take_span(struct stun_message *message, const struct attribute *attr)
{
	struct stun_span span = { attr->value, attr->len };

	if (attr->type == STUN_USERNAME)
		message->username = span;
	else if (attr->type == STUN_REALM)
		message->realm = span;
	else if (attr->type == STUN_NONCE)
		message->nonce = span;
	else if (attr->type == STUN_DATA_VALUE)
		message->data = span;
	else if (attr->type == STUN_ROSTER)
		message->roster = attr->value;
}

static void take_number(struct stun_message *message, const struct attribute *attr)
{
	if (attr->type == STUN_LIFETIME) {
		message->lifetime = get32(attr->value);
		message->has_lifetime = true;
	} else if (attr->type == STUN_PRIORITY) {
		message->priority = get32(attr->value);
		message->has_priority = true;
	} else if (attr->type == STUN_CHANNEL_NUMBER) {
		message->channel = get16(attr->value);
	} else if (attr->type == STUN_USE_CANDIDATE) {
		message->use_candidate = true;
	}
}

/* RFC 8489 section 14.8: hundreds of 3 to 6 and the rest, then words. */
static bool take_error(struct stun_message *message, const struct attribute *attr)
{
	unsigned int hundreds, rest;

	if (attr->type != STUN_ERROR_CODE)
		return true;
	hundreds = attr->value[2] & 7;
	rest = attr->value[3];
	if (hundreds < 3 || hundreds > 6 || rest > 99)
		return false;
	message->error = (uint16_t)(100 * hundreds + rest);
	message->reason = (struct stun_span){ attr->value + 4, attr->len - 4U };
	return true;
}

static bool take_proof(struct stun_message *message, const struct attribute *attr)
{
	size_t at = (size_t)(attr->value - message->whole.data) - ATTRIBUTE_LEN;

	if (attr->type == STUN_MESSAGE_INTEGRITY) {
		message->sha1_at = at;
	} else if (attr->type == STUN_MESSAGE_INTEGRITY_SHA256) {
		message->sha256_at = at;
		message->sha256_len = attr->len;
	} else if (attr->type == STUN_FINGERPRINT) {
		message->has_fingerprint = true;
		return get32(attr->value) == stun_fingerprint(message->whole.data, at);
	}
	return true;
}

/* What stands behind an integrity is not covered by it, RFC 8489 section 14.5
 * and 14.6.
 */
static bool is_ignored(const struct stun_message *message, uint16_t type)
{
	if (type == STUN_FINGERPRINT)
		return false;
	return message->sha256_at || (message->sha1_at && type != STUN_MESSAGE_INTEGRITY_SHA256);
}

static bool take(struct stun_message *message, const struct attribute *attr, uint32_t *seen)
{
	const struct size_rule *rule = size_rules;

	if (message->has_fingerprint ||
	    (attr->type == STUN_MESSAGE_INTEGRITY && message->sha1_at) ||
	    (attr->type == STUN_MESSAGE_INTEGRITY_SHA256 && message->sha256_at))
		return false;
	if (is_ignored(message, attr->type))
		return true;
	while (rule < size_rules + RULES && rule->type != attr->type)
		rule++;
	if (rule == size_rules + RULES) {
		if (attr->type < FIRST_OPTIONAL && !message->unknown)
			message->unknown = attr->type;
		return true;
	}
	if (attr->len < rule->min || attr->len > rule->max || (attr->len - rule->min) % rule->step)
		return false;
	if (*seen & 1U << (rule - size_rules))
		return true;
	*seen |= 1U << (rule - size_rules);
	take_span(message, attr);
	take_number(message, attr);
	return take_address(message, attr) && take_error(message, attr) &&
	       take_proof(message, attr);
}

static void take_header(struct stun_message *message, const uint8_t *data, size_t len)
{
	uint16_t type = get16(data);

	/* The bits of the class stand among those of the method. */
	message->class = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
	message->method = (uint16_t)((type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80));
	message->id = data + STUN_HEADER_LEN - STUN_ID_LEN;
	message->whole = (struct stun_span){ data, len };
}

static bool take_attributes(struct stun_message *message)
{
	const uint8_t *at = message->whole.data + STUN_HEADER_LEN;
	const uint8_t *end = message->whole.data + message->whole.len;
	uint32_t seen = 0;

	while (at < end) {
		/* All is a multiple of 4: the type and the length fit. */
		struct attribute attr = { get16(at), get16(at + 2), at + ATTRIBUTE_LEN };
		size_t padded = (attr.len + 3UL) / 4 * 4;

		if (padded > (size_t)(end - attr.value) || !take(message, &attr, &seen))
			return false;
		at = attr.value + padded;
	}
	return true;
}

/**
 * stun_decode() - take a message apart
 * @message: gets the parts, which point into @data; zeros if refused
 * @data: the message, RFC 8489 sections 5 and 14
 * @len: its length
 *
 * Of equal attributes the first counts; those behind an integrity are as if
 * they were not there. Neither integrity is verified.
 *
 * Return: false if it is malformed, or FINGERPRINT is there and wrong.
 */
bool stun_decode(struct stun_message *message, const void *data, size_t len)
{
	memset(message, 0, sizeof(*message));
	if (!stun_is_message(data, len))
		return false;
	take_header(message, data, len);
	if (take_attributes(message))
		return true;
	/* Nobody shall use what came before the fault. */
	memset(message, 0, sizeof(*message));
	return false;
}
