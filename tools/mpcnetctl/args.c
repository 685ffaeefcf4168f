// SPDX-License-Identifier: GPL-2.0
/* The words behind a command: its arguments in order, then keywords in any. */
#include "ctl.h"

#include <string.h>

#include "file.h"
#include "key.h"
#include "number.h"

/**
 * ctl_next() - take the next word
 * @args: what is left
 *
 * Return: the word, or NULL if none is left.
 */
const char *ctl_next(struct ctl_args *args)
{
	if (!args->argc)
		return NULL;
	args->argc--;
	return *args->argv++;
}

/**
 * ctl_value() - take the value of a keyword
 * @args: what is left
 * @word: the keyword
 *
 * Return: the value, or NULL and its lack is told.
 */
const char *ctl_value(struct ctl_args *args, const char *word)
{
	const char *value = ctl_next(args);

	if (!value)
		ctl_usage(args, "%s: its value is missing", word);
	return value;
}

/**
 * ctl_end() - check that no word is left
 * @args: what is left
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int ctl_end(struct ctl_args *args)
{
	if (!args->argc)
		return CTL_DONE;
	return ctl_usage(args, "\"%s\" is one word too many", args->argv[0]);
}

static const struct ctl_word *find_word(const struct ctl_word *words, const char *name)
{
	for (; words && words->name; words++) {
		if (!strcmp(words->name, name))
			return words;
	}
	return NULL;
}

/**
 * ctl_words() - take all keywords and their values
 * @args: what is left
 * @request: for the functions of the table
 *
 * Return: an enum ctl_exit.
 */
int ctl_words(struct ctl_args *args, void *request)
{
	const struct ctl_word *words = args->verb->words, *word;
	uint32_t seen = 0;
	const char *name;
	int ret;

	while ((name = ctl_next(args))) {
		word = find_word(words, name);
		if (!word)
			return ctl_usage(args, "\"%s\" is no keyword here", name);
		if (seen & 1u << (word - words) && !word->many)
			return ctl_usage(args, "%s is given twice", name);
		seen |= 1u << (word - words);
		ret = word->take(args, request);
		if (ret)
			return ret;
	}
	return CTL_DONE;
}

/**
 * ctl_device_name() - take the name of an interface
 * @args: what is left
 * @name: gets it
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int ctl_device_name(struct ctl_args *args, char name[IF_NAMESIZE])
{
	const char *word = ctl_next(args);

	if (!word)
		return ctl_usage(args, "the name of the interface is missing");
	if (!mpcnet_device_name_valid(word))
		return ctl_usage(
			args,
			"\"%s\" is no name of an interface: expected 1 to 15 characters, no space, none of / : %%",
			word);
	strcpy(name, word);
	return CTL_DONE;
}

/**
 * ctl_number() - take a decimal number
 * @args: what is left
 * @word: the keyword whose value it is
 * @number: gets it
 * @min: lowest value allowed
 * @max: highest value allowed
 *
 * Return: CTL_DONE or CTL_USAGE.
 */
int ctl_number(struct ctl_args *args, const char *word, uint64_t *number, uint64_t min,
	       uint64_t max)
{
	const char *value = ctl_value(args, word);

	if (!value)
		return CTL_USAGE;
	if (mpcnet_number_parse(number, value, min, max))
		return CTL_DONE;
	return ctl_usage(args, "%s: expected %llu to %llu, got \"%s\"", word,
			 (unsigned long long)min, (unsigned long long)max, value);
}

/**
 * ctl_secret() - read a secret key from a file or from standard input
 * @args: says of which command
 * @word: the keyword whose value it is
 * @path: the value
 * @key: gets the key
 *
 * Return: an enum ctl_exit.
 */
int ctl_secret(struct ctl_args *args, const char *word, const char *path,
	       uint8_t key[MPCNET_KEY_LEN])
{
	if (mpcnet_key_looks_like(path))
		return ctl_usage(args,
				 "%s: every user sees a key on the command line: name a file, or -",
				 word);
	if (!mpcnet_file_read_key(key, path, &args->err))
		return CTL_DONE;
	mpcnet_err_prefix(&args->err, "%s: ", word);
	return ctl_failed(&args->err);
}
