// SPDX-License-Identifier: GPL-2.0
/* A mapping, from the first request to the last. */
#include "portmap_worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "candidate.h"
#include "file.h"

#define SECOND 1000u
/* How long a renewal may take: nobody waits for it. */
#define RENEW_MS (3 * SECOND)
/* Between two renewals that fail, RFC 6887 section 11.2.1. */
#define RENEW_PAUSE (4 * SECOND)
/* Until it is tried again whether there is a gateway now. */
#define RETRY_MIN (5 * SECOND)
#define RETRY_MAX (900 * SECOND)
/* poll() does not count the time that the machine sleeps, leases do. */
#define POLL_MAX (10 * SECOND)

/**
 * portmap_now() - the time
 *
 * Return: milliseconds since the machine was started, also those it slept.
 */
uint64_t portmap_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec / 1000000;
}

/**
 * portmap_say() - say something to the daemon
 * @worker: who says it
 * @line: what; it is shorter than PIPE_BUF, and so never mixed with another
 */
void portmap_say(const struct portmap_worker *worker, const struct portmap_line *line)
{
	char text[PORTMAP_LINE_MAX + 1];

	_Static_assert(sizeof(text) <= PIPE_BUF, "a line is written as one");
	portmap_line_format(text, line);
	strcat(text, "\n");
	mpcnet_file_write_all(worker->out, text, strlen(text));
}

static void say_reason(const struct portmap_worker *worker, enum portmap_what what,
		       enum portmap_how how, const char *reason)
{
	struct portmap_line line = { .what = what, .how = how };

	snprintf(line.reason, sizeof(line.reason), "%.*s", PORTMAP_REASON_MAX - 1, reason);
	portmap_say(worker, &line);
}

/**
 * portmap_say_failed() - say why there is no mapping, the first time
 * @worker: who says it
 * @how: of which protocol
 * @err: why
 */
void portmap_say_failed(const struct portmap_worker *worker, enum portmap_how how,
			const struct mpcnet_err *err)
{
	if (!worker->quiet)
		say_reason(worker, PORTMAP_FAILED, how, err->text);
}

static void say_mapped(const struct portmap_lease *lease)
{
	struct portmap_line line = {
		.what = PORTMAP_MAPPED,
		.how = lease->method->how,
		.external = lease->external,
		.lifetime = lease->permanent ? 0 : lease->lifetime,
	};

	portmap_say(lease->worker, &line);
}

static void say_lost(const struct portmap_lease *lease, const char *reason)
{
	say_reason(lease->worker, PORTMAP_LOST, lease->method->how, reason);
}

/* An announcement counts if the gateway sent it, and not again and again: its
 * sender can be forged. */
static bool heard(struct portmap_worker *worker, struct portmap_lease *lease)
{
	struct sockaddr_in from = { 0 };
	socklen_t from_len = sizeof(from);
	uint8_t data[PCP_MESSAGE_MAX];
	ssize_t len = recvfrom(worker->announced, data, sizeof(data), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len);

	if (len < 0 || !lease || from.sin_addr.s_addr != lease->gateway.s_addr ||
	    from.sin_port != htons(PCP_PORT) || portmap_now() < lease->asked + RENEW_PAUSE)
		return false;
	return lease->method->heard(lease, data, (size_t)len);
}

static enum portmap_word read_word(int in)
{
	uint8_t byte;
	ssize_t got = read(in, &byte, 1);

	if (got < 0 && errno == EINTR)
		return PORTMAP_TIMEOUT;
	return got == 1 ? (enum portmap_word)byte : PORTMAP_GONE;
}

/**
 * portmap_wait() - until the time has come, or there is word
 * @worker: who waits
 * @lease: its mapping; NULL if it has none
 * @ms: milliseconds; UINT64_MAX for ever
 *
 * Return: the word.
 */
enum portmap_word portmap_wait(struct portmap_worker *worker, struct portmap_lease *lease,
			       uint64_t ms)
{
	struct pollfd fds[] = { { .fd = worker->in, .events = POLLIN },
				{ .fd = worker->announced, .events = POLLIN } };
	uint64_t start = portmap_now(), passed = 0;
	enum portmap_word word;

	for (; passed < ms; passed = portmap_now() - start) {
		uint64_t left = ms - passed < POLL_MAX ? ms - passed : POLL_MAX;

		if (poll(fds, 2, (int)left) <= 0)
			continue;
		if (fds[1].revents && heard(worker, lease))
			return PORTMAP_HEARD;
		word = fds[0].revents ? read_word(worker->in) : PORTMAP_TIMEOUT;
		if (word != PORTMAP_TIMEOUT)
			return word;
	}
	return PORTMAP_TIMEOUT;
}

/**
 * portmap_check_public() - can others reach the address?
 * @external: address and port of a mapping
 * @err: says that they cannot
 *
 * Return: 0, or -1.
 */
int portmap_check_public(const union mpcnet_endpoint *external, struct mpcnet_err *err)
{
	char text[MPCNET_ENDPOINT_TEXT], *port;

	if (endpoint_is_usable(external) && !endpoint_is_private(external))
		return 0;
	mpcnet_endpoint_format(text, external);
	port = strrchr(text, ':');
	if (port)
		*port = '\0';
	return mpcnet_err_set(
		err, "the router's own address %s is not public: it is behind another NAT", text);
}

/**
 * portmap_map() - ask for a mapping, or renew it
 * @lease: the mapping, with method, worker and gateway
 * @ms: how many milliseconds to ask
 * @err: says why there is none
 *
 * What leads to an address that others cannot reach is removed again, and has
 * expired.
 *
 * Return: 0, or -1 and the external address is the one it was.
 */
int portmap_map(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err)
{
	union mpcnet_endpoint before = lease->external;

	lease->asked = portmap_now();
	if (lease->method->map(lease, ms, err)) {
		lease->external = before;
		return -1;
	}
	lease->expires = portmap_now() + (uint64_t)lease->lifetime * SECOND;
	if (!portmap_check_public(&lease->external, err))
		return 0;
	lease->method->unmap(lease);
	lease->external = before;
	lease->expires = 0;
	return -1;
}

/* At half of the lifetime, and when that failed at half of what is left. */
static uint64_t renewal_delay(const struct portmap_lease *lease)
{
	uint64_t now = portmap_now();
	uint64_t left = lease->expires > now ? lease->expires - now : 0;
	uint64_t least = (uint64_t)lease->lifetime * SECOND / 4;

	if (least > RENEW_PAUSE)
		least = RENEW_PAUSE;
	return left / 2 > least ? left / 2 : least;
}

/* False if the mapping is lost. */
static bool renew(struct portmap_lease *lease)
{
	union mpcnet_endpoint before = lease->external;
	struct mpcnet_err err;

	if (portmap_map(lease, RENEW_MS, &err)) {
		if (portmap_now() < lease->expires)
			return true;
		say_lost(lease, err.text);
		return false;
	}
	if (lease->restarted)
		say_lost(lease, "the gateway restarted");
	if (lease->restarted || !mpcnet_endpoint_equal(&before, &lease->external))
		say_mapped(lease);
	lease->restarted = false;
	return true;
}

/* False if the mapping is lost; true if nobody wants it any more. */
static bool keep(struct portmap_lease *lease)
{
	enum portmap_word word;
	bool kept;

	lease->restarted = false;
	say_mapped(lease);
	do {
		word = portmap_wait(lease->worker, lease, renewal_delay(lease));
		kept = word == PORTMAP_END || word == PORTMAP_GONE || renew(lease);
	} while (kept && word != PORTMAP_END && word != PORTMAP_GONE);
	if (word == PORTMAP_END || lease->permanent)
		lease->method->unmap(lease);
	return kept;
}

static void pass_turn(struct portmap_worker *worker)
{
	const uint8_t turn = PORTMAP_TURN;

	if (worker->next < 0)
		return;
	mpcnet_file_write_all(worker->next, (const char *)&turn, 1);
	close(worker->next);
	worker->next = -1;
}

/**
 * portmap_serve() - have a mapping, until the daemon wants it no more
 * @worker: who does
 * @acquire: gets a first mapping, or says why it failed and returns false
 */
void portmap_serve(struct portmap_worker *worker, bool (*acquire)(struct portmap_lease *lease))
{
	uint64_t delay = RETRY_MIN;
	enum portmap_word word;

	do {
		struct portmap_lease lease = { .worker = worker };

		if (acquire(&lease)) {
			if (keep(&lease))
				return;
			delay = RETRY_MIN;
		}
		worker->quiet = true;
		pass_turn(worker);
		word = portmap_wait(worker, NULL, delay);
		delay = delay < RETRY_MAX / 2 ? 2 * delay : RETRY_MAX;
	} while (word != PORTMAP_END && word != PORTMAP_GONE);
}
