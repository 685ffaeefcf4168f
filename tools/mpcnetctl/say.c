// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/**
 * ctl_failed() - say why a command failed
 * @err: holds the sentence
 *
 * Return: CTL_FAILED.
 */
int ctl_failed(const struct mpcnet_err *err)
{
	fprintf(stderr, "mpcnetctl: %s\n", err->text);
	return CTL_FAILED;
}

/**
 * ctl_usage() - say what is wrong with a command line
 * @args: says of which command
 * @fmt: format of printf
 *
 * Return: CTL_USAGE.
 */
int ctl_usage(struct ctl_args *args, const char *fmt, ...)
{
	const char *verb = args->verb && args->verb->name ? args->verb->name : "";
	va_list ap;

	fputs("mpcnetctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (see: mpcnetctl %s%s%s%shelp)\n", args->object ? args->object->name : "",
		args->object ? " " : "", verb, *verb ? " " : "");
	return CTL_USAGE;
}

/**
 * ctl_write_secret() - write to standard output past stdio's buffer
 * @text: what
 * @len: bytes of it
 *
 * Return: CTL_DONE or CTL_FAILED.
 */
int ctl_write_secret(const char *text, size_t len)
{
	int ret;

	fflush(stdout);
	ret = mpcnet_file_write_all(STDOUT_FILENO, text, len);
	if (!ret)
		return CTL_DONE;
	fprintf(stderr, "mpcnetctl: cannot write to standard output: %s\n", strerror(-ret));
	return CTL_FAILED;
}
