// SPDX-License-Identifier: GPL-2.0
/* The string, typed at the terminal by who waits for the others. */
#include "session_compare.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"

static bool over; /* the terminal says no more */

/**
 * session_compare_at_terminal() - may we ask for the string here?
 *
 * Return: both what is typed and what is said here go by a terminal.
 */
bool session_compare_at_terminal(void)
{
	return !over && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void compare(const char *session, char *typed)
{
	struct json_object *request, *answer;
	struct mpcnet_err err;

	typed[strcspn(typed, "\n")] = '\0';
	if (!*typed)
		return;
	request = daemon_request("verify", session);
	json_object_object_add(request, "string", json_object_new_string(typed));
	answer = daemon_ask(request, false, &err);
	if (!answer)
		fprintf(stderr, "mpcnetctl: %s\n", err.text);
	json_object_put(answer);
}

/**
 * session_compare_wait() - let some time pass, in which the string may be typed
 * @session: name of the session
 * @asks: it is to be compared
 * @ms: milliseconds
 */
void session_compare_wait(const char *session, bool asks, int ms)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
	char typed[64];
	ssize_t len;

	if (poll(&terminal, asks && session_compare_at_terminal(), ms) <= 0)
		return;
	len = read(STDIN_FILENO, typed, sizeof(typed) - 1);
	if (len < 0 && errno == EINTR)
		return;
	over = len <= 0;
	typed[len > 0 ? len : 0] = '\0';
	compare(session, typed);
}
