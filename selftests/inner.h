/* SPDX-License-Identifier: GPL-2.0 */
/* Packets inside the tunnel, and a tap on the module's interface. */
#ifndef MPCNET_SELFTEST_INNER_H
#define MPCNET_SELFTEST_INNER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define INNER_MAX	65535
#define INNER_MIN4	28
#define INNER_MIN6	48

/**
 * struct inner - an ICMP echo message to be made
 * @src: source address as text, of either family
 * @dst: destination address
 * @len: length of the whole packet, at least INNER_MIN4 or INNER_MIN6
 * @tos: DSCP and ECN
 * @request: a request, which the other kernel answers; else a reply, which it
 *	does not
 * @seq: sequence number, and the seed of the content
 */
struct inner {
	const char *src;
	const char *dst;
	size_t len;
	uint8_t tos;
	int request;
	uint16_t seq;
};

/* Returns the length. */
size_t inner_make(uint8_t *packet, const struct inner *inner);

/* What an echo request of @packet is answered with, but for TTL and IP id: its ICMP part. */
const char *inner_judge_answer(const uint8_t *answer, size_t len, const uint8_t *request,
			       size_t request_len);

/* Is the header checksum of this IPv4 packet right? */
int inner_checksum_right(const uint8_t *packet);

/* Open the tap anew on the module's interface: needed after each rig_link_new(). */
void inner_tap_open(void);

/* Send through the module's interface, as if from its host. */
void inner_tap_send(const uint8_t *packet, size_t len);

/* What came out of the module's interface, whole. -1 if nothing did in time. */
ssize_t inner_tap_receive(uint8_t *packet, int timeout_ms);

#endif /* MPCNET_SELFTEST_INNER_H */
