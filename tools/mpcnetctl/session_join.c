// SPDX-License-Identifier: GPL-2.0
#include "session_join.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon.h"
#include "file.h"
#include "session.h"
#include "show.h"

#define YEAR_S (366 * 86400)

/**
 * session_take_name() - take a name of a session or of a party
 * @args: what is left
 * @word: the keyword whose value it is
 * @name: gets it
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_take_name(struct ctl_args *args, const char *word, char name[CARD_NAME_MAX + 1])
{
	const char *value = ctl_value(args, word);

	if (!value)
		return CTL_USAGE;
	if (strlen(value) > CARD_NAME_MAX)
		return ctl_usage(args, "%s: at most %d characters", word, CARD_NAME_MAX);
	if (!card_name_is_valid(value))
		return ctl_usage(args, "%s: expected letters, digits, and \"-\" inside", word);
	strcpy(name, value);
	return CTL_DONE;
}

/* From standard input it is in no list of processes, and in no shell's history. */
static int read_ticket(struct ctl_args *args, char ticket[TICKET_TEXT_MAX])
{
	struct mpcnet_text text;

	if (mpcnet_file_read(&text, "-", NULL, &args->err))
		return ctl_failed(&args->err);
	snprintf(ticket, TICKET_TEXT_MAX, "%.*s", text.data ? (int)strcspn(text.data, "\r\n") : 0,
		 text.data ? text.data : "");
	mpcnet_text_free(&text);
	return CTL_DONE;
}

/**
 * session_join_take_ticket() - take the ticket
 * @args: what is left
 * @join: gets it
 *
 * Return: an enum ctl_exit.
 */
int session_join_take_ticket(struct ctl_args *args, struct session_join *join)
{
	static char ticket[TICKET_TEXT_MAX];

	join->ticket = ctl_next(args);
	if (!join->ticket)
		return ctl_usage(args, "the ticket is missing");
	if (strcmp(join->ticket, "-") != 0)
		return CTL_DONE;
	join->ticket = ticket;
	return read_ticket(args, ticket);
}

/**
 * session_join_take_name() - take the name of this party
 * @args: what is left
 * @request: a struct session_join
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_join_take_name(struct ctl_args *args, void *request)
{
	return session_take_name(args, "name", ((struct session_join *)request)->name);
}

/**
 * session_join_take_index() - take the place of this party
 * @args: what is left
 * @request: a struct session_join
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_join_take_index(struct ctl_args *args, void *request)
{
	struct session_join *join = request;

	join->has_index = true;
	return ctl_number(args, "index", &join->index, 0, PARTIES_MAX - 1);
}

/**
 * session_join_take_verify() - take how to tell who the others are
 * @args: what is left
 * @request: a struct session_join
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_join_take_verify(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "verify");

	if (!value)
		return CTL_USAGE;
	if (strcmp(value, "sas") && strcmp(value, "keys") && strcmp(value, "ticket"))
		return ctl_usage(args, "verify: expected sas, keys or ticket, not \"%s\"", value);
	((struct session_join *)request)->verify = value;
	return CTL_DONE;
}

/**
 * session_join_take_lost() - take after what time a silent party is lost for good
 * @args: what is left
 * @request: a struct session_join
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_join_take_lost(struct ctl_args *args, void *request)
{
	return ctl_number(args, "lost", &((struct session_join *)request)->lost, 1, YEAR_S);
}

/**
 * session_join_take_wait() - take how long to wait for the others
 * @args: what is left
 * @request: a struct session_join
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int session_join_take_wait(struct ctl_args *args, void *request)
{
	return ctl_number(args, "wait", &((struct session_join *)request)->wait, 1, YEAR_S);
}

const struct ctl_word session_join_words[] = {
	{ "name", "S", session_join_take_name, false },
	{ "index", "I", session_join_take_index, false },
	{ "verify", "sas|keys|ticket", session_join_take_verify, false },
	{ "lost", "SECONDS", session_join_take_lost, false },
	{ "wait", "SECONDS", session_join_take_wait, false },
	{ 0 },
};

/**
 * session_join_check() - refuse what is wrong already, without a daemon
 * @args: says of which command
 * @join: what is asked for
 *
 * Return: an enum ctl_exit.
 */
int session_join_check(struct ctl_args *args, const struct session_join *join)
{
	struct ticket ticket;
	int ret = CTL_DONE;

	if (ticket_parse(&ticket, join->ticket, &args->err))
		return ctl_failed(&args->err);
	if (ticket_expired(&ticket, (uint64_t)time(NULL))) {
		mpcnet_err_set(&args->err, "the ticket has expired, or the clock of this machine "
					   "is wrong: ask for a new ticket");
		ret = ctl_failed(&args->err);
	} else if (join->has_index && join->index >= ticket.parties) {
		ret = ctl_usage(args, "index: there are %u parties, from 0 to %u", ticket.parties,
				ticket.parties - 1);
	}
	explicit_bzero(&ticket, sizeof(ticket));
	return ret;
}

/**
 * session_join_ask() - ask mpcnetd to join
 * @args: where a refusal is said
 * @join: what is asked for
 *
 * Return: its answer, or NULL.
 */
struct json_object *session_join_ask(struct ctl_args *args, const struct session_join *join)
{
	struct json_object *request = daemon_request("join", NULL);

	json_object_object_add(request, "ticket", json_object_new_string(join->ticket));
	json_object_object_add(request, "name", json_object_new_string(join->name));
	if (join->has_index)
		json_object_object_add(request, "index", json_object_new_int((int)join->index));
	if (join->port)
		json_object_object_add(request, "port", json_object_new_int((int)join->port));
	if (join->lost)
		json_object_object_add(request, "lost", json_object_new_int64((int64_t)join->lost));
	if (join->verify)
		json_object_object_add(request, "verify", json_object_new_string(join->verify));
	return daemon_ask(request, true, &args->err);
}

/* What has failed is told, and not needed any more. */
static int wait_for_all(struct ctl_args *args, const char *session, uint64_t seconds)
{
	struct mpcnet_err ignored;
	bool over = false;
	int ret = session_wait(args, session, seconds, &over);

	if (over)
		json_object_put(daemon_ask(daemon_request("leave", session), false, &ignored));
	return ret;
}

static int joined(struct ctl_args *args, struct json_object *answer,
		  const struct session_join *join)
{
	struct json_object *name;
	int ret = CTL_DONE;

	if (!json_object_object_get_ex(answer, "session", &name))
		ret = CTL_FAILED;
	else if (join->wait)
		ret = wait_for_all(args, json_object_get_string(name), join->wait);
	else if (args->json)
		ret = show_print_json(json_object_get(answer), JSON_C_TO_STRING_PRETTY);
	else
		puts(json_object_get_string(name));
	json_object_put(answer);
	return ret;
}

/**
 * session_join() - mpcnetctl session join
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit.
 */
int session_join(struct ctl_args *args)
{
	struct session_join join = { 0 };
	struct json_object *answer;
	int ret = session_join_take_ticket(args, &join);

	if (!ret)
		ret = ctl_words(args, &join);
	if (!ret)
		ret = session_join_check(args, &join);
	if (ret)
		return ret;
	answer = session_join_ask(args, &join);
	return answer ? joined(args, answer, &join) : ctl_failed(&args->err);
}
