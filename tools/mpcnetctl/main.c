// SPDX-License-Identifier: GPL-2.0
/* mpcnetctl: configures interfaces of mpcnet. */
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

static bool is_json(const char *word)
{
	return !strcmp(word, "-j") || !strcmp(word, "-json") || !strcmp(word, "--json");
}

static bool is_version(const char *word)
{
	return !strcmp(word, "-V") || !strcmp(word, "-Version") || !strcmp(word, "--version");
}

/* What stands behind is for another program. */
static bool is_end(const char *word)
{
	return !strcmp(word, "--");
}

/* -j may stand anywhere: take it out. */
static void take_json(struct ctl_args *args)
{
	bool ended = false;
	int kept = 0;

	for (int i = 0; i < args->argc; i++) {
		ended |= is_end(args->argv[i]);
		if (!ended && is_json(args->argv[i]))
			args->json = true;
		else
			args->argv[kept++] = args->argv[i];
	}
	args->argc = kept;
}

/* How well a word names something: 2 in full, 1 by its beginning, 0 not. */
static unsigned int match(const char *word, const char *name)
{
	if (!strcmp(word, name))
		return 2;
	return *word && !strncmp(word, name, strlen(word));
}

static int find_object(struct ctl_args *args, const char *word)
{
	unsigned int best = 0, level;

	for (size_t i = 0; ctl_objects[i]; i++) {
		level = match(word, ctl_objects[i]->name);
		if (level == 1 && best == 1)
			return ctl_usage(args, "\"%s\" may be %s or %s", word, args->object->name,
					 ctl_objects[i]->name);
		if (level > best) {
			best = level;
			args->object = ctl_objects[i];
		}
	}
	if (best)
		return CTL_DONE;
	return ctl_usage(args, "there is no object \"%s\"", word);
}

static int find_verb(struct ctl_args *args, const char *word)
{
	const struct ctl_verb *verb, *found = NULL;
	unsigned int best = 0, level;

	for (verb = args->object->verbs; verb->run; verb++) {
		level = match(word, verb->name);
		if (level == 1 && best == 1)
			return ctl_usage(args, "\"%s\" may be %s or %s", word, found->name,
					 verb->name);
		if (level > best) {
			best = level;
			found = verb;
		}
	}
	args->verb = found;
	if (best)
		return CTL_DONE;
	return ctl_usage(args, "%s has no command \"%s\"", args->object->name, word);
}

static int run_verb(struct ctl_args *args)
{
	for (int i = 0; i < args->argc && !is_end(args->argv[i]); i++) {
		if (is_help(args->argv[i])) {
			ctl_help_verb(args->object, args->verb);
			return CTL_DONE;
		}
	}
	return args->verb->run(args);
}

static int run_object(struct ctl_args *args)
{
	const char *word;
	int ret;

	/* The object without commands is one. */
	args->verb = args->object->verbs;
	if (!args->verb->name)
		return run_verb(args);
	args->verb = NULL;
	word = ctl_next(args);
	if (!word)
		return ctl_usage(args, "the command for %s is missing", args->object->name);
	if (is_help(word)) {
		ctl_help_object(args->object);
		return CTL_DONE;
	}
	ret = find_verb(args, word);
	return ret ? ret : run_verb(args);
}

static int run(struct ctl_args *args)
{
	const char *word;
	int ret;

	take_json(args);
	word = ctl_next(args);
	if (!word)
		return ctl_usage(args, "the object is missing");
	if (is_help(word)) {
		ctl_help();
		return CTL_DONE;
	}
	if (is_version(word)) {
		puts("mpcnetctl " CTL_VERSION);
		return CTL_DONE;
	}
	if (*word == '-')
		return ctl_usage(args, "there is no option \"%s\"", word);
	ret = find_object(args, word);
	return ret ? ret : run_object(args);
}

/* A full disk must not look like success. */
static int end_output(int ret)
{
	if ((!fflush(stdout) && !ferror(stdout)) || ret)
		return ret;
	fprintf(stderr, "mpcnetctl: cannot write to standard output: %s\n", strerror(errno));
	return CTL_FAILED;
}

int main(int argc, char **argv)
{
	struct ctl_args args = { .argv = argv + 1, .argc = argc ? argc - 1 : 0 };

	return end_output(run(&args));
}
