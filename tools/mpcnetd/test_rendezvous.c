// SPDX-License-Identifier: GPL-2.0
/*
 * A party at a rendezvous, for a test:
 *	test-rendezvous [-s] NAME [URL...]
 * Lines at standard input are "post TEXT", "will TEXT", "long BYTES", "end", and
 * "close"; the last two end it, as does the end of the file. Of what happens it
 * prints "got TEXT", "reached", and "trouble TEXT" or "no trouble". With -s all are
 * of one session, whatever the URLs are; else only those of the same ticket.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "crypto.h"
#include "loop.h"
#include "rendezvous.h"
#include "worker.h"

static const struct worker_role roles[] = {
	{ "broker", broker_child },
	{ 0 },
};

static struct rendezvous rendezvous;
static bool reached;

static void on_received(void *arg, const uint8_t *data, size_t len)
{
	size_t shown = len < 64 ? len : 64;

	(void)arg;
	printf("got ");
	for (size_t i = 0; i < shown; i++)
		putchar(isprint(data[i]) ? data[i] : '?');
	printf(shown < len ? "... of %zu\n" : "\n", len);
}

static void on_changed(void *arg)
{
	const char *trouble = rendezvous_trouble(&rendezvous);

	(void)arg;
	printf("%s%s\n", trouble ? "trouble " : "no trouble", trouble ? trouble : "");
}

static const struct rendezvous_ops ops = { on_received, on_changed };

static void do_line(char *line)
{
	static uint8_t data[2 * MEDIUM_MAX];
	size_t len;

	line[strcspn(line, "\n")] = 0;
	if (!strcmp(line, "end")) {
		rendezvous_end(&rendezvous);
		loop_stop();
	} else if (!strcmp(line, "close")) {
		rendezvous_close(&rendezvous);
		loop_stop();
	} else if (!strncmp(line, "post ", 5)) {
		rendezvous_post(&rendezvous, (uint8_t *)line + 5, strlen(line + 5));
	} else if (!strncmp(line, "will ", 5)) {
		rendezvous_will(&rendezvous, (uint8_t *)line + 5, strlen(line + 5));
	} else if (!strncmp(line, "long ", 5)) {
		len = strtoul(line + 5, NULL, 10);
		memset(data, 'x', sizeof(data));
		rendezvous_post(&rendezvous, data, len < sizeof(data) ? len : sizeof(data));
	}
}

static void on_input(void *arg, uint32_t events)
{
	static char text[4096];
	char *at = text, *end;
	ssize_t len = read(STDIN_FILENO, text, sizeof(text) - 1);

	(void)arg;
	(void)events;
	if (len <= 0)
		loop_stop();
	/* The test writes whole lines. */
	text[len < 0 ? 0 : len] = 0;
	while ((end = strchr(at, '\n'))) {
		*end = 0;
		do_line(at);
		at = end + 1;
	}
}

static uint64_t deadline(void *arg)
{
	(void)arg;
	return rendezvous_deadline(&rendezvous);
}

static void due(void *arg, uint64_t now)
{
	(void)arg;
	rendezvous_tick(&rendezvous, now);
}

static uint64_t next_look = 0;

static uint64_t look_deadline(void *arg)
{
	(void)arg;
	return reached ? LOOP_NEVER : next_look;
}

static void look(void *arg, uint64_t now)
{
	(void)arg;
	next_look = now + 50000;
	reached = rendezvous_reached(&rendezvous);
	if (reached)
		puts("reached");
}

static int open_all(const char *name, int count, char **urls, struct mpcnet_err *err)
{
	static struct loop_timer ticks = { .deadline = deadline, .due = due };
	static struct loop_timer looks = { .deadline = look_deadline, .due = look };
	static struct loop_fd input = { .fd = STDIN_FILENO, .ready = on_input };
	struct ticket ticket = {
		.secret = "a test", .parties = 9, .expires = 1, .network_len = 24
	};
	uint8_t key[MPCNET_KEY_LEN];

	for (int i = 0; i < count && i < TICKET_SERVERS_MAX; i++)
		snprintf(ticket.broker[ticket.broker_count++], TICKET_URL_MAX + 1, "%s", urls[i]);
	if (ticket_check(&ticket, err) || loop_init(err) || loop_watch(&input, EPOLLIN, err))
		return -1;
	crypto_hash(key, "test", (struct crypto_span){ name, strlen(name) });
	if (rendezvous_open(&rendezvous, &ticket, key, &ops, NULL, err))
		return -1;
	loop_add_timer(&ticks);
	loop_add_timer(&looks);
	return 0;
}

int main(int argc, char **argv)
{
	struct mpcnet_err err;
	int same;

	worker_become(argc, argv, roles);
	same = argc > 1 && !strcmp(argv[1], "-s");
	argc -= same;
	argv += same;
	if (argc < 2) {
		fprintf(stderr, "usage: test-rendezvous [-s] NAME [URL...]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGCHLD, SIG_IGN);
	if (open_all(argv[1], argc - 2, argv + 2, &err)) {
		fprintf(stderr, "test-rendezvous: %s\n", err.text);
		return 1;
	}
	if (same)
		memset(rendezvous.medium.id, 's', MEDIUM_ID_LEN);
	loop_run();
	return 0;
}
