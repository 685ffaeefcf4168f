// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <string.h>

const struct format formats[] = {
	{ .name = "mpyc",
	  .about = "MPyC: -M, -I and -P behind the command",
	  .arguments = format_mpyc },
	{ .name = "mp-spdz",
	  .about = "MP-SPDZ: --ip-file-name and -p behind the command",
	  .arguments = format_mp_spdz,
	  .file = format_mp_spdz_file },
	{ .name = "env", .about = "variables of the environment" },
	{ .name = "motion",
	  .about = "MOTION: --my-id and --parties behind the command",
	  .arguments = format_motion },
	{ .name = "spu", .about = "SPU: a configuration of nodes", .file = format_spu_file },
	{ .name = "crypten",
	  .about = "CrypTen and torch.distributed: their variables",
	  .environment = format_crypten },
	{ .name = "emp",
	  .about = "EMP: party and port in front of other arguments",
	  .arguments = format_emp,
	  .environment = format_emp_env,
	  .in_front = true },
	{ .name = "fresco",
	  .about = "FRESCO: -i and -p behind the command",
	  .arguments = format_fresco },
	{ 0 },
};

/**
 * format_find() - find a format
 * @name: its name
 *
 * Return: the format, or NULL.
 */
const struct format *format_find(const char *name)
{
	for (const struct format *format = formats; format->name; format++) {
		if (!strcmp(format->name, name))
			return format;
	}
	return NULL;
}

/**
 * format_of_command() - the format of a command for which none is said
 * @command: its first word
 *
 * Return: the format.
 */
const struct format *format_of_command(const char *command)
{
	const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
	size_t len = strlen(name);
	bool python = !strncmp(name, "python", 6) || (len > 3 && !strcmp(name + len - 3, ".py"));

	return format_find(python ? "mpyc" : "env");
}

/**
 * format_environment() - write the environment of a command
 * @text: gets NAME=VALUE, one a line
 * @format: its format
 * @view: the session
 *
 * Return: false without memory.
 */
bool format_environment(struct mpcnet_text *text, const struct format *format,
			const struct session_view *view)
{
	return format_env(text, view) && (!format->environment || format->environment(text, view));
}

static bool show_arguments(struct mpcnet_text *text, const struct format *format,
			   const struct session_view *view)
{
	size_t at = text->len;

	if (!format->arguments(text, view, NULL))
		return false;
	for (; at + 1 < text->len; at++) {
		if (text->data[at] == '\n')
			text->data[at] = ' ';
	}
	return true;
}

/**
 * format_show() - write a format for who starts a program by hand
 * @text: gets the file, else the arguments as one line, else the environment
 * @format: the format
 * @view: the session
 *
 * Return: false without memory.
 */
bool format_show(struct mpcnet_text *text, const struct format *format,
		 const struct session_view *view)
{
	if (format->file)
		return format->file(text, view);
	if (format->arguments)
		return show_arguments(text, format, view);
	return format->environment ? format->environment(text, view) : format_env(text, view);
}
