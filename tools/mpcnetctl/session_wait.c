// SPDX-License-Identifier: GPL-2.0
/* Waits until all links of a session are up, and says what it waits for. */
#include "session.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "card.h"
#include "command.h"
#include "daemon.h"
#include "session_compare.h"

/* Between two looks: many parties on one machine must not spend its time on them. */
#define PAUSE_MS 50
#define PAUSE_PAIR_MS 1
#define TOLD_MAX 320

/* What was said of all, so that only news is; and what is not as it should be. */
struct told {
	char session[TOLD_MAX];
	char trouble[SESSION_TROUBLES][TOLD_MAX];
	char party[PARTIES_MAX][TOLD_MAX];
	char sas[TOLD_MAX];
	char open[TOLD_MAX];
	unsigned int parties;
	bool asks;
	bool over;
};

static int pairs(unsigned int parties)
{
	return parties ? (int)(parties * (parties - 1) / 2) : 0;
}

/* Return: it was not said yet. */
static bool is_news(char told[TOLD_MAX], const char *line)
{
	if (!strncmp(told, line, TOLD_MAX - 1))
		return false;
	snprintf(told, TOLD_MAX, "%s", line);
	return true;
}

static void tell(char told[TOLD_MAX], const char *line)
{
	if (is_news(told, line))
		fprintf(stderr, "%s\n", line);
}

static bool is_true(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

static bool is_up(const char *state)
{
	return !strcmp(state, "self") || !strcmp(state, "direct") || !strcmp(state, "relayed");
}

static void tell_party(char told[TOLD_MAX], struct json_object *party)
{
	const char *state = daemon_text(party, "state"), *rtt = daemon_text(party, "rtt_ms");
	bool why = !strcmp(state, "failed");
	char line[TOLD_MAX];

	if (!strcmp(state, "self"))
		return;
	snprintf(line, sizeof(line), "party %s%s%s: %s%s%s", daemon_text(party, "index"),
		 *daemon_text(party, "name") ? " " : "", daemon_text(party, "name"), state,
		 why ? ": " : "", why ? daemon_text(party, "reason") : "");
	if (!is_news(told, line))
		return;
	fprintf(stderr, "%s", line);
	if (*rtt && is_up(state))
		fprintf(stderr, ", %s ms", rtt);
	fputc('\n', stderr);
}

static void tell_parties(struct told *told, struct json_object *parties)
{
	for (size_t i = 0; parties && i < json_object_array_length(parties); i++) {
		struct json_object *party = json_object_array_get_idx(parties, i);

		tell_party(told->party[i], party);
		if (*told->open)
			continue;
		if (!is_up(daemon_text(party, "state")))
			snprintf(told->open, TOLD_MAX, "%s", told->party[i]);
		else if (!is_true(party, "verified"))
			snprintf(told->open, TOLD_MAX, "party %s has not verified the others",
				 daemon_text(party, "index"));
	}
}

static void tell_troubles(struct told *told, struct json_object *session)
{
	char line[TOLD_MAX];

	for (size_t i = 0; i < SESSION_TROUBLES; i++) {
		const char *why = daemon_text(session, session_troubles[i].key);

		if (!*why)
			continue;
		snprintf(line, sizeof(line), "%s: %s", session_troubles[i].word, why);
		tell(told->trouble[i], line);
	}
}

/* With the eyes of all: what they say of the links among them. */
static void name_pair(char line[TOLD_MAX], struct json_object *pair)
{
	snprintf(line, TOLD_MAX, "party %s and party %s: %s", daemon_text(pair, "a"),
		 daemon_text(pair, "b"), daemon_text(pair, "reason"));
}

static struct json_object *missing_pair(struct json_object *session, size_t at)
{
	struct json_object *missing;

	return json_object_object_get_ex(session, "missing", &missing) ?
		       json_object_array_get_idx(missing, at) :
		       NULL;
}

static void tell_string(struct told *told, struct json_object *session)
{
	const char *how =
		session_compare_at_terminal() ? "type it here" : "mpcnetctl session verify STRING";
	char line[TOLD_MAX];

	told->asks =
		*daemon_text(session, "sas") && !strcmp(daemon_text(session, "state"), "verifying");
	if (!*daemon_text(session, "sas"))
		return;
	snprintf(line, sizeof(line), "string: %s%s%s", daemon_text(session, "sas"),
		 told->asks ? ": if all others read the same, " : "", told->asks ? how : "");
	tell(told->sas, line);
	if (told->asks && !*told->open)
		snprintf(told->open, TOLD_MAX, "the string %s was not compared",
			 daemon_text(session, "sas"));
}

static void tell_session(struct told *told, struct json_object *session)
{
	struct json_object *parties = NULL;
	char line[TOLD_MAX];

	*told->open = 0;
	if (*daemon_text(session, "waits")) {
		snprintf(line, sizeof(line), "waits for %s", daemon_text(session, "waits"));
		tell(told->session, line);
		snprintf(told->open, TOLD_MAX, "%s", line);
	}
	tell_troubles(told, session);
	json_object_object_get_ex(session, "parties", &parties);
	told->parties = parties ? (unsigned int)json_object_array_length(parties) : 0;
	if (strcmp(daemon_text(session, "state"), "gathering"))
		tell_parties(told, parties);
	tell_string(told, session);
	if (!*told->open && missing_pair(session, 0))
		name_pair(told->open, missing_pair(session, 0));
}

static struct json_object *ask(struct ctl_args *args, const char *name, bool brief,
			       struct json_object **session)
{
	struct json_object *request = daemon_request("show", name), *answer, *sessions;

	json_object_object_add(request, "brief", json_object_new_boolean(brief));
	answer = daemon_ask(request, false, &args->err);
	*session = NULL;
	if (answer && json_object_object_get_ex(answer, "sessions", &sessions))
		*session = json_object_array_get_idx(sessions, 0);
	return answer;
}

/* Return: an enum ctl_exit, or -1 if it is neither ready nor failed. */
static int look(struct ctl_args *args, const char *name, struct told *told)
{
	struct json_object *session, *answer = ask(args, name, true, &session);
	int ret = -1;

	if (!answer)
		return ctl_failed(&args->err);
	tell_session(told, session);
	if (!strcmp(daemon_text(session, "state"), "ready")) {
		ret = CTL_DONE;
	} else if (!strcmp(daemon_text(session, "state"), "failed")) {
		mpcnet_err_set(&args->err, "%s", daemon_text(session, "error"));
		ret = ctl_failed(&args->err);
		told->over = true;
	}
	json_object_put(answer);
	return ret;
}

static int time_is_up(struct ctl_args *args, const char *name, const struct told *told,
		      uint64_t seconds)
{
	struct json_object *session, *answer = ask(args, name, false, &session);
	char line[TOLD_MAX];

	for (size_t i = 0; answer && missing_pair(session, i); i++) {
		name_pair(line, missing_pair(session, i));
		fprintf(stderr, "%s\n", line);
	}
	json_object_put(answer);
	mpcnet_err_set(&args->err,
		       "not all links are up after %llu s: %s; see mpcnetctl session show %s",
		       (unsigned long long)seconds, told->open, name);
	return ctl_failed(&args->err);
}

/**
 * session_wait() - wait until all links are up
 * @args: where a failure is said
 * @session: name of the session
 * @seconds: how long
 * @over: set if the session has failed, and can only be left; may be NULL
 *
 * Return: an enum ctl_exit.
 */
int session_wait(struct ctl_args *args, const char *session, uint64_t seconds, bool *over)
{
	static struct told told;
	struct timespec now;
	uint64_t end;
	int ret;

	clock_gettime(CLOCK_BOOTTIME, &now);
	end = (uint64_t)now.tv_sec + seconds;
	do {
		ret = look(args, session, &told);
		if (over)
			*over = told.over;
		if (ret >= 0)
			return ret;
		if (command_signal()) {
			mpcnet_err_set(&args->err, "interrupted, so the session is left");
			return ctl_failed(&args->err);
		}
		session_compare_wait(session, told.asks,
				     PAUSE_MS + PAUSE_PAIR_MS * pairs(told.parties));
		clock_gettime(CLOCK_BOOTTIME, &now);
	} while ((uint64_t)now.tv_sec < end);
	return time_is_up(args, session, &told, seconds);
}
