// SPDX-License-Identifier: GPL-2.0
#include "hostsblock.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "hostsline.h"

/**
 * struct pass - one way through a text
 * @match: says which blocks go
 * @arg: handed to @match
 * @out: what stays
 * @open: the first line of the block that we are in, if it goes
 * @open_at: its bytes
 * @in: we are in one
 * @carry: flags of a block that went: what came with it, and stays for the next
 * @failed: there is no memory
 */
struct pass {
	hostsblock_match match;
	void *arg;
	struct mpcnet_text out;
	struct hostsline_marker open;
	const char *open_at;
	bool in;
	unsigned int carry;
	bool failed;
};

/**
 * hostsblock_is() - match one block
 * @key: of a block
 * @arg: the struct hostsblock_key that is looked for
 *
 * Return: true if it is that.
 */
bool hostsblock_is(const struct hostsblock_key *key, void *arg)
{
	const struct hostsblock_key *wanted = arg;

	return !strcmp(key->session, wanted->session) &&
	       !strcmp(key->interface, wanted->interface) && !strcmp(key->rundir, wanted->rundir);
}

static bool put(struct mpcnet_text *text, const char *data, size_t len)
{
	if (!mpcnet_text_reserve(text, len))
		return false;
	if (len)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
	return true;
}

/* What came with the block before is left to this one. */
static void inherit(struct pass *pass, const struct hostsline *line,
		    const struct hostsline_marker *marker)
{
	const char *begin = hostsline_begin(pass->carry);

	pass->failed = pass->failed || !put(&pass->out, line->at, marker->head) ||
		       !put(&pass->out, begin, strlen(begin)) ||
		       !put(&pass->out, line->at + line->len, line->whole - line->len);
}

static void keep(struct pass *pass, const struct hostsline *line,
		 const struct hostsline_marker *marker)
{
	if (pass->carry && marker->kind == HOSTSLINE_BEGIN && !marker->flags)
		inherit(pass, line, marker);
	else
		pass->failed = pass->failed || !put(&pass->out, line->at, line->whole);
	pass->carry = 0;
}

static bool take_marker(struct pass *pass, const struct hostsline_marker *marker, const char *at)
{
	struct hostsblock_key key = { marker->session, marker->interface, marker->rundir };
	bool goes = pass->match(&key, pass->arg);

	if (marker->kind == HOSTSLINE_BEGIN) {
		pass->in = goes;
		pass->open = *marker;
		pass->open_at = at;
	} else if (goes) {
		pass->in = false;
	}
	if (goes && marker->kind == HOSTSLINE_BEGIN && marker->flags)
		pass->carry = marker->flags;
	return goes;
}

/* Did the text end within the last line of the block? It begins as the first. */
static bool is_cut_end(const struct pass *pass, const struct hostsline *line)
{
	return !line->ended && line->len <= pass->open.head &&
	       !memcmp(line->at, pass->open_at, line->len);
}

static void take_line(struct pass *pass, const struct hostsline *line)
{
	struct hostsline_marker marker;
	bool goes;

	if (hostsline_read(&marker, line))
		goes = take_marker(pass, &marker, line->at);
	else
		goes = pass->in &&
		       (is_cut_end(pass, line) || hostsline_is_entry(line, pass->open.session));
	if (!goes)
		keep(pass, line, &marker);
}

/**
 * hostsblock_remove() - take blocks out of a text
 * @edit: gets the text without them
 * @text: the text
 * @len: its bytes
 * @match: says which go
 * @arg: handed to @match
 *
 * Only markers and entries of these blocks go: what others wrote in between
 * stays, as does all behind a block of which the end is missing.
 *
 * Return: false without memory, and there is nothing to free.
 */
bool hostsblock_remove(struct hostsblock_edit *edit, const char *text, size_t len,
		       hostsblock_match match, void *arg)
{
	struct pass pass = { .match = match, .arg = arg };
	struct hostsline line;

	*edit = (struct hostsblock_edit){ 0 };
	for (size_t at = 0; at < len; at += line.whole) {
		line = hostsline_next(text + at, len - at);
		take_line(&pass, &line);
	}
	if (pass.carry & HOSTSLINE_NEWLINE && pass.out.len &&
	    pass.out.data[pass.out.len - 1] == '\n')
		pass.out.data[--pass.out.len] = '\0';
	edit->gone = pass.carry & HOSTSLINE_FILE && !pass.out.len;
	edit->changed = pass.out.len != len || (len && memcmp(pass.out.data, text, len));
	edit->text = pass.out;
	if (pass.failed)
		mpcnet_text_free(&edit->text);
	return !pass.failed;
}

static bool looks_like_place(const char *name)
{
	return (*name == 'p' || *name == 'P') && name[1] &&
	       !name[1 + strspn(name + 1, "0123456789")];
}

/*
 * Nobody gets at another's traffic by a name: neither by "p1" nor by one that
 * only differs in case, which does not count in names of hosts.
 */
static bool is_own_name(const struct names_entry *entries, unsigned int count, unsigned int i)
{
	const char *name = entries[i].name;

	if (!name || !*name || looks_like_place(name))
		return false;
	for (unsigned int j = 0; j < count; j++) {
		if (j != i && entries[j].name && !strcasecmp(entries[j].name, name))
			return false;
	}
	return true;
}

static bool put_entry(struct mpcnet_text *text, const char *session,
		      const struct names_entry *entry, bool named)
{
	char address[INET6_ADDRSTRLEN];
	bool ok = true;

	for (unsigned int i = 0; ok && i < NAMES_ADDRESSES; i++) {
		const struct mpcnet_allowedip *ip = &entry->addresses[i];

		if (!ip->family || !inet_ntop(ip->family, ip->addr, address, sizeof(address)))
			continue;
		ok = mpcnet_text_add(text, "%s p%u.%s" HOSTSLINE_DOMAIN, address, entry->index,
				     session);
		if (ok && named)
			ok = mpcnet_text_add(text, " %s.%s" HOSTSLINE_DOMAIN, entry->name, session);
		ok = ok && mpcnet_text_add(text, "\n");
	}
	return ok;
}

static bool put_block(struct mpcnet_text *text, const struct hostsblock_key *key,
		      const struct names_entry *entries, unsigned int count, bool no_file)
{
	unsigned int flags = no_file ? HOSTSLINE_FILE : 0;
	bool ok = true;

	if (text->len && text->data[text->len - 1] != '\n') {
		flags = HOSTSLINE_NEWLINE;
		ok = mpcnet_text_add(text, "\n");
	}
	ok = ok && hostsline_put(text, key, hostsline_begin(flags));
	for (unsigned int i = 0; ok && i < count; i++)
		ok = put_entry(text, key->session, &entries[i], is_own_name(entries, count, i));
	return ok && hostsline_put(text, key, "end");
}

/**
 * hostsblock_add() - put a block into a text, in the place of one that is there
 * @edit: gets the text
 * @text: the text before
 * @len: its bytes
 * @key: whose block it is
 * @entries: its parties; names that others could be taken for are left out
 * @count: how many
 * @no_file: there is no file yet
 *
 * hostsblock_remove() makes of it the text that was before, byte for byte.
 *
 * Return: false without memory, and there is nothing to free.
 */
bool hostsblock_add(struct hostsblock_edit *edit, const char *text, size_t len,
		    const struct hostsblock_key *key, const struct names_entry *entries,
		    unsigned int count, bool no_file)
{
	struct hostsblock_key wanted = *key;

	if (!hostsblock_remove(edit, text, len, hostsblock_is, &wanted))
		return false;
	if (!put_block(&edit->text, key, entries, count, no_file || edit->gone)) {
		mpcnet_text_free(&edit->text);
		return false;
	}
	edit->changed = edit->text.len != len || memcmp(edit->text.data, text, len);
	edit->gone = false;
	return true;
}
