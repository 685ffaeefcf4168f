// SPDX-License-Identifier: GPL-2.0
/* mpcnetd: finds the paths of sessions and hands them to the kernel. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker.h"
#include "control.h"
#include "log.h"
#include "loop.h"
#include "mapper.h"
#include "session.h"
#include "worker.h"

static const struct worker_role roles[] = {
	{ "broker", broker_child },
	{ "portmap", mapper_child },
	{ 0 },
};

static const char usage[] =
	"usage: mpcnetd [-d]\n"
	"\n"
	"Finds the way to every other party of a session, and hands it to the kernel.\n"
	"mpcnetctl session talks to it, by $MPCNET_RUNDIR/control (/run/mpcnet).\n"
	"\n"
	"TURN servers and brokers over TLS (turns:, mqtts:) need a certificate that the system\n"
	"trusts, or that an authority in the file $MPCNET_CA has signed.\n"
	"\n"
	"  -d  go to the background, once requests are served, and end with the last session\n"
	"  -h  this text\n";

static struct loop_fd signals;

static void on_signal(void *arg, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)arg;
	(void)events;
	if (read(signals.fd, &info, sizeof(info)) == sizeof(info))
		loop_stop();
}

static int watch_signals(struct mpcnet_err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Nobody waits for the children: what they say ends with their pipe. */
	signal(SIGCHLD, SIG_IGN);
	signals = (struct loop_fd){ .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
				    .ready = on_signal };
	return loop_watch(&signals, EPOLLIN, err);
}

static int start(bool transient, struct mpcnet_err *err)
{
	if (geteuid())
		return mpcnet_err_set(err, "only root may: it makes interfaces and routes");
	return loop_init(err) || control_open(transient, err) ? -1 : 0;
}

static void leave_all(void)
{
	while (session_first())
		session_leave(session_first());
}

int main(int argc, char **argv)
{
	struct mpcnet_err err;
	bool detach = false;
	int option;

	worker_become(argc, argv, roles);
	while ((option = getopt(argc, argv, "dh")) != -1) {
		switch (option) {
		case 'd':
			detach = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (start(detach, &err)) {
		fprintf(stderr, "mpcnetd: %s\n", err.text);
		return 1;
	}
	/* Who started us goes on when there is something to talk to. */
	if (detach && daemon(1, 1)) {
		fprintf(stderr, "mpcnetd: cannot go to the background: %s\n", strerror(errno));
		return 1;
	}
	if (watch_signals(&err)) {
		fprintf(stderr, "mpcnetd: %s\n", err.text);
		return 1;
	}
	/* Children are of the process that stays. */
	session_load_all();
	session_host_sweep();
	loop_run();
	leave_all();
	control_close();
	return 0;
}
