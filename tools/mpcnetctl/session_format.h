/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_FORMAT_H
#define MPCNETCTL_SESSION_FORMAT_H

#include "ctl.h"
#include "format.h"

/**
 * struct session_format - how a program is to be told who is where
 * @format: the format; NULL if none was said
 * @port: TCP port of party 0
 */
struct session_format {
	const struct format *format;
	uint64_t port;
};

extern const struct ctl_word session_format_words[];

int session_format_take(struct ctl_args *args, void *request);
int session_format_take_port(struct ctl_args *args, void *request);
int session_format_ask(struct ctl_args *args, const char *session, const struct session_format *how,
		       struct session_view *view);
int session_format_show(struct ctl_args *args, const char *session,
			const struct session_format *how);

#endif /* MPCNETCTL_SESSION_FORMAT_H */
