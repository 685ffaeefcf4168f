/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_CTL_H
#define MPCNETCTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "model.h"

#define CTL_VERSION "0.1"

/* How the program ends. */
enum ctl_exit {
	CTL_DONE = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
};

/**
 * struct ctl_args - what is left of the command line
 * @argv: the words
 * @argc: how many
 * @json: JSON is wanted
 * @verb: the command, for its usage
 * @object: its object
 * @err: where a refusal is said
 */
struct ctl_args {
	char **argv;
	int argc;
	bool json;
	const struct ctl_verb *verb;
	const struct ctl_object *object;
	struct mpcnet_err err;
};

/**
 * struct ctl_word - a keyword of a command and what takes its value
 * @name: the keyword
 * @value: how the usage calls its value, NULL if it has none
 * @take: takes the value from @args into @request; an enum ctl_exit
 * @many: it may be given more than once
 */
struct ctl_word {
	const char *name;
	const char *value;
	int (*take)(struct ctl_args *args, void *request);
	bool many;
};

/**
 * struct ctl_verb - a command
 * @name: its name, NULL if the object is the command
 * @args: its arguments in order, as in the usage; NULL for none
 * @words: its keywords, up to one without a name; NULL for none
 * @about: one line on what it does
 * @notes: more lines for its own help; NULL for none
 * @run: does it; an enum ctl_exit
 */
struct ctl_verb {
	const char *name;
	const char *args;
	const struct ctl_word *words;
	const char *about;
	const char *notes;
	int (*run)(struct ctl_args *args);
};

/**
 * struct ctl_object - what commands are about
 * @name: its name
 * @about: one line on what it is
 * @verbs: its commands, up to one without @run
 */
struct ctl_object {
	const char *name;
	const char *about;
	const struct ctl_verb *verbs;
};

/* args.c */
const char *ctl_next(struct ctl_args *args);
const char *ctl_value(struct ctl_args *args, const char *word);
int ctl_end(struct ctl_args *args);
int ctl_words(struct ctl_args *args, void *request);
int ctl_device_name(struct ctl_args *args, char name[IF_NAMESIZE]);
int ctl_number(struct ctl_args *args, const char *word, uint64_t *number, uint64_t min,
	       uint64_t max);
int ctl_secret(struct ctl_args *args, const char *word, const char *path,
	       uint8_t key[MPCNET_KEY_LEN]);

/* say.c */
int ctl_failed(const struct mpcnet_err *err);
int ctl_usage(struct ctl_args *args, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int ctl_write_secret(const char *text, size_t len);

/* help.c */
extern const struct ctl_object *const ctl_objects[];
void ctl_help(void);
void ctl_help_object(const struct ctl_object *object);
void ctl_help_verb(const struct ctl_object *object, const struct ctl_verb *verb);

/* link.c, peer.c, conf.c, key.c, monitor.c, nat.c, id.c */
extern const struct ctl_object ctl_link, ctl_peer, ctl_conf, ctl_key, ctl_monitor, ctl_nat, ctl_id,
	ctl_session;
int ctl_link_show(struct ctl_args *args);
int ctl_peer_show(struct ctl_args *args);

#endif /* MPCNETCTL_CTL_H */
