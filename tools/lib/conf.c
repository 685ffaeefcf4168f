// SPDX-License-Identifier: GPL-2.0
/*
 * WireGuard's file of configuration: sections [Interface] and [Peer] of lines
 * "Key = Value", comments behind "#", keys in any case. The whole file is read
 * before anything comes of it; what is refused is refused with its line.
 */
#include "conf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "key.h"
#include "number.h"

enum section {
	SECTION_NONE,
	SECTION_INTERFACE,
	SECTION_PEER,
};

/* A file as far as it is read. */
struct parse {
	struct mpcnet_conf *conf;
	struct mpcnet_peer *peer;
	struct mpcnet_conf_peer *extra;
	struct mpcnet_err *err;
	enum section section;
	unsigned int line;
	unsigned int seen[8];
};

/* A key of the file, and what takes its value. */
struct conf_key {
	enum section section;
	const char *name;
	bool repeats;
	int (*take)(struct parse *p, char *value);
};

static int refuse_value(struct parse *p, const char *expected, const char *value)
{
	return mpcnet_err_set(p->err, "expected %s, got \"%.64s\"", expected, value);
}

static int take_key(struct parse *p, uint8_t *key, const char *value, bool secret)
{
	p->conf->has_secret |= secret;
	if (mpcnet_key_from_text(key, value, strlen(value)))
		return 0;
	explicit_bzero(key, MPCNET_KEY_LEN);
	/* What is not quite a secret key may be one with a slip: not for stderr. */
	if (secret)
		return mpcnet_err_set(p->err, "expected a key, 44 characters of base64");
	return refuse_value(p, "a key, 44 characters of base64", value);
}

static int take_number(struct parse *p, uint64_t *number, const char *value, uint64_t max,
		       const char *expected)
{
	*number = 0;
	if (!strcasecmp(value, "off") || mpcnet_number_parse_hex(number, value, 0, max))
		return 0;
	return refuse_value(p, expected, value);
}

static int take_private_key(struct parse *p, char *value)
{
	/* Hidden is the same as left out: the interface keeps what it has. */
	if (!strcmp(value, MPCNET_CONF_HIDDEN))
		return 0;
	p->conf->device.has |= MPCNET_DEVICE_HAS_PRIVATE_KEY;
	if (take_key(p, p->conf->device.private_key, value, true))
		return -1;
	/* The kernel clamps what it is given, and what it has is compared. */
	if (!mpcnet_key_is_zero(p->conf->device.private_key))
		mpcnet_key_clamp(p->conf->device.private_key);
	return 0;
}

static int take_listen_port(struct parse *p, char *value)
{
	uint64_t port;

	if (!mpcnet_number_parse(&port, value, 0, 65535))
		return refuse_value(p, "a port from 0 to 65535", value);
	p->conf->device.listen_port = (uint16_t)port;
	p->conf->device.has |= MPCNET_DEVICE_HAS_LISTEN_PORT;
	return 0;
}

static int take_fwmark(struct parse *p, char *value)
{
	uint64_t mark;

	if (take_number(p, &mark, value, UINT32_MAX, "a mark, 0x0 to 0xffffffff, or off"))
		return -1;
	p->conf->device.fwmark = (uint32_t)mark;
	p->conf->device.has |= MPCNET_DEVICE_HAS_FWMARK;
	return 0;
}

static int take_public_key(struct parse *p, char *value)
{
	return take_key(p, p->peer->public_key, value, false);
}

static int take_psk(struct parse *p, char *value)
{
	p->peer->has |= MPCNET_PEER_HAS_PSK;
	if (strcmp(value, MPCNET_CONF_HIDDEN))
		return take_key(p, p->peer->psk, value, true);
	p->extra->psk_line = p->line;
	return 0;
}

static int take_endpoint(struct parse *p, char *value)
{
	p->extra->endpoint_line = p->line;
	return mpcnet_host_parse(&p->extra->endpoint, value, p->err);
}

static int take_keepalive(struct parse *p, char *value)
{
	uint64_t seconds = 0;

	if (strcasecmp(value, "off") && !mpcnet_number_parse(&seconds, value, 0, 65535))
		return refuse_value(p, "seconds from 1 to 65535, or off", value);
	p->peer->keepalive = (uint16_t)seconds;
	p->peer->has |= MPCNET_PEER_HAS_KEEPALIVE;
	return 0;
}

static int take_allowedip(struct parse *p, const char *value)
{
	struct mpcnet_allowedip ip, *new;

	if (!mpcnet_allowedip_parse(&ip, value, strlen(value)))
		return refuse_value(p, "ADDRESS/LENGTH, as 10.0.0.1/32", value);
	if (value[0] == '+' || value[0] == '-')
		p->extra->signed_line = p->line;
	else
		p->extra->unsigned_line = p->line;
	new = mpcnet_peer_add_ip(p->peer);
	if (!new)
		return mpcnet_err_set(p->err, "out of memory");
	*new = ip;
	return 0;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n\v\f");
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

static int take_allowedips(struct parse *p, char *value)
{
	char *ip;

	while (value) {
		ip = trim(strsep(&value, ","));
		/* A file may say that there are none. */
		if (!*ip && !value)
			return 0;
		if (take_allowedip(p, ip))
			return -1;
	}
	return 0;
}

static const struct conf_key conf_keys[] = {
	{ SECTION_INTERFACE, "PrivateKey", false, take_private_key },
	{ SECTION_INTERFACE, "ListenPort", false, take_listen_port },
	{ SECTION_INTERFACE, "FwMark", false, take_fwmark },
	{ SECTION_PEER, "PublicKey", false, take_public_key },
	{ SECTION_PEER, "PresharedKey", false, take_psk },
	{ SECTION_PEER, "Endpoint", false, take_endpoint },
	{ SECTION_PEER, "AllowedIPs", true, take_allowedips },
	{ SECTION_PEER, "PersistentKeepalive", false, take_keepalive },
};

_Static_assert(sizeof(conf_keys) / sizeof(*conf_keys) ==
		       sizeof(((struct parse *)0)->seen) / sizeof(unsigned int),
	       "each key has a place for the line where it was seen");

/* Keys of wg-quick, and what does the same. */
static const struct {
	const char *name;
	const char *instead;
} quick_keys[] = {
	{ "Address", "set it with: ip address add ADDRESS dev DEV" },
	{ "DNS", "set it with: resolvectl dns DEV SERVER" },
	{ "MTU", "set it with: ip link set DEV mtu N" },
	{ "Table", "add routes with: ip route add PREFIX dev DEV" },
	{ "PreUp", "run the command before this one" },
	{ "PostUp", "run the command after this one" },
	{ "PreDown", "run the command before: mpcnetctl link del DEV" },
	{ "PostDown", "run the command after: mpcnetctl link del DEV" },
	{ "SaveConfig", "save with: mpcnetctl conf show DEV FILE private-key" },
};

static int unknown_key(struct parse *p, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(quick_keys) / sizeof(*quick_keys); i++) {
		if (!strcasecmp(name, quick_keys[i].name))
			return mpcnet_err_set(p->err, "%s belongs to wg-quick; %s",
					      quick_keys[i].name, quick_keys[i].instead);
	}
	if (p->section == SECTION_INTERFACE)
		return mpcnet_err_set(
			p->err, "expected PrivateKey, ListenPort or FwMark, got \"%.64s\"", name);
	return mpcnet_err_set(
		p->err,
		"expected PublicKey, PresharedKey, Endpoint, AllowedIPs or PersistentKeepalive, got \"%.64s\"",
		name);
}

static int take_setting(struct parse *p, char *text)
{
	char *value = strchr(text, '=');
	size_t i;

	if (!value)
		return mpcnet_err_set(p->err, "expected [Interface], [Peer] or KEY = VALUE");
	*value++ = '\0';
	text = trim(text);
	value = trim(value);
	if (p->section == SECTION_NONE)
		return mpcnet_err_set(p->err, "expected [Interface] or [Peer] before \"%.64s\"",
				      text);
	for (i = 0; i < sizeof(conf_keys) / sizeof(*conf_keys); i++) {
		if (conf_keys[i].section == p->section && !strcasecmp(text, conf_keys[i].name))
			break;
	}
	if (i == sizeof(conf_keys) / sizeof(*conf_keys))
		return unknown_key(p, text);
	if (p->seen[i] && !conf_keys[i].repeats)
		return mpcnet_err_set(p->err, "%s was given on line %u already", conf_keys[i].name,
				      p->seen[i]);
	p->seen[i] = p->line;
	if (!conf_keys[i].take(p, value))
		return 0;
	return mpcnet_err_prefix(p->err, "%s: ", conf_keys[i].name);
}

/* The section that ends here has to have said whom it is about. */
static int end_section(struct parse *p)
{
	if (p->section != SECTION_PEER)
		return 0;
	for (size_t i = 0; i < sizeof(conf_keys) / sizeof(*conf_keys); i++) {
		if (conf_keys[i].take != take_public_key || p->seen[i])
			continue;
		p->line = p->extra->line;
		return mpcnet_err_set(p->err, "this [Peer] has no PublicKey");
	}
	return 0;
}

static int begin_peer(struct parse *p)
{
	struct mpcnet_conf *conf = p->conf;
	size_t at = conf->device.peer_count;
	void *extra;

	if (at == conf->extra_room) {
		conf->extra_room = at ? at * 2 : 4;
		extra = reallocarray(conf->extra, conf->extra_room, sizeof(*conf->extra));
		if (!extra)
			return mpcnet_err_set(p->err, "out of memory");
		conf->extra = extra;
	}
	p->peer = mpcnet_device_add_peer(&conf->device);
	if (!p->peer)
		return mpcnet_err_set(p->err, "out of memory");
	p->extra = &conf->extra[at];
	memset(p->extra, 0, sizeof(*p->extra));
	p->extra->line = p->line;
	return 0;
}

static int take_section(struct parse *p, const char *text)
{
	if (end_section(p))
		return -1;
	if (!strcasecmp(text, "[Interface]")) {
		/* A second [Interface] goes on with the first. */
		p->section = SECTION_INTERFACE;
		return 0;
	}
	if (strcasecmp(text, "[Peer]"))
		return mpcnet_err_set(p->err, "expected [Interface] or [Peer], got \"%.64s\"",
				      text);
	p->section = SECTION_PEER;
	for (size_t i = 0; i < sizeof(conf_keys) / sizeof(*conf_keys); i++) {
		if (conf_keys[i].section == SECTION_PEER)
			p->seen[i] = 0;
	}
	return begin_peer(p);
}

static int take_line(struct parse *p, char *text, size_t len)
{
	if (memchr(text, '\0', len))
		return mpcnet_err_set(p->err, "expected text, got a zero byte");
	text[strcspn(text, "#")] = '\0';
	text = trim(text);
	if (!*text)
		return 0;
	return text[0] == '[' ? take_section(p, text) : take_setting(p, text);
}

static int take_lines(struct parse *p, struct mpcnet_text *text)
{
	char *start = text->data, *end = text->data + text->len, *stop;

	for (; start < end; start = stop + 1) {
		stop = memchr(start, '\n', (size_t)(end - start));
		if (!stop)
			stop = end;
		*stop = '\0';
		p->line++;
		if (take_line(p, start, (size_t)(stop - start)))
			return -1;
	}
	return end_section(p);
}

/**
 * mpcnet_conf_parse() - read a file of configuration
 * @conf: gets what it says, which mpcnet_conf_clear() frees
 * @text: the file; is cut to pieces
 * @err: says which line is refused, and what was expected
 *
 * Resolves no name, asks nobody.
 *
 * Return: 0, or -1 and @conf is empty.
 */
int mpcnet_conf_parse(struct mpcnet_conf *conf, struct mpcnet_text *text, struct mpcnet_err *err)
{
	struct parse p = { .conf = conf, .err = err };

	*conf = (struct mpcnet_conf){ 0 };
	if (!take_lines(&p, text))
		return 0;
	mpcnet_err_prefix(err, "line %u: ", p.line);
	mpcnet_conf_clear(conf);
	return -1;
}

/**
 * mpcnet_conf_clear() - wipe and free what a file said
 * @conf: what it said; is empty afterwards
 */
void mpcnet_conf_clear(struct mpcnet_conf *conf)
{
	mpcnet_device_clear(&conf->device);
	free(conf->extra);
	*conf = (struct mpcnet_conf){ 0 };
}
