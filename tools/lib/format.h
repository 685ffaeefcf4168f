/* SPDX-License-Identifier: GPL-2.0 */
/* How programs of multiparty computation are told who is where. */
#ifndef MPCNET_FORMAT_H
#define MPCNET_FORMAT_H

#include "text.h"
#include "view.h"

/**
 * struct format - how one kind of program is told; each function returns false
 * without memory, and is NULL if there is nothing of that kind
 * @name: its name
 * @about: one line for its help
 * @arguments: writes arguments, one a line; @file is the path of the file
 * @environment: writes NAME=VALUE, one a line
 * @file: writes a file
 * @in_front: the arguments stand before those that the command has
 */
struct format {
	const char *name;
	const char *about;
	bool (*arguments)(struct mpcnet_text *text, const struct session_view *view,
			  const char *file);
	bool (*environment)(struct mpcnet_text *text, const struct session_view *view);
	bool (*file)(struct mpcnet_text *text, const struct session_view *view);
	bool in_front;
};

/* All of them, up to one without a name */
extern const struct format formats[];

/* format.c */
const struct format *format_find(const char *name);
const struct format *format_of_command(const char *command);
bool format_environment(struct mpcnet_text *text, const struct format *format,
			const struct session_view *view);
bool format_show(struct mpcnet_text *text, const struct format *format,
		 const struct session_view *view);

/* format_arguments.c */
bool format_mpyc(struct mpcnet_text *text, const struct session_view *view, const char *file);
bool format_mp_spdz(struct mpcnet_text *text, const struct session_view *view, const char *file);
bool format_motion(struct mpcnet_text *text, const struct session_view *view, const char *file);
bool format_emp(struct mpcnet_text *text, const struct session_view *view, const char *file);
bool format_fresco(struct mpcnet_text *text, const struct session_view *view, const char *file);

/* format_environment.c */
bool format_env(struct mpcnet_text *text, const struct session_view *view);
bool format_crypten(struct mpcnet_text *text, const struct session_view *view);
bool format_emp_env(struct mpcnet_text *text, const struct session_view *view);

/* format_file.c */
bool format_mp_spdz_file(struct mpcnet_text *text, const struct session_view *view);
bool format_spu_file(struct mpcnet_text *text, const struct session_view *view);

#endif /* MPCNET_FORMAT_H */
