// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * mpcnet_text_reserve() - make room behind a text
 * @text: the text
 * @more: bytes that must fit, beside the 0
 *
 * Return: false without memory, and the text is as it was.
 */
bool mpcnet_text_reserve(struct mpcnet_text *text, size_t more)
{
	struct mpcnet_text old = *text;
	size_t room = old.room * 2 > old.len + more + 1 ? old.room * 2 : old.len + more + 1;
	char *data;

	if (old.len + more < old.room)
		return true;
	data = malloc(room);
	if (!data)
		return false;
	if (old.len)
		memcpy(data, old.data, old.len);
	data[old.len] = '\0';
	*text = (struct mpcnet_text){ data, old.len, room };
	mpcnet_text_free(&old);
	return true;
}

/**
 * mpcnet_text_add() - write behind a text
 * @text: the text
 * @fmt: format of printf
 *
 * Return: false without memory.
 */
bool mpcnet_text_add(struct mpcnet_text *text, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !mpcnet_text_reserve(text, (size_t)len))
		return false;
	va_start(ap, fmt);
	vsnprintf(text->data + text->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	text->len += (size_t)len;
	return true;
}

/**
 * mpcnet_text_free() - wipe and free a text
 * @text: the text; is empty afterwards
 */
void mpcnet_text_free(struct mpcnet_text *text)
{
	if (text->data)
		explicit_bzero(text->data, text->room);
	free(text->data);
	*text = (struct mpcnet_text){ 0 };
}
