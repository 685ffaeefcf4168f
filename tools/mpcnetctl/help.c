// SPDX-License-Identifier: GPL-2.0
/* The usage, made of the tables by which the command line is read. */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 78

const struct ctl_object *const ctl_objects[] = {
	&ctl_link, &ctl_peer, &ctl_conf,    &ctl_key, &ctl_monitor,
	&ctl_nat,  &ctl_id,   &ctl_session, NULL,
};

/* Print a part of a usage, on the next line if this one is full. */
static void part(size_t *column, size_t indent, const char *text)
{
	if (*column + 1 + strlen(text) > WIDTH)
		*column = (size_t)printf("\n%*s", (int)indent, "") - 1;
	*column += (size_t)printf(" %s", text);
}

static void usage(const char *before, const struct ctl_object *object, const struct ctl_verb *verb)
{
	size_t column = (size_t)printf("%smpcnetctl %s", before, object->name);
	size_t indent = strlen(before) + strlen("mpcnetctl ") + 4;
	const struct ctl_word *word;
	char text[64];

	if (verb->name)
		part(&column, indent, verb->name);
	if (verb->args)
		part(&column, indent, verb->args);
	for (word = verb->words; word && word->name; word++) {
		snprintf(text, sizeof(text), "[%s%s%s]%s", word->name, word->value ? " " : "",
			 word->value ? word->value : "", word->many ? "..." : "");
		part(&column, indent, text);
	}
	putchar('\n');
}

/**
 * ctl_help() - what there is
 */
void ctl_help(void)
{
	puts("Usage: mpcnetctl [-j] OBJECT COMMAND [ARGUMENTS]\n"
	     "       mpcnetctl [OBJECT [COMMAND]] help\n"
	     "       mpcnetctl -V\n\n"
	     "Objects:");
	for (size_t i = 0; ctl_objects[i]; i++)
		printf("  %-8s  %s\n", ctl_objects[i]->name, ctl_objects[i]->about);
	puts("\n  -j        print JSON, for show, check and monitor\n"
	     "  -V        print the version\n\n"
	     "Objects and commands may be shortened as long as they are unambiguous.\n"
	     "It ends with 0 if it is done, 1 if it was refused or failed, 2 if the\n"
	     "command line is wrong. See mpcnetctl(8).");
}

/**
 * ctl_help_object() - the commands of an object
 * @object: the object
 */
void ctl_help_object(const struct ctl_object *object)
{
	const struct ctl_verb *verb;

	printf("%s: %s\n\n", object->name, object->about);
	for (verb = object->verbs; verb->run; verb++) {
		usage("  ", object, verb);
		printf("      %s\n", verb->about);
	}
}

/**
 * ctl_help_verb() - one command
 * @object: its object
 * @verb: the command
 */
void ctl_help_verb(const struct ctl_object *object, const struct ctl_verb *verb)
{
	usage("Usage: ", object, verb);
	printf("\n%s\n", verb->about);
	if (verb->notes)
		printf("\n%s", verb->notes);
}
