// SPDX-License-Identifier: GPL-2.0
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nobody.h"

#define OPTION "--worker="
/* What a stranger sends can make it ask for no more memory than this. */
#define MEMORY_MAX (64 << 20)

/* Nothing of the daemon goes along but the socket; what a library prints goes
 * nowhere. */
static void keep_only(int socket)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(socket, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0u, 0))
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
}

static void execute(const char *role, int socket)
{
	char name[] = "mpcnetd", option[64];
	char *const argv[] = { name, option, NULL };

	keep_only(socket);
	snprintf(option, sizeof(option), OPTION "%s", role);
	execv("/proc/self/exe", argv);
	_exit(1);
}

/**
 * worker_start() - make a child
 * @role: what it is to be
 * @pid: gets its process; nobody has to wait for it
 * @err: says why not
 *
 * Return: a socket of packets that leads to it and does not block, -1 if there
 * is no child. The child ends when the socket is closed.
 */
int worker_start(const char *role, pid_t *pid, struct mpcnet_err *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return mpcnet_err_set(err, "no socket for a child process: %s", strerror(errno));
	*pid = fork();
	if (!*pid)
		execute(role, ends[1]);
	close(ends[1]);
	if (*pid > 0 && !fcntl(ends[0], F_SETFL, O_NONBLOCK))
		return ends[0];
	mpcnet_err_set(err, "no child process: %s", strerror(errno));
	close(ends[0]);
	return -1;
}

static void last_seconds(int signal)
{
	(void)signal;
	alarm(WORKER_LAST_SECONDS);
}

static void watch_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
}

/*
 * Whoever stops the daemon by a signal to all of its group would keep us from
 * removing what we left with strangers: we end with the socket. Its closing is
 * not seen while something blocks, so a dead parent sets an end to that as well.
 */
static void set_up_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	signal(SIGUSR1, last_seconds);
	watch_parent();
}

/* else ps(1) would show the name of the link that we were executed by */
static void set_name(const char *role)
{
	char name[16];

	snprintf(name, sizeof(name), "mpcnetd-%s", role);
	prctl(PR_SET_NAME, name);
}

static void limit(int what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ .rlim_cur = most, .rlim_max = most });
}

static bool is_ours(int socket)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return !getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_SEQPACKET;
}

/**
 * worker_become() - be a child, if that is what we were executed for
 * @argc: of main()
 * @argv: of main(), before anything else looked at it
 * @roles: what a child may be
 *
 * Returns if we are no child.
 */
void worker_become(int argc, char **argv, const struct worker_role *roles)
{
	if (argc != 2 || strncmp(argv[1], OPTION, strlen(OPTION)))
		return;
	for (; roles->name; roles++) {
		if (strcmp(argv[1] + strlen(OPTION), roles->name) || !is_ours(STDIN_FILENO))
			continue;
		set_name(roles->name);
		set_up_signals();
		limit(RLIMIT_CORE, 0);
		limit(RLIMIT_DATA, MEMORY_MAX);
		roles->run(STDIN_FILENO);
		_exit(0);
	}
	fprintf(stderr, "mpcnetd: %s is for its own use\n", argv[1]);
	exit(2);
}

/**
 * worker_drop() - be nobody from now on, and let nobody look into our memory
 */
void worker_drop(void)
{
	mpcnet_become_nobody();
	prctl(PR_SET_DUMPABLE, 0);
	/* Another user has no such signal set. */
	watch_parent();
}
