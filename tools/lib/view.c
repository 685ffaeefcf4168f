// SPDX-License-Identifier: GPL-2.0
#include "view.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "model.h"

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static bool copy(char *text, size_t room, const char *value)
{
	return snprintf(text, room, "%s", value) < (int)room;
}

/* Names and addresses end up in arguments and files: nothing else may. */
static bool take_party(struct view_party *party, struct json_object *object)
{
	uint8_t address[16];

	return copy(party->name, sizeof(party->name), text_of(object, "name")) &&
	       copy(party->address, sizeof(party->address), text_of(object, "address")) &&
	       copy(party->address6, sizeof(party->address6), text_of(object, "address6")) &&
	       (!*party->name || card_name_is_valid(party->name)) &&
	       inet_pton(AF_INET, party->address, address) == 1 &&
	       inet_pton(AF_INET6, party->address6, address) == 1;
}

static int take_self(struct session_view *view, struct json_object *session)
{
	struct json_object *self;
	int64_t number = -1;

	if (json_object_object_get_ex(session, "self", &self) &&
	    json_object_is_type(self, json_type_int))
		number = json_object_get_int64(self);
	view->self = (unsigned int)number;
	return number >= 0 && number < view->count ? 0 : -1;
}

static int take_parties(struct session_view *view, struct json_object *session)
{
	struct json_object *list;
	size_t count;

	if (!json_object_object_get_ex(session, "parties", &list) ||
	    !json_object_is_type(list, json_type_array))
		return -1;
	count = json_object_array_length(list);
	if (count > PARTIES_MAX)
		return -1;
	for (view->count = 0; view->count < count; view->count++) {
		if (!take_party(&view->parties[view->count],
				json_object_array_get_idx(list, view->count)))
			return -1;
	}
	return 0;
}

/**
 * view_parse() - take a session apart
 * @view: gets it, with the usual port
 * @session: as mpcnetctl session show prints it
 * @err: says why there are no addresses
 *
 * Return: 0, or -1.
 */
int view_parse(struct session_view *view, struct json_object *session, struct mpcnet_err *err)
{
	const char *waits = text_of(session, "waits");

	memset(view, 0, sizeof(*view));
	view->port = VIEW_PORT;
	if (*waits)
		return mpcnet_err_set(err, "the session has no addresses yet: it waits for %s",
				      waits);
	if (copy(view->session, sizeof(view->session), text_of(session, "session")) &&
	    *view->session && card_name_is_valid(view->session) &&
	    copy(view->interface, sizeof(view->interface), text_of(session, "interface")) &&
	    mpcnet_device_name_valid(view->interface) && !take_parties(view, session) &&
	    !take_self(view, session))
		return 0;
	return mpcnet_err_set(err, "the session has no addresses yet");
}

/**
 * view_port() - the TCP port of a party
 * @view: the session
 * @party: which
 *
 * Return: the port.
 */
unsigned int view_port(const struct session_view *view, unsigned int party)
{
	return view->port + party;
}
