// SPDX-License-Identifier: GPL-2.0
#include "pcp.h"

#include <string.h>

#include "candidate.h"

#define PCP_VERSION 2
#define PCP_RESPONSE 0x80
#define PCP_ANNOUNCE 0
#define PCP_MAP 1
#define PCP_HEADER_LEN 24
#define NATPMP_VERSION 0
/* The shortest and the longest response, RFC 6886 sections 3.5 and 3.2. */
#define NATPMP_ERROR_LEN 8
#define NATPMP_ADDRESS_LEN 12

/* Where the fields are. */
enum {
	AT_VERSION = 0,
	AT_OPCODE = 1,
	AT_RESULT = 3,
	AT_LIFETIME = 4,
	AT_EPOCH = 8,
	AT_CLIENT = 8,
	AT_NONCE = 24,
	AT_PROTOCOL = 36,
	AT_INTERNAL_PORT = 40,
	AT_EXTERNAL_PORT = 42,
	AT_EXTERNAL = 44,
	NATPMP_AT_RESULT = 2,
	NATPMP_AT_EPOCH = 4,
};

static uint16_t get16(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t get32(const uint8_t *data)
{
	return (uint32_t)get16(data) << 16 | get16(data + 2);
}

static void put16(uint8_t *data, uint16_t value)
{
	data[0] = (uint8_t)(value >> 8);
	data[1] = (uint8_t)value;
}

static void put32(uint8_t *data, uint32_t value)
{
	put16(data, (uint16_t)(value >> 16));
	put16(data + 2, (uint16_t)value);
}

/* An IPv4 address is written ::ffff:a.b.c.d, none ::ffff:0.0.0.0; section 5. */
static void put_address(uint8_t data[16], const union mpcnet_endpoint *address)
{
	if (address->sa.sa_family == AF_INET6) {
		memcpy(data, &address->in6.sin6_addr, 16);
		return;
	}
	memset(data, 0, 16);
	memset(data + 10, 0xff, 2);
	if (address->sa.sa_family == AF_INET)
		memcpy(data + 12, &address->in.sin_addr, 4);
}

/* The port of either family is in the same place. */
static uint16_t port_of(const union mpcnet_endpoint *address)
{
	return address->sa.sa_family ? ntohs(address->in.sin_port) : 0;
}

/**
 * pcp_map_encode() - write a MAP request for UDP
 * @data: gets its bytes
 * @map: what to ask for; to remove, no external address or port is sent (RFC
 * 6887 section 15.1 as erratum 3621 corrects it)
 */
void pcp_map_encode(uint8_t data[PCP_MAP_LEN], const struct pcp_map *map)
{
	static const union mpcnet_endpoint none;
	const union mpcnet_endpoint *external = map->lifetime ? &map->external : &none;

	memset(data, 0, PCP_MAP_LEN);
	data[AT_VERSION] = PCP_VERSION;
	data[AT_OPCODE] = PCP_MAP;
	put32(data + AT_LIFETIME, map->lifetime);
	put_address(data + AT_CLIENT, &map->internal);
	memcpy(data + AT_NONCE, map->nonce, PCP_NONCE_LEN);
	data[AT_PROTOCOL] = IPPROTO_UDP;
	put16(data + AT_INTERNAL_PORT, port_of(&map->internal));
	put16(data + AT_EXTERNAL_PORT, port_of(external));
	put_address(data + AT_EXTERNAL, external);
}

/* Options are a code, a byte, a length, and so many bytes, padded; section 7.3.
 * So the length of the whole is a multiple of four. */
static bool options_fit(const uint8_t *data, size_t len)
{
	while (len) {
		size_t size;

		if (len < 4)
			return false;
		size = 4 + ((size_t)get16(data + 2) + 3) / 4 * 4;
		if (size > len)
			return false;
		data += size;
		len -= size;
	}
	return true;
}

static void get_external(union mpcnet_endpoint *external, const uint8_t *data)
{
	memset(external, 0, sizeof(*external));
	external->in6.sin6_family = AF_INET6;
	external->in6.sin6_port = htons(get16(data + AT_EXTERNAL_PORT));
	memcpy(&external->in6.sin6_addr, data + AT_EXTERNAL, 16);
	endpoint_unmap(external);
}

/**
 * pcp_answer_decode() - read what may be an answer to MAP
 * @answer: gets it, if PCP_ANSWER is returned
 * @data: a datagram
 * @len: its length
 *
 * RFC 6887 section 8.3 says what to drop. Options are not looked at, but have
 * to be whole. A gateway with NAT-PMP only answers in that protocol.
 *
 * Return: of enum pcp_kind.
 */
enum pcp_kind pcp_answer_decode(struct pcp_answer *answer, const void *data, size_t len)
{
	const uint8_t *at = data;

	memset(answer, 0, sizeof(*answer));
	if (len < NATPMP_ERROR_LEN || len > PCP_MESSAGE_MAX || !(at[AT_OPCODE] & PCP_RESPONSE))
		return PCP_NOTHING;
	if (at[AT_VERSION] != PCP_VERSION)
		return PCP_OTHER_VERSION;
	if (len < PCP_MAP_LEN || at[AT_OPCODE] != (PCP_RESPONSE | PCP_MAP) ||
	    !options_fit(at + PCP_MAP_LEN, len - PCP_MAP_LEN))
		return PCP_NOTHING;
	answer->result = at[AT_RESULT];
	answer->lifetime = get32(at + AT_LIFETIME);
	answer->epoch = get32(at + AT_EPOCH);
	memcpy(answer->nonce, at + AT_NONCE, PCP_NONCE_LEN);
	answer->protocol = at[AT_PROTOCOL];
	answer->port = get16(at + AT_INTERNAL_PORT);
	if (answer->result == PCP_SUCCESS)
		get_external(&answer->external, at);
	return PCP_ANSWER;
}

/**
 * pcp_answer_is_for() - does the answer belong to the request?
 * @answer: the answer
 * @map: what was asked for
 *
 * Return: true if nonce, protocol and port are the same, RFC 6887 section 11.4.
 */
bool pcp_answer_is_for(const struct pcp_answer *answer, const struct pcp_map *map)
{
	return !memcmp(answer->nonce, map->nonce, PCP_NONCE_LEN) &&
	       answer->protocol == IPPROTO_UDP && answer->port == port_of(&map->internal);
}

/**
 * pcp_result_text() - say why a gateway refused, RFC 6887 section 7.4
 * @result: its code
 *
 * Return: words that go on behind "the gateway ".
 */
const char *pcp_result_text(unsigned int result)
{
	static const char *const texts[] = {
		[1] = "does not speak this version of PCP",
		[2] = "is set to refuse it",
		[3] = "finds the request malformed",
		[4] = "cannot map ports",
		[5] = "does not know an option",
		[6] = "finds an option malformed",
		[7] = "is not connected itself",
		[8] = "has no room for more mappings",
		[9] = "cannot map UDP",
		[10] = "allows no more mappings to this host",
		[11] = "cannot give that address and port",
		[12] = "sees another address than ours: there is a NAT before it",
		[13] = "allows no more filters",
	};

	if (result < sizeof(texts) / sizeof(*texts) && texts[result])
		return texts[result];
	return "refuses it for a reason that RFC 6887 does not know";
}

/**
 * pcp_announced() - read an announcement of PCP, RFC 6887 section 14.1
 * @epoch: gets the gateway's epoch
 * @data: a datagram
 * @len: its length
 *
 * Return: false if it is none.
 */
bool pcp_announced(uint32_t *epoch, const void *data, size_t len)
{
	const uint8_t *at = data;

	if (len < PCP_HEADER_LEN || len > PCP_MESSAGE_MAX || len % 4 ||
	    at[AT_VERSION] != PCP_VERSION || at[AT_OPCODE] != (PCP_RESPONSE | PCP_ANNOUNCE) ||
	    at[AT_RESULT] != PCP_SUCCESS)
		return false;
	*epoch = get32(at + AT_EPOCH);
	return true;
}

/**
 * natpmp_announced() - read an announcement of NAT-PMP, RFC 6886 section 3.2.1
 * @epoch: gets the gateway's epoch
 * @data: a datagram
 * @len: its length
 *
 * Return: false if it is none.
 */
bool natpmp_announced(uint32_t *epoch, const void *data, size_t len)
{
	const uint8_t *at = data;

	if (len != NATPMP_ADDRESS_LEN || at[AT_VERSION] != NATPMP_VERSION ||
	    at[AT_OPCODE] != PCP_RESPONSE || get16(at + NATPMP_AT_RESULT))
		return false;
	*epoch = get32(at + NATPMP_AT_EPOCH);
	return true;
}

static void clock_set(struct pcp_clock *clock, uint32_t epoch, uint64_t now)
{
	*clock = (struct pcp_clock){ .known = true, .epoch = epoch, .heard = now };
}

/**
 * pcp_clock_tick() - take note of an epoch of PCP
 * @clock: what was said before; becomes what was said now
 * @epoch: what is said, in seconds
 * @now: seconds of our monotonic clock
 *
 * The epoch may be a second late, and neither clock may run more than a
 * sixteenth, and two seconds, faster than the other; RFC 6887 section 8.5.
 *
 * Return: false if the gateway has lost its mappings since.
 */
bool pcp_clock_tick(struct pcp_clock *clock, uint32_t epoch, uint64_t now)
{
	uint64_t theirs = (uint64_t)epoch - clock->epoch;
	uint64_t ours = now - clock->heard;
	bool valid = true;

	if (clock->known && epoch < clock->epoch)
		valid = (uint64_t)epoch + 1 >= clock->epoch;
	else if (clock->known)
		valid = ours + 2 >= theirs - theirs / 16 && theirs + 2 >= ours - ours / 16;
	clock_set(clock, epoch, now);
	return valid;
}

/**
 * natpmp_clock_tick() - take note of an epoch of NAT-PMP
 * @clock: what was said before; becomes what was said now
 * @epoch: what is said, in seconds
 * @now: seconds of our monotonic clock
 *
 * Seven eighths of the time that passed, less two seconds, have to have passed
 * at the gateway; RFC 6886 section 3.6.
 *
 * Return: false if the gateway has lost its mappings since.
 */
bool natpmp_clock_tick(struct pcp_clock *clock, uint32_t epoch, uint64_t now)
{
	uint64_t ours = now - clock->heard;
	bool valid = !clock->known || (uint64_t)epoch + 2 >= clock->epoch + ours - ours / 8;

	clock_set(clock, epoch, now);
	return valid;
}
