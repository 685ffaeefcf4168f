// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "session_format.h"
#include "show.h"

const struct session_trouble session_troubles[SESSION_TROUBLES] = {
	{ "stun", "STUN" },	 { "relay", "no relay" },	 { "clock", "clocks" },
	{ "notice", "parties" }, { "rendezvous", "rendezvous" },
};

static const char *text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return "-";
	return json_object_get_string(value);
}

static void print_party(struct json_object *party)
{
	printf("  %-3s %-12s %-15s %-10s %9s  %-24s %s\n", text(party, "index"),
	       *text(party, "name") ? text(party, "name") : "-", text(party, "address"),
	       text(party, "state"), text(party, "rtt_ms"), text(party, "endpoint"),
	       text(party, "reason"));
}

static void print_session(struct json_object *session)
{
	struct json_object *parties = NULL;

	printf("session %s: %s", text(session, "session"), text(session, "state"));
	if (strcmp(text(session, "waits"), "-"))
		printf(", waits for %s", text(session, "waits"));
	if (strcmp(text(session, "error"), "-"))
		printf(": %s", text(session, "error"));
	if (strcmp(text(session, "interface"), "-"))
		printf(", interface %s", text(session, "interface"));
	putchar('\n');
	for (size_t i = 0; i < SESSION_TROUBLES; i++) {
		const char *why = text(session, session_troubles[i].key);

		if (strcmp(why, "-"))
			printf("  %s: %s\n", session_troubles[i].word, why);
	}
	if (strcmp(text(session, "sas"), "-"))
		printf("  string: %s, the same for all parties%s\n", text(session, "sas"),
		       strcmp(text(session, "state"), "verifying") ?
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
