// SPDX-License-Identifier: GPL-2.0
/* A program within a session: join, wait for all, run it, leave. */
#include "session_run.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "daemon.h"
#include "file.h"
#include "identity.h"
#include "session.h"
#include "session_format.h"
#include "session_join.h"
#include "session_linger.h"

#define WAIT_S 300

/* What is asked for, and what becomes of it */
struct run {
	struct session_join join;
	struct session_format how;
	char **command;
	int words;
	sigset_t signals;
	char session[64];
	/* The session ends with it: also if we are killed */
	int hold;
	/* Of the format's file; empty if it has none */
	char folder[PATH_MAX];
	char file[PATH_MAX + 16];
	struct mpcnet_text arguments;
	struct mpcnet_text environment;
};

static int take_format(struct ctl_args *args, void *request)
{
	return session_format_take(args, &((struct run *)request)->how);
}

static int take_port(struct ctl_args *args, void *request)
{
	return session_format_take_port(args, &((struct run *)request)->how);
}

const struct ctl_word session_run_words[] = {
	{ "name", "S", session_join_take_name, false },
	{ "index", "I", session_join_take_index, false },
	{ "verify", "sas|keys|ticket", session_join_take_verify, false },
	{ "lost", "SECONDS", session_join_take_lost, false },
	{ "wait", "SECONDS", session_join_take_wait, false },
	{ "format", "F", take_format, false },
	{ "port", "N", take_port, false },
	{ 0 },
};

/* What stands behind "--" is the command. */
static void cut_command(struct ctl_args *args, struct run *run)
{
	for (int i = 0; i < args->argc; i++) {
		if (strcmp(args->argv[i], "--"))
			continue;
		run->command = args->argv + i + 1;
		run->words = args->argc - i - 1;
		args->argc = i;
	}
}

static int take(struct ctl_args *args, struct run *run)
{
	int ret;

	cut_command(args, run);
	ret = session_join_take_ticket(args, &run->join);
	if (!ret)
		ret = ctl_words(args, run);
	if (ret)
		return ret;
	if (!run->words)
		return ctl_usage(args, "the command is missing: it stands behind --");
	if (!run->how.format)
		run->how.format = format_of_command(run->command[0]);
	return session_join_check(args, &run->join);
}

/* Who may ask mpcnetd need not be allowed to write to its folder. */
static int make_folder(struct run *run, struct mpcnet_err *err)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(run->folder, sizeof(run->folder), "%s/run.XXXXXX", mpcnet_run_folder());
	if (mkdtemp(run->folder))
		return 0;
	snprintf(run->folder, sizeof(run->folder), "%s/mpcnet.XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(run->folder))
		return 0;
	*run->folder = 0;
	return mpcnet_err_set(err, "there is no folder for the file of the format: set TMPDIR");
}

static int make_file(struct run *run, const struct session_view *view, struct mpcnet_err *err)
{
	struct mpcnet_text text = { 0 };
	int ret;

	if (make_folder(run, err))
		return -1;
	snprintf(run->file, sizeof(run->file), "%s/%s", run->folder, run->how.format->name);
	if (run->how.format->file(&text, view) &&
	    mpcnet_text_add(&run->environment, "MPCNET_CONFIG=%s\n", run->file))
		ret = mpcnet_file_create(run->file, text.data, text.len, err);
	else
		ret = mpcnet_err_set(err, "there is no memory for the format");
	mpcnet_text_free(&text);
	return ret;
}

static int tell_command(struct run *run, const struct session_view *view, struct mpcnet_err *err)
{
	const struct format *format = run->how.format;

	if (format->file && make_file(run, view, err))
		return -1;
	if ((!format->arguments || format->arguments(&run->arguments, view, run->file)) &&
	    format_environment(&run->environment, format, view))
		return 0;
	return mpcnet_err_set(err, "there is no memory for the format");
}

/* The command's own words, and among them those of the format, which are cut out of their text */
static char **all_words(struct run *run)
{
	char *at = run->arguments.data, *line, **argv, **to;
	int own = run->how.format->in_front ? 1 : run->words;
	size_t room = (size_t)run->words + 1;

	for (const char *c = at; c && *c; c++)
		room += *c == '\n';
	argv = calloc(room, sizeof(*argv));
	if (!argv)
		return NULL;
	memcpy(argv, run->command, (size_t)own * sizeof(*argv));
	to = argv + own;
	while ((line = strsep(&at, "\n"))) {
		if (*line)
			*to++ = line;
	}
	memcpy(to, run->command + own, (size_t)(run->words - own) * sizeof(*argv));
	return argv;
}

static int run_command(struct ctl_args *args, struct run *run)
{
	char **argv = all_words(run);
	int ret;

	if (argv)
		ret = command_run(argv, &run->environment, &run->signals, &args->err);
	else
		ret = mpcnet_err_set(&args->err, "there is no memory for the command");
	free(argv);
	return ret < 0 ? ctl_failed(&args->err) : ret;
}

static void clean(struct run *run)
{
	if (*run->file)
		unlink(run->file);
	if (*run->folder)
		rmdir(run->folder);
	mpcnet_text_free(&run->arguments);
	mpcnet_text_free(&run->environment);
}

static int in_session(struct ctl_args *args, struct run *run)
{
	struct session_view view;
	int ret = session_wait(args, run->session, run->join.wait, NULL);

	if (ret)
		return command_signal() ? COMMAND_SIGNAL + command_signal() : ret;
	ret = session_format_ask(args, run->session, &run->how, &view);
	if (ret)
		return ret;
	if (tell_command(run, &view, &args->err)) {
		ret = ctl_failed(&args->err);
	} else {
		ret = run_command(args, run);
		session_linger(&view);
	}
	clean(run);
	return ret;
}

/* Whatever became of the command is what counts. */
static void leave(struct ctl_args *args, const char *session)
{
	struct json_object *answer =
		daemon_ask(daemon_request("leave", session), false, &args->err);

	if (!answer)
		ctl_failed(&args->err);
	json_object_put(answer);
}

static int join(struct ctl_args *args, struct run *run)
{
	struct json_object *answer = session_join_ask(args, &run->join), *name;
	int ret = CTL_DONE;

	if (!answer)
		return ctl_failed(&args->err);
	if (json_object_object_get_ex(answer, "session", &name))
		snprintf(run->session, sizeof(run->session), "%s", json_object_get_string(name));
	else
		ret = CTL_FAILED;
	json_object_put(answer);
	if (ret)
		return ret;
	run->hold = daemon_hold(run->session, &args->err);
	if (run->hold >= 0)
		return CTL_DONE;
	ctl_failed(&args->err);
	leave(args, run->session);
	return CTL_FAILED;
}

/**
 * session_run() - mpcnetctl session run
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit, or what became of the command, as a shell tells it.
 */
int session_run(struct ctl_args *args)
{
	struct run run = { .join.wait = WAIT_S, .how.port = VIEW_PORT };
	int ret = take(args, &run);

	if (ret)
		return ret;
	ret = command_check(run.command[0], &args->err);
	if (ret) {
		ctl_failed(&args->err);
		return ret;
	}
	run.join.port = run.how.port;
	command_hold_signals(&run.signals);
	ret = join(args, &run);
	if (ret)
		return ret;
	ret = in_session(args, &run);
	leave(args, run.session);
	return ret;
}
