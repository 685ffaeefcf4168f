// SPDX-License-Identifier: GPL-2.0
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * mpcnet_err_set() - say why something was refused
 * @err: where to
 * @fmt: format of printf
 *
 * Return: -1 always, so that a caller can refuse in one line.
 */
int mpcnet_err_set(struct mpcnet_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

/**
 * mpcnet_err_prefix() - put the place before a sentence that is there already
 * @err: holds the sentence
 * @fmt: format of printf
 *
 * Return: -1 always.
 */
int mpcnet_err_prefix(struct mpcnet_err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	size_t at;
	va_list ap;

	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	at = strlen(err->text);
	snprintf(err->text + at, sizeof(err->text) - at, "%s", old);
	return -1;
}
