// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <string.h>

#include <json-c/json.h>

/* Deeper than any request */
#define DEPTH_MAX 4

const char *const request_verbs[REQUEST_VERBS] = {
	[REQUEST_VERSION] = "version", [REQUEST_JOIN] = "join", [REQUEST_SHOW] = "show",
	[REQUEST_LEAVE] = "leave",     [REQUEST_CARD] = "card", [REQUEST_ADD] = "add",
	[REQUEST_VERIFY] = "verify",   [REQUEST_HOLD] = "hold",
};

static int parse_verb(struct request *request, const char *word, struct mpcnet_err *err)
{
	for (unsigned int i = 0; i < REQUEST_VERBS; i++) {
		if (!strcmp(word, request_verbs[i])) {
			request->verb = (enum request_verb)i;
			return 0;
		}
	}
	return mpcnet_err_set(err, "mpcnetd does not know this request: it is of another version "
				   "than mpcnetctl, end it and try again");
}

/* A text that is not there stays empty. */
static int take_text(struct json_object *object, const char *key, char *text, size_t room,
		     struct mpcnet_err *err)
{
	struct json_object *value;
	size_t len;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return mpcnet_err_set(err, "\"%s\" of the request is no text", key);
	len = (size_t)json_object_get_string_len(value);
	if (len >= room || strlen(json_object_get_string(value)) != len)
		return mpcnet_err_set(err, "\"%s\" of the request is too long, or no text", key);
	memcpy(text, json_object_get_string(value), len + 1);
	return 0;
}

static int take_index(struct json_object *object, int *index, struct mpcnet_err *err)
{
	struct json_object *value;
	int64_t number;

	*index = -1;
	if (!json_object_object_get_ex(object, "index", &value) || !value)
		return 0;
	number = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -2;
	if (number < -1 || number >= PARTIES_MAX)
		return mpcnet_err_set(err, "the index must be from 0 to %d", PARTIES_MAX - 1);
	*index = (int)number;
	return 0;
}

/* From 1 to @most; 0 if it is not there. */
static int take_number(struct json_object *object, const char *key, uint32_t most, uint32_t *number,
		       struct mpcnet_err *err)
{
	struct json_object *value;
	int64_t given;

	*number = 0;
	if (!json_object_object_get_ex(object, key, &value) || !value)
		return 0;
	given = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
	if (given < 1 || given > most)
		return mpcnet_err_set(err, "%s must be from 1 to %u", key, most);
	*number = (uint32_t)given;
	return 0;
}

static int take(struct request *request, struct json_object *object, struct mpcnet_err *err)
{
	struct json_object *brief;
	char verb[16] = "";
	uint32_t port;

	if (!json_object_is_type(object, json_type_object))
		return mpcnet_err_set(err, "the request is no JSON object");
	if (take_text(object, "do", verb, sizeof(verb), err) || parse_verb(request, verb, err) ||
	    take_text(object, "session", request->session, sizeof(request->session), err) ||
	    take_text(object, "ticket", request->ticket, sizeof(request->ticket), err) ||
	    take_text(object, "name", request->name, sizeof(request->name), err) ||
	    take_text(object, "verify", request->verify, sizeof(request->verify), err) ||
	    take_text(object, "card", request->card, sizeof(request->card), err) ||
	    take_text(object, "string", request->string, sizeof(request->string), err) ||
	    take_index(object, &request->index, err) ||
	    take_number(object, "port", UINT16_MAX, &port, err) ||
	    take_number(object, "lost", REQUEST_LOST_MAX, &request->lost, err))
		return -1;
	request->port = (uint16_t)port;
	request->brief = json_object_object_get_ex(object, "brief", &brief) &&
			 json_object_get_boolean(brief);
	return 0;
}

/**
 * request_parse() - take a request apart
 * @request: gets it
 * @line: one line of JSON; nothing of it is trusted
 * @len: its length
 * @err: says what is wrong with it
 *
 * Return: 0, or -1.
 */
int request_parse(struct request *request, const char *line, size_t len, struct mpcnet_err *err)
{
	struct json_tokener *tokener;
	struct json_object *object;
	int ret;

	memset(request, 0, sizeof(*request));
	if (len > REQUEST_MAX)
		return mpcnet_err_set(err, "the request is too long");
	/* For json-c it would be the end. */
	if (memchr(line, '\0', len))
		return mpcnet_err_set(err, "the request is no JSON");
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!tokener)
		return mpcnet_err_set(err, "there is no memory for a request");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_tokener_get_error(tokener) == json_tokener_success && object)
		ret = take(request, object, err);
	else
		ret = mpcnet_err_set(err, "the request is no JSON");
	json_object_put(object);
	json_tokener_free(tokener);
	return ret;
}
