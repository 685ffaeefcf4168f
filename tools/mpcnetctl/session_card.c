// SPDX-License-Identifier: GPL-2.0
/* Cards by copy and paste: the rendezvous that needs nobody. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "card.h"
#include "daemon.h"
#include "file.h"
#include "show.h"

#define CARD_MARK "mpccard1"
/* The card is complete or as complete as it gets within some seconds. */
#define PATIENCE_S 60
#define PAUSE_MS 100

static const char *text_of(struct json_object *answer, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(answer, key, &value))
		return NULL;
	return json_object_get_string(value);
}

static int print_card(struct ctl_args *args, struct json_object *answer)
{
	struct json_object *object;

	if (!args->json) {
		puts(text_of(answer, "card"));
		return CTL_DONE;
	}
	object = json_object_new_object();
	json_object_object_add(object, "card", json_object_new_string(text_of(answer, "card")));
	return show_print_json(object, JSON_C_TO_STRING_PRETTY);
}

static int card_show(struct ctl_args *args)
{
	const char *session = ctl_next(args);
	time_t end = time(NULL) + PATIENCE_S;
	struct json_object *answer = NULL;
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	do {
		if (answer)
			nanosleep(&(struct timespec){ 0, PAUSE_MS * 1000000L }, NULL);
		json_object_put(answer);
		answer = daemon_ask(daemon_request("card", session), false, &args->err);
		if (!answer)
			return ctl_failed(&args->err);
	} while (!text_of(answer, "card") && time(NULL) < end);
	if (text_of(answer, "card")) {
		ret = print_card(args, answer);
	} else {
		mpcnet_err_set(&args->err, "there is no card yet: it waits for %s",
			       text_of(answer, "waits"));
		ret = ctl_failed(&args->err);
	}
	json_object_put(answer);
	return ret;
}

static int add_card(struct ctl_args *args, const char *session, const char *card)
{
	struct json_object *request, *answer;

	if (strlen(card) >= CARD_TEXT_MAX) {
		mpcnet_err_set(&args->err, "what begins with " CARD_MARK " is longer than a card: "
					   "cut off what stands behind it");
		return ctl_failed(&args->err);
	}
	request = daemon_request("add", session);
	json_object_object_add(request, "card", json_object_new_string(card));
	answer = daemon_ask(request, false, &args->err);
	if (!answer)
		return ctl_failed(&args->err);
	json_object_put(answer);
	return CTL_DONE;
}

/* Each card reaches to where the next begins. */
static int add_cards(struct ctl_args *args, const char *session, char *text)
{
	char *card = strstr(text, CARD_MARK), *next;
	int ret = CTL_DONE;

	if (!card) {
		mpcnet_err_set(&args->err, "there is no card in it: a card begins with " CARD_MARK);
		return ctl_failed(&args->err);
	}
	for (; card && !ret; card = next) {
		next = strstr(card + 1, CARD_MARK);
		if (next)
			*next = 0;
		ret = add_card(args, session, card);
		if (next)
			*next = *CARD_MARK;
	}
	return ret;
}

static int card_add(struct ctl_args *args)
{
	const char *path = ctl_next(args), *session = ctl_next(args);
	struct mpcnet_text text = { 0 };
	int ret;

	if (!path)
		return ctl_usage(args, "the file of the card is missing; - is standard input");
	if (ctl_end(args))
		return CTL_USAGE;
	if (mpcnet_file_read(&text, path, NULL, &args->err))
		return ctl_failed(&args->err);
	ret = add_cards(args, session, text.data ? text.data : (char[]){ "" });
	mpcnet_text_free(&text);
	return ret;
}

/**
 * session_card() - mpcnetctl session card show | add
 * @args: what is left of the command line
 *
 * Return: an enum ctl_exit.
 */
int session_card(struct ctl_args *args)
{
	const char *word = ctl_next(args);

	if (word && !strcmp(word, "show"))
		return card_show(args);
	if (word && !strcmp(word, "add"))
		return card_add(args);
	return ctl_usage(args, "card: expected show or add");
}
