// SPDX-License-Identifier: GPL-2.0
/*
 * The deadline: the kernel alone keeps it, and leaves nothing of what the
 * interface knew. A deadline that has passed already is kept at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "socket_pair.h"

#define PATIENCE 8000		/* a first handshake on an emulated CPU */

static struct pair pair;

static int set_deadline(uint64_t ms)
{
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u64(s->nlh, MPCNET_DEVICE_A_EXPIRES, ms * 1000000);
	return set_send(s);
}

/* Whether nothing is left but the interface itself, which is down. */
static const char *gone(void)
{
	char *text = nl_dump(&pair.nl[A], pair.name[A]);
	const char *why = NULL;
	bool down;

	ns_enter(pair.ns[A]);
	down = !link_is_up(pair.name[A]);
	ns_enter(pair.home);
	if (!text)
		return "no interface";
	if (strstr(text, "\npeer "))
		why = "a peer is left";
	else if (strstr(text, "-key"))
		why = "a key is left";
	else if (strstr(text, "expires") &&
		 strcmp(text_get(text, "dev expires"), "0"))
		why = "the deadline is still shown";
	else if (!down)
		why = "the interface is up";
	free(text);
	return why;
}

static const char *wait_gone(int ms)
{
	return wait_for(!gone(), ms) ? NULL : gone();
}

static const char *begin(void)
{
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	why = pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B);
	if (!why && !pair_talk(&pair, A, PATIENCE))
		why = "no handshake";
	return why;
}

static const char *test_passes(void)
{
	const char *why = begin();

	if (!why && set_deadline(now_ms() + 1000))
		why = pair.nl[A].why;
	if (!why && pair_dev(&pair, A, "expires") <= 0)
		why = "the deadline is not shown";
	if (!why && !pair_talk(&pair, A, 500))
		why = "no traffic before the deadline";
	if (!why)
		why = wait_gone(5000);
	pair_close(&pair);
	return why;
}

/* The one who set it has ended, and so have all its descriptors. */
static const char *test_no_process(void)
{
	const char *why = begin();
	uint64_t deadline;
	int status;

	if (why)
		return why;
	if (!fork())
		_exit(set_deadline(now_ms() + 700) ? 1 : 0);
	deadline = now_ms() + 700;
	wait(&status);
	if (status)
		why = "refused";
	if (!why)
		why = wait_gone(5000);
	ktap_diag("gone %lld ms after the deadline",
		  (long long)(now_ms() - deadline));
	pair_close(&pair);
	return why;
}

static const char *test_moved(void)
{
	const char *why = begin();
	uint64_t start = now_ms();

	if (!why && (set_deadline(start + 500) || set_deadline(start + 60000)))
		why = pair.nl[A].why;
	while (now_ms() < start + 1000)
		usleep(10000);
	if (!why && !pair_talk(&pair, A, 500))
		why = "the old deadline was kept";
	if (!why && set_deadline(now_ms() + 200))
		why = pair.nl[A].why;
	if (!why)
		why = wait_gone(5000);
	pair_close(&pair);
	return why;
}

static const char *test_removed(void)
{
	const char *why = begin();
	uint64_t start = now_ms();

	if (!why && (set_deadline(start + 500) || set_deadline(0)))
		why = pair.nl[A].why;
	if (!why && pair_dev(&pair, A, "expires") > 0)
		why = "still shown";
	while (now_ms() < start + 1000)
		usleep(10000);
	if (!why && !pair_talk(&pair, A, 500))
		why = "a removed deadline was kept";
	pair_close(&pair);
	return why;
}

static const char *test_past(void)
{
	const char *why = begin();

	if (!why && set_deadline(1))
		why = ktap_why("refused: %s", pair.nl[A].why);
	if (!why)
		why = wait_gone(3000);
	pair_close(&pair);
	return why;
}

static const char *test_far(void)
{
	const char *why = begin();
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u64(s->nlh, MPCNET_DEVICE_A_EXPIRES, UINT64_MAX);
	set_send(s);
	usleep(200000);
	if (!why && !pair_talk(&pair, A, 500))
		why = "the farthest time of all was taken as past";
	pair_close(&pair);
	return why;
}

static const char *test_while_down(void)
{
	const char *why = begin();

	pair_up(&pair, A, false);
	if (!why && set_deadline(now_ms() + 300))
		why = pair.nl[A].why;
	if (!why)
		why = wait_gone(5000);
	pair_close(&pair);
	return why;
}

/* With traffic both ways while it passes. */
static const char *test_under_load(void)
{
	const char *why = begin();
	uint64_t start = now_ms();
	char data[1000] = { 0 };

	if (!why && set_deadline(start + 500))
		why = pair.nl[A].why;
	while (now_ms() < start + 1000) {
		udp_send(pair.in[A], "10.9.0.2", 9, data, sizeof(data));
		udp_send(pair.in[B], "10.9.0.1", 9, data, sizeof(data));
	}
	if (!why)
		why = wait_gone(5000);
	pair_close(&pair);
	return why;
}

static const char *test_again(void)
{
	const char *why = begin();
	struct set *s;

	if (!why && set_deadline(now_ms() + 200))
		why = pair.nl[A].why;
	if (!why)
		why = wait_gone(5000);
	s = pair_set(&pair, A);
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(70));
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, PAIR_PORT_A);
	set_peer(s, pair.pub[B]);
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "127.0.0.1", PAIR_PORT_B);
	set_ip(s, "10.9.0.2/32");
	if (!why && set_send(s))
		why = s->nl->why;
	pair_up(&pair, A, true);
	if (!why && !pair_talk(&pair, A, PATIENCE))
		why = "it cannot be used again";
	pair_close(&pair);
	return why;
}

/* The caller's socket is its own again, and its namespace may go. */
static const char *test_socket(void)
{
	int fd = udp_socket("127.0.0.1", 0), sender = udp_socket("127.0.0.1", 0);
	const char *why = begin();
	uint8_t data[148] = { 1 };
	struct set *s = pair_set(&pair, A);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, fd);
	if (!why && set_send(s))
		why = s->nl->why;
	if (!why && set_deadline(now_ms() + 200))
		why = pair.nl[A].why;
	if (!why)
		why = wait_gone(5000);
	udp_send(sender, "127.0.0.1", udp_port(fd), data, sizeof(data));
	if (!why && udp_receive(fd, data, sizeof(data), 2000, NULL) != 148)
		why = "an adopted socket is not given back";
	close(fd);
	close(sender);
	pair_close(&pair);
	return why;
}

static const char *test_deleted(void)
{
	const char *why = NULL;
	int i;

	for (i = 0; !why && i < 5; i++) {
		if (!pair_open(&pair))
			return "no interfaces";
		if (set_deadline(now_ms() + 20 * i))
			why = pair.nl[A].why;
		pair_close(&pair);
	}
	usleep(200000);
	return why;
}

static const struct ktap_case cases[] = {
	{ "at the deadline peers and keys are gone, interface down",
	  test_passes },
	{ "with no process left", test_no_process },
	{ "moved", test_moved },
	{ "removed", test_removed },
	{ "in the past means at once", test_past },
	{ "the farthest time of all", test_far },
	{ "while down", test_while_down },
	{ "with traffic", test_under_load },
	{ "usable again afterwards", test_again },
	{ "an adopted socket is given back", test_socket },
	{ "interface deleted before or while it passes", test_deleted },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet has a deadline");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	pair_close(&pair);
	return ktap_run(cases, KTAP_COUNT(cases));
}
