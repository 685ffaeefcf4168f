// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "session_format.h"
#include "show.h"

const struct session_trouble session_troubles[SESSION_TROUBLES] = {
	{ "stun", "STUN" },    { "relay", "no relay" }, { "firewall", "firewall" },
	{ "clock", "clocks" }, { "notice", "parties" }, { "rendezvous", "rendezvous" },
};

static const char *text_or_dash(struct json_object *object, const char *key)
{
	const char *text = daemon_text(object, key);

	return *text ? text : "-";
}

static void print_party(struct json_object *party)
{
	printf("  %-3s %-12s %-15s %-10s %9s  %-24s %s\n", text_or_dash(party, "index"),
	       text_or_dash(party, "name"), text_or_dash(party, "address"),
	       text_or_dash(party, "state"), text_or_dash(party, "rtt_ms"),
	       text_or_dash(party, "endpoint"), text_or_dash(party, "reason"));
}

static void print_session(struct json_object *session)
{
	struct json_object *parties = NULL;

	printf("session %s: %s", daemon_text(session, "session"), daemon_text(session, "state"));
	if (*daemon_text(session, "waits"))
		printf(", waits for %s", daemon_text(session, "waits"));
	if (*daemon_text(session, "error"))
		printf(": %s", daemon_text(session, "error"));
	if (*daemon_text(session, "interface"))
		printf(", interface %s", daemon_text(session, "interface"));
	putchar('\n');
	for (size_t i = 0; i < SESSION_TROUBLES; i++) {
		const char *why = daemon_text(session, session_troubles[i].key);

		if (*why)
			printf("  %s: %s\n", session_troubles[i].word, why);
	}
	if (*daemon_text(session, "sas"))
		printf("  string: %s, the same for all parties%s\n", daemon_text(session, "sas"),
		       strcmp(daemon_text(session, "state"), "verifying") ?
			       "" :
			       ": compare, then mpcnetctl session verify STRING");
	json_object_object_get_ex(session, "parties", &parties);
	printf("  %-3s %-12s %-15s %-10s %9s  %-24s %s\n", "#", "name", "address", "state",
	       "rtt ms", "endpoint", "reason");
	for (size_t i = 0; parties && i < json_object_array_length(parties); i++)
		print_party(json_object_array_get_idx(parties, i));
}

static int print_all(struct ctl_args *args, struct json_object *sessions)
{
	size_t count = json_object_array_length(sessions);

	if (args->json && count == 1)
		return show_print_json(json_object_get(json_object_array_get_idx(sessions, 0)),
				       JSON_C_TO_STRING_PRETTY);
	if (args->json)
		return show_print_json(json_object_get(sessions), JSON_C_TO_STRING_PRETTY);
	for (size_t i = 0; i < count; i++)
		print_session(json_object_array_get_idx(sessions, i));
	return CTL_DONE;
}

/* The name may be left out before a keyword. */
static const char *take_session(struct ctl_args *args)
{
	const struct ctl_word *word = args->verb->words;

	for (; args->argc && word->name; word++) {
		if (!strcmp(args->argv[0], word->name))
			return NULL;
	}
	return ctl_next(args);
}

/**
 * session_show() - mpcnetctl session show
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit.
 */
int session_show(struct ctl_args *args)
{
	struct session_format how = { .port = VIEW_PORT };
	struct json_object *answer, *sessions;
	const char *name = take_session(args);
	int ret = ctl_words(args, &how);

	if (ret)
		return ret;
	if (how.format)
		return session_format_show(args, name, &how);
	ret = CTL_FAILED;
	answer = daemon_ask(daemon_request("show", name), false, &args->err);
	if (!answer)
		return ctl_failed(&args->err);
	if (json_object_object_get_ex(answer, "sessions", &sessions))
		ret = print_all(args, sessions);
	json_object_put(answer);
	return ret;
}
