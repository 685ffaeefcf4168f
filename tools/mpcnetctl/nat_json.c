// SPDX-License-Identifier: GPL-2.0
/* What a check found, as JSON: every field is always there; null where there is nothing. */
#include "nat.h"

#include <stdio.h>

#include "ctl.h"
#include "show.h"

static void add(struct json_object *to, const char *name, struct json_object *value)
{
	json_object_object_add(to, name, value);
}

static struct json_object *word_json(const char *word)
{
	return word ? json_object_new_string(word) : NULL;
}

static struct json_object *answer_json(enum behaviour_answer answer)
{
	return answer == BEHAVIOUR_NOT_KNOWN ? NULL :
					       json_object_new_boolean(answer == BEHAVIOUR_YES);
}

/* As monitor does it: no more digits than there are. */
static struct json_object *ms_json(uint64_t us)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", (double)us / 1000);
	return json_object_new_double_s((double)us / 1000, text);
}

static void add_server(const struct nat_server *server, enum nat_family family, void *array)
{
	const struct behaviour_probe *probe = server->probe[family];
	struct json_object *object = json_object_new_object();
	const char *trouble = nat_trouble(server, family);

	add(object, "name", json_object_new_string(server->text));
	add(object, "address", show_endpoint_json(&server->at[family]));
	add(object, "answered", json_object_new_boolean(!trouble));
	add(object, "sees", trouble ? NULL : show_endpoint_json(&probe->mapped));
	add(object, "rtt_ms", trouble ? NULL : ms_json(probe->rtt));
	add(object, "reason", word_json(trouble));
	json_object_array_add(array, object);
}

static void add_result(struct json_object *to, const struct behaviour_result *result)
{
	bool sequential = result->allocation == BEHAVIOUR_SEQUENTIAL;

	add(to, "udp", json_object_new_boolean(result->passes));
	add(to, "public", show_endpoint_json(&result->public));
	add(to, "local", show_endpoint_json(&result->local));
	add(to, "behind", word_json(nat_behind(result)));
	add(to, "mapping", word_json(nat_depends_word(result->mapping)));
	add(to, "filtering", word_json(nat_depends_word(result->filtering)));
	add(to, "hairpin", answer_json(result->hairpin));
	add(to, "port_preserved", answer_json(result->port_preserved));
	add(to, "allocation", word_json(nat_allocation_word(result->allocation)));
	add(to, "step", sequential ? json_object_new_int(result->step) : NULL);
}

static struct json_object *map_json(const struct nat_map *map)
{
	bool mapped = map->line.what == PORTMAP_MAPPED;
	struct json_object *object;

	if (!map->told)
		return NULL;
	object = json_object_new_object();
	add(object, "mapped", json_object_new_boolean(mapped));
	add(object, "address", mapped ? show_endpoint_json(&map->line.external) : NULL);
	add(object, "reason", word_json(mapped ? NULL : map->line.reason));
	return object;
}

/**
 * nat_show_json() - print what a check found as JSON
 * @check: the check
 * @verdict: what will work
 *
 * Return: CTL_DONE or CTL_FAILED.
 */
int nat_show_json(const struct nat_check *check, const struct verdict *verdict)
{
	struct json_object *object = json_object_new_object();
	struct json_object *servers = json_object_new_array();
	struct json_object *lines = json_object_new_array();

	add_result(object, nat_result(check));
	add(object, "ipv6", json_object_new_string(nat_ipv6_word(check)));
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++)
		add(object, nat_hows[i], map_json(&check->maps[i]));
	nat_each_server(check, add_server, servers);
	add(object, "servers", servers);
	for (unsigned int i = 0; i < verdict->count; i++)
		json_object_array_add(lines, json_object_new_string(verdict->lines[i]));
	add(object, "verdict", lines);
	return show_print_json(object, JSON_C_TO_STRING_PRETTY);
}
