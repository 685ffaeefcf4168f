// SPDX-License-Identifier: GPL-2.0
/* Formats that are files. */
#include "format.h"

/**
 * format_mp_spdz_file() - the file of hosts of MP-SPDZ
 * @text: gets HOST:PORT, one a line
 * @view: the session
 *
 * Return: false without memory.
 */
bool format_mp_spdz_file(struct mpcnet_text *text, const struct session_view *view)
{
	bool done = true;

	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "%s:%u\n", view->parties[i].address,
				       view_port(view, i));
	return done;
}

static bool add_nodes(struct mpcnet_text *text, const struct session_view *view)
{
	bool done = true;

	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "%s\n    \"node:%u\": \"%s:%u\"", i ? "," : "", i,
				       view->parties[i].address, view_port(view, i));
	return done;
}

static bool add_ids(struct mpcnet_text *text, const struct session_view *view)
{
	bool done = true;

	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "%s\"node:%u\"", i ? ", " : "", i);
	return done;
}

/* Of the parties' engines: the ports behind those of the nodes */
static bool add_engines(struct mpcnet_text *text, const struct session_view *view)
{
	bool done = true;

	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "%s\"%s:%u\"", i ? ", " : "", view->parties[i].address,
				       view_port(view, view->count + i));
	return done;
}

static bool add_devices(struct mpcnet_text *text, const struct session_view *view)
{
	bool done = true;

	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text,
				       ",\n    \"P%u\": { \"kind\": \"PYU\", \"config\": "
				       "{ \"node_id\": \"node:%u\" } }",
				       i + 1, i);
	return done;
}

/**
 * format_spu_file() - a configuration of SPU
 * @text: gets it
 * @view: the session
 *
 * One node a party, the device SPU of all of them with a protocol for any
 * number of parties, and a device P1, P2... of each.
 *
 * Return: false without memory.
 */
bool format_spu_file(struct mpcnet_text *text, const struct session_view *view)
{
	return mpcnet_text_add(text, "{\n  \"id\": \"%s\",\n  \"nodes\": {", view->session) &&
	       add_nodes(text, view) &&
	       mpcnet_text_add(text, "\n  },\n  \"devices\": {\n    \"SPU\": { \"kind\": \"SPU\", "
				     "\"config\": {\n      \"node_ids\": [") &&
	       add_ids(text, view) &&
	       mpcnet_text_add(text, "],\n      \"spu_internal_addrs\": [") &&
	       add_engines(text, view) &&
	       mpcnet_text_add(text, "],\n      \"runtime_config\": { \"protocol\": \"SEMI2K\", "
				     "\"field\": \"FM128\" } } }") &&
	       add_devices(text, view) && mpcnet_text_add(text, "\n  }\n}\n");
}
