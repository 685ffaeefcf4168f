// SPDX-License-Identifier: GPL-2.0
/* Lines of the control socket: what is taken can be spelt again, and is the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct json_object *object, const char *key, const char *text)
{
	if (*text)
		json_object_object_add(object, key, json_object_new_string(text));
}

static void put_number(struct json_object *object, const char *key, uint32_t number)
{
	if (number)
		json_object_object_add(object, key, json_object_new_int64(number));
}

/* As mpcnetctl does it. */
static struct json_object *spell(const struct request *request)
{
	struct json_object *object = json_object_new_object();

	put(object, "do", request_verbs[request->verb]);
	put(object, "session", request->session);
	put(object, "ticket", request->ticket);
	put(object, "name", request->name);
	put(object, "verify", request->verify);
	put(object, "card", request->card);
	put(object, "string", request->string);
	put_number(object, "port", request->port);
	put_number(object, "lost", request->lost);
	json_object_object_add(object, "index", json_object_new_int(request->index));
	json_object_object_add(object, "brief", json_object_new_boolean(request->brief));
	return object;
}

static bool equal(const struct request *a, const struct request *b)
{
	return a->verb == b->verb && a->index == b->index && a->brief == b->brief &&
	       a->port == b->port && a->lost == b->lost && !strcmp(a->session, b->session) &&
	       !strcmp(a->ticket, b->ticket) && !strcmp(a->name, b->name) &&
	       !strcmp(a->verify, b->verify) && !strcmp(a->card, b->card) &&
	       !strcmp(a->string, b->string);
}

/* Signs that have to be escaped may make too long a line of it. */
static void parse_again(const struct request *request)
{
	struct json_object *object = spell(request);
	const char *line = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	size_t len = strlen(line);
	struct mpcnet_err err;
	struct request again;
	int ret = request_parse(&again, line, len, &err);

	if (ret ? len <= REQUEST_MAX : !equal(request, &again))
		abort();
	json_object_put(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpcnet_err err = { "" };
	struct request request;
	char *line = malloc(size);

	if (!line && size)
		return 0;
	if (size)
		memcpy(line, data, size);
	if (!request_parse(&request, size ? line : "", size, &err)) {
		if (request.index < -1 || request.index >= PARTIES_MAX)
			abort();
		parse_again(&request);
	} else if (!err.text[0]) {
		abort();
	}
	free(line);
	return 0;
}
