// SPDX-License-Identifier: GPL-2.0
#include "bytes.h"

#include <string.h>

/**
 * bytes_put() - append bytes
 * @out: gets them, or fails
 * @data: the bytes
 * @len: how many
 */
void bytes_put(struct bytes_out *out, const void *data, size_t len)
{
	if (out->failed || len > out->room - out->len) {
		out->failed = true;
		return;
	}
	if (len)
		memcpy(out->data + out->len, data, len);
	out->len += len;
}

/**
 * bytes_put_number() - append a number, big-endian
 * @out: gets it, or fails if the number is too large
 * @value: the number
 * @size: its bytes, 1 to 8
 */
void bytes_put_number(struct bytes_out *out, uint64_t value, unsigned int size)
{
	uint8_t data[8];

	for (unsigned int i = size; i-- > 0; value >>= 8)
		data[i] = (uint8_t)value;
	if (value)
		out->failed = true;
	bytes_put(out, data, size);
}

/**
 * bytes_put_text() - append a text behind one byte that is its length
 * @out: gets it, or fails if the text is too long
 * @text: the text
 */
void bytes_put_text(struct bytes_out *out, const char *text)
{
	size_t len = strlen(text);

	bytes_put_number(out, len, 1);
	bytes_put(out, text, len);
}

/**
 * bytes_take() - read bytes
 * @in: where from
 * @data: gets them; zeros if there are too few
 * @len: how many
 */
void bytes_take(struct bytes_in *in, void *data, size_t len)
{
	if (in->failed || len > in->len) {
		in->failed = true;
		memset(data, 0, len);
		return;
	}
	if (len)
		memcpy(data, in->data, len);
	in->data += len;
	in->len -= len;
}

/**
 * bytes_take_number() - read a big-endian number
 * @in: where from
 * @size: its bytes, 1 to 8
 *
 * Return: the number, 0 if there are too few bytes.
 */
uint64_t bytes_take_number(struct bytes_in *in, unsigned int size)
{
	uint8_t data[8];
	uint64_t value = 0;

	bytes_take(in, data, size);
	for (unsigned int i = 0; i < size; i++)
		value = value << 8 | data[i];
	return value;
}

/**
 * bytes_take_text() - read a text that stands behind its length
 * @in: where from; a text with a 0 inside, or too long, is a failure
 * @text: gets it, and a 0
 * @room: bytes there
 */
void bytes_take_text(struct bytes_in *in, char *text, size_t room)
{
	size_t len = bytes_take_number(in, 1);

	if (len >= room) {
		in->failed = true;
		len = 0;
	}
	bytes_take(in, text, len);
	text[len] = '\0';
	if (strlen(text) != len)
		in->failed = true;
}

/**
 * bytes_end() - was all of it read, and nothing beyond?
 * @in: what was read
 *
 * Return: true if so.
 */
bool bytes_end(const struct bytes_in *in)
{
	return !in->failed && !in->len;
}
