/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields one behind the other, numbers big-endian. A failure is kept, so that
 * it is asked for once, at the end.
 */
#ifndef MPCNET_BYTES_H
#define MPCNET_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct bytes_out - bytes that are being written
 * @data: where to
 * @room: bytes there
 * @len: bytes so far
 * @failed: something did not fit
 */
struct bytes_out {
	uint8_t *data;
	size_t room;
	size_t len;
	bool failed;
};

/**
 * struct bytes_in - bytes that are being read
 * @data: the next one
 * @len: how many are left
 * @failed: there were too few, or a text was none
 */
struct bytes_in {
	const uint8_t *data;
	size_t len;
	bool failed;
};

void bytes_put(struct bytes_out *out, const void *data, size_t len);
void bytes_put_number(struct bytes_out *out, uint64_t value, unsigned int size);
void bytes_put_text(struct bytes_out *out, const char *text);

void bytes_take(struct bytes_in *in, void *data, size_t len);
uint64_t bytes_take_number(struct bytes_in *in, unsigned int size);
void bytes_take_text(struct bytes_in *in, char *text, size_t room);
bool bytes_end(const struct bytes_in *in);

#endif /* MPCNET_BYTES_H */
