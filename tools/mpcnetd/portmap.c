// SPDX-License-Identifier: GPL-2.0
/* The process between the daemon and those that map ports. */
#include "portmap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "nobody.h"
#include "portmap_worker.h"

#define WORKERS 2
/* How long a worker may take to remove its mapping. */
#define END_MS 4000

/**
 * struct child - a worker, as its parent sees it
 * @pid: of the process
 * @words: where it is told things; -1 if there is no such worker
 * @how: the protocol by whose name it is spoken of
 */
struct child {
	pid_t pid;
	int words;
	enum portmap_how how;
};

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Of what comes from the daemon keep but these, and what a library prints to
 * standard error goes nowhere. */
static void close_others(int *keep, size_t count)
{
	unsigned int from = 3;

	qsort(keep, count, sizeof(*keep), compare);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	close_range(from, ~0u, 0);
}

static void set_up_descriptors(int *in, int *out)
{
	int null;

	*in = fcntl(*in, F_DUPFD_CLOEXEC, 3);
	*out = fcntl(*out, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*in < 0 || *out < 0 || null < 0)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close_others((int[]){ *in, *out }, 2);
}

/* Whoever stops the daemon by a signal to all of its group would keep us from
 * removing what we made: we end with the pipe. */
static void set_up_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t none;

	/* What the daemon's death was to bring, comes with the end of the file. */
	prctl(PR_SET_PDEATHSIG, 0);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void start(struct child *child, void (*work)(struct portmap_worker *worker),
		  struct portmap_worker *worker)
{
	int words[2];

	if (pipe2(words, O_CLOEXEC))
		return;
	child->pid = fork();
	if (!child->pid) {
		worker->in = words[0];
		close_others((int[]){ worker->in, worker->out, worker->next }, 3);
		work(worker);
		_exit(0);
	}
	close(words[0]);
	if (child->pid < 0)
		close(words[1]);
	else
		child->words = words[1];
}

static void tell(const struct child *child, enum portmap_word word)
{
	const uint8_t byte = (uint8_t)word;

	if (child->words >= 0)
		mpcnet_file_write_all(child->words, (const char *)&byte, 1);
}

/* UPnP first, so that the other can be given the way to tell it. */
static void start_all(struct child *children, struct portmap_worker *worker)
{
	unsigned int hows = worker->conf->hows;

	if (hows & 1u << PORTMAP_UPNP)
		start(&children[1], portmap_upnp, worker);
	worker->next = children[1].words;
	if (hows & ~(1u << PORTMAP_UPNP))
		start(&children[0], portmap_gateway, worker);
	if (children[0].words < 0)
		tell(&children[1], PORTMAP_TURN);
}

/* A worker ends before it is told to only by a fault of a library. */
static void bury(struct child *children, struct child *child, const struct portmap_worker *worker)
{
	struct portmap_line line = { .what = PORTMAP_LOST, .how = child->how };
	int status = 0;

	waitpid(child->pid, &status, 0);
	close(child->words);
	child->words = -1;
	if (WIFSIGNALED(status))
		snprintf(line.reason, sizeof(line.reason), "its process died of signal %d",
			 WTERMSIG(status));
	else
		snprintf(line.reason, sizeof(line.reason), "its process gave up");
	portmap_say(worker, &line);
	if (child == &children[0])
		tell(&children[1], PORTMAP_TURN);
}

/**
 * struct words - what has come from the daemon
 * @text: the line so far
 * @len: bytes in it; more than there is room for: it is too long
 */
struct words {
	char text[8];
	size_t len;
};

/* Take one byte of it; true if that ends the line "end". */
static bool take(struct words *words, char byte)
{
	bool end = byte == '\n' && words->len == 3 && !memcmp(words->text, "end", 3);

	if (byte == '\n')
		words->len = 0;
	else if (words->len < sizeof(words->text))
		words->text[words->len++] = byte;
	return end;
}

/* PORTMAP_END or PORTMAP_GONE if there is such word, else PORTMAP_TIMEOUT. */
static enum portmap_word listen_to_daemon(int in, struct words *words)
{
	char data[64];
	ssize_t got = read(in, data, sizeof(data));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return PORTMAP_TIMEOUT;
	for (ssize_t i = 0; i < got; i++) {
		if (take(words, data[i]))
			return PORTMAP_END;
	}
	return got > 0 ? PORTMAP_TIMEOUT : PORTMAP_GONE;
}

/* Until the daemon says something or a worker ends; poll() tells of the latter
 * by an error of the pipe that nobody reads any more. */
static enum portmap_word attend(struct child *children, const struct portmap_worker *worker, int in)
{
	enum portmap_word word = PORTMAP_TIMEOUT;
	struct pollfd fds[1 + WORKERS];
	struct words words = { .len = 0 };

	while (word == PORTMAP_TIMEOUT) {
		fds[0] = (struct pollfd){ .fd = in, .events = POLLIN };
		for (int i = 0; i < WORKERS; i++)
			fds[1 + i] = (struct pollfd){ .fd = children[i].words };
		if (poll(fds, 1 + WORKERS, -1) <= 0)
			continue;
		for (int i = 0; i < WORKERS; i++) {
			if (fds[1 + i].revents)
				bury(children, &children[i], worker);
		}
		if (fds[0].revents)
			word = listen_to_daemon(in, &words);
	}
	return word;
}

static void finish(struct child *child, uint64_t until)
{
	struct pollfd pollfd = { .fd = child->words };
	uint64_t now = portmap_now();

	if (child->words < 0)
		return;
	if (poll(&pollfd, 1, until > now ? (int)(until - now) : 0) <= 0)
		kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

/**
 * portmap_run() - map a port until the daemon wants it no more
 * @in: the line "end" removes the mapping; the end of the file leaves it
 * @out: gets the lines of portmap_line.h
 * @conf: what to map
 *
 * For a process of its own, just forked: it keeps of the descriptors only
 * these, and does not return.
 */
void portmap_run(int in, int out, const struct portmap_conf *conf)
{
	struct child children[WORKERS] = { { .words = -1, .how = PORTMAP_PCP },
					   { .words = -1, .how = PORTMAP_UPNP } };
	struct portmap_worker worker = { .conf = conf, .in = -1, .next = -1, .announced = -1 };
	enum portmap_word word;
	uint64_t until;

	set_up_descriptors(&in, &out);
	set_up_signals();
	mpcnet_become_nobody();
	worker.out = out;
	start_all(children, &worker);
	word = attend(children, &worker, in);
	for (int i = 0; i < WORKERS; i++)
		tell(&children[i], word);
	until = portmap_now() + END_MS;
	for (int i = 0; i < WORKERS; i++)
		finish(&children[i], until);
	_exit(0);
}

/**
 * portmap_child() - map a port, by any protocol
 * @in: as of portmap_run()
 * @out: as of portmap_run()
 * @port: UDP port of this host
 */
void portmap_child(int in, int out, uint16_t port)
{
	struct portmap_conf conf = {
		.port = port,
		.lifetime = PORTMAP_LIFETIME,
		.hows = (1u << PORTMAP_HOWS) - 1,
	};

	portmap_run(in, out, &conf);
}
