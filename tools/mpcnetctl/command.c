// SPDX-License-Identifier: GPL-2.0
/* Runs a command as a shell would, and outlives the signals that end it. */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* They end a program: of each the first is passed on. */
static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* Return: 0, or what the shell says. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == EACCES ? COMMAND_NOT_EXECUTABLE : COMMAND_NOT_FOUND;
	return S_ISREG(st.st_mode) && !access(path, X_OK) ? 0 : COMMAND_NOT_EXECUTABLE;
}

static int check_path(const char *name)
{
	const char *at = getenv("PATH"), *end;
	int ret, best = COMMAND_NOT_FOUND;
	char path[PATH_MAX];

	for (at = at ? at : "/bin:/usr/bin";; at = end + 1) {
		end = strchrnul(at, ':');
		if (snprintf(path, sizeof(path), "%.*s/%s", (int)(end - at), end > at ? at : ".",
			     name) < (int)sizeof(path)) {
			ret = check_file(path);
			best = ret < best ? ret : best;
		}
		if (!best || !*end)
			return best;
	}
}

/**
 * command_check() - can a command be run?
 * @name: as for a shell
 * @err: says why not
 *
 * Return: 0, or its exit status.
 */
int command_check(const char *name, struct mpcnet_err *err)
{
	int ret = strchr(name, '/') ? check_file(name) : check_path(name);

	/* The folder itself is found for no name at all. */
	if (!*name)
		ret = COMMAND_NOT_FOUND;
	if (ret == COMMAND_NOT_FOUND)
		mpcnet_err_set(err, "there is no command \"%s\"", name);
	else if (ret)
		mpcnet_err_set(err, "\"%s\" is no program that may be executed", name);
	return ret;
}

/* Those of them that would end this program: nohup ignores one. */
static void end_signals(sigset_t *set)
{
	struct sigaction action;

	sigemptyset(set);
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!sigaction(ends[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(set, ends[i]);
	}
}

/**
 * command_hold_signals() - from here on no signal ends this program
 * @before: gets the mask that the command is to have
 */
void command_hold_signals(sigset_t *before)
{
	sigset_t set;

	end_signals(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, before);
}

/**
 * command_signal() - is there a signal that is held?
 *
 * Return: one that would have ended this program, or 0.
 */
int command_signal(void)
{
	sigset_t set;

	sigpending(&set);
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (sigismember(&set, ends[i]))
			return ends[i];
	}
	return 0;
}

static _Noreturn void become(char **argv, struct mpcnet_text *environment, const sigset_t *before)
{
	char *at = environment->data, *line;

	while ((line = strsep(&at, "\n"))) {
		if (*line)
			putenv(line);
	}
	sigprocmask(SIG_SETMASK, before, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "mpcnetctl: cannot run \"%s\": %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? COMMAND_NOT_FOUND : COMMAND_NOT_EXECUTABLE);
}

/* The terminal sends its signals to the command, too: once is enough. */
static void pass_on(pid_t pid, const siginfo_t *info, bool again)
{
	if (again)
		kill(pid, SIGKILL);
	else if (info->si_code != SI_KERNEL)
		kill(pid, info->si_signo);
}

/* Return: its status, as waitpid() has it. */
static int await(pid_t pid)
{
	bool again = false;
	siginfo_t info;
	sigset_t set;
	int status;

	end_signals(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		if (sigwaitinfo(&set, &info) < 0)
			continue;
		if (info.si_signo == SIGCHLD) {
			if (waitpid(pid, &status, WNOHANG) == pid)
				return status;
			continue;
		}
		pass_on(pid, &info, again);
		again = true;
	}
}

/**
 * command_run() - run a command until it ends; signals have to be held
 * @argv: its words
 * @environment: NAME=VALUE, one a line, for it beside our own; is cut into lines
 * @before: its mask of signals
 * @err: says why it cannot be run
 *
 * A signal is passed on to it; a second one kills it.
 *
 * Return: its exit status, as a shell tells it, or -1.
 */
int command_run(char **argv, struct mpcnet_text *environment, const sigset_t *before,
		struct mpcnet_err *err)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (!pid)
		become(argv, environment, before);
	if (pid < 0)
		return mpcnet_err_set(err, "cannot run \"%s\": %s", argv[0], strerror(errno));
	status = await(pid);
	return WIFSIGNALED(status) ? COMMAND_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
