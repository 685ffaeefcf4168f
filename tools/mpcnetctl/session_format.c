// SPDX-License-Identifier: GPL-2.0
/* What programs need to know of a session. */
#include "session_format.h"

#include <stdio.h>

#include "daemon.h"

/**
 * session_format_take() - take a format
 * @args: what is left
 * @request: a struct session_format
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_format_take(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "format");
	struct session_format *how = request;
	struct mpcnet_text names = { 0 };
	int ret = CTL_DONE;

	if (!value)
		return CTL_USAGE;
	how->format = format_find(value);
	if (how->format)
		return CTL_DONE;
	for (const struct format *f = formats; f->name; f++)
		mpcnet_text_add(&names, "%s%s", names.len ? ", " : "", f->name);
	ret = ctl_usage(args, "format: \"%s\" is none of %s", value, names.data);
	mpcnet_text_free(&names);
	return ret;
}

/**
 * session_format_take_port() - take the port of party 0
 * @args: what is left
 * @request: a struct session_format
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_format_take_port(struct ctl_args *args, void *request)
{
	return ctl_number(args, "port", &((struct session_format *)request)->port, 1,
			  VIEW_PORT_MAX);
}

const struct ctl_word session_format_words[] = {
	{ "format", "F", session_format_take, false },
	{ "port", "N", session_format_take_port, false },
	{ 0 },
};

/**
 * session_format_ask() - ask mpcnetd who is where
 * @args: where a failure is said
 * @session: name of the session; NULL if there is but one
 * @how: holds the port
 * @view: gets the answer
 *
 * Return: CTL_DONE or CTL_FAILED.
 */
int session_format_ask(struct ctl_args *args, const char *session, const struct session_format *how,
		       struct session_view *view)
{
	struct json_object *answer, *sessions = NULL;
	int ret;

	answer = daemon_ask(daemon_request("show", session), false, &args->err);
	if (!answer)
		return ctl_failed(&args->err);
	json_object_object_get_ex(answer, "sessions", &sessions);
	if (sessions && json_object_array_length(sessions) == 1)
		ret = view_parse(view, json_object_array_get_idx(sessions, 0), &args->err);
	else
		ret = mpcnet_err_set(&args->err, "there is not one session: name one of those that "
						 "mpcnetctl session show prints");
	json_object_put(answer);
	view->port = (uint16_t)how->port;
	return ret ? ctl_failed(&args->err) : CTL_DONE;
}

/**
 * session_format_show() - mpcnetctl session show format
 * @args: where a failure is said
 * @session: name of the session; NULL if there is but one
 * @how: the format and the port
 *
 * Return: an enum ctl_exit.
 */
int session_format_show(struct ctl_args *args, const char *session,
			const struct session_format *how)
{
	struct mpcnet_text text = { 0 };
	struct session_view view;
	int ret = session_format_ask(args, session, how, &view);

	if (ret)
		return ret;
	if (format_show(&text, how->format, &view)) {
		fputs(text.data, stdout);
	} else {
		mpcnet_err_set(&args->err, "there is no memory for the format");
		ret = ctl_failed(&args->err);
	}
	mpcnet_text_free(&text);
	return ret;
}
