// SPDX-License-Identifier: GPL-2.0
/* One line for each event, on standard error: to the journal, or to a file. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The journal takes the level from the beginning of the line, sd-daemon(3). */
static void say(const char *level, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%smpcnetd: %s\n", getenv("JOURNAL_STREAM") ? level : "", text);
}

/**
 * log_info() - say what happened
 * @fmt: as of printf(); without line end, and without secrets
 */
void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("<6>", fmt, ap);
	va_end(ap);
}

/**
 * log_error() - say what went wrong
 * @fmt: as of printf(); without line end, and without secrets
 */
void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("<3>", fmt, ap);
	va_end(ap);
}
