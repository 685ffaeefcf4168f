// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that are wrong as a whole: no interface or a wrong one, missing
 * NLA_F_NESTED, lengths that lie, unknown commands, and callers without the
 * right to ask. Nothing of them may take effect.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "netlink_lib.h"

static struct nl nl;

static bool make_device(void)
{
	struct set *s;

	if (!nl_open(&nl, kind()) || sh("ip link add mp0 type %s", kind()))
		return false;
	s = set_begin(&nl, "mp0");
	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(1));
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 5001);
	set_peer(s, key_of(100));
	set_ip(s, "10.0.0.0/8");
	return !set_send(s);
}

/* A set that changes a mark and adds a peer, to be spoiled by the caller. */
static struct set *good(void)
{
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 8);
	set_peer(s, key_of(102));
	set_ip(s, "10.2.0.0/16");
	return s;
}

/* Send what must fail with @want, or with any error if @want is 0. */
static const char *refused(struct set *s, int want)
{
	char *before = nl_dump(&nl, "mp0"), *after;
	const char *why = NULL;
	int err = set_send(s);

	if (!err)
		why = "accepted";
	else if (want && err != -want)
		why = ktap_why("'%s' in place of '%s'", strerror(-err),
			       strerror(want));
	else if (!nl.why[0])
		why = ktap_why("%s without a message", strerror(-err));
	after = nl_dump(&nl, "mp0");
	if (!before || !after || strcmp(before, after))
		why = "the interface changed";
	free(before);
	free(after);
	return why;
}

static const char *test_good(void)
{
	char *text;
	const char *why = NULL;
	int err = set_send(good());

	text = nl_dump(&nl, "mp0");
	if (err || !text || !text_get(text, "peer %s", hex(key_of(102))))
		why = ktap_why("%s: %s", strerror(-err), nl.why);
	free(text);
	err = set_send(set_begin(&nl, "mp0"));
	if (err)
		why = "a set of nothing is refused";
	return why;
}

/* Take back what test_good() did, so that good() changes something again. */
static const char *test_undo(void)
{
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, 0);
	set_peer(s, key_of(102));
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS, MPCNET_PEER_F_REMOVE_ME);
	return set_send(s) ? nl.why : NULL;
}

static const char *test_no_name(void)
{
	return refused(set_begin(&nl, NULL), EBADR);
}

static const char *test_both_names(void)
{
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_IFINDEX, 2);
	return refused(s, EBADR);
}

static const char *test_absent(void)
{
	return refused(set_begin(&nl, "none0"), ENODEV);
}

static const char *test_absent_index(void)
{
	struct set *s = set_begin(&nl, NULL);

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_IFINDEX, 999999);
	return refused(s, ENODEV);
}

static const char *test_other_kind(void)
{
	return refused(set_begin(&nl, "lo"), EOPNOTSUPP);
}

static const char *test_long_name(void)
{
	return refused(set_begin(&nl, "abcdefghijklmnop"), 0);
}

static const char *test_open_name(void)
{
	struct set *s = set_begin(&nl, NULL);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_IFNAME, 3, "mp0");
	return refused(s, 0);
}

static const char *test_empty_name(void)
{
	struct set *s = set_begin(&nl, NULL);

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_IFNAME, 0, "");
	return refused(s, 0);
}

/* A dump of @name must fail with @want and a message. */
static const char *no_dump(const char *name, int want)
{
	char *text = nl_dump(&nl, name);

	free(text);
	if (text)
		return "shown";
	if (errno != want)
		return strerror(errno);
	return nl.why[0] ? NULL : "no message";
}

static const char *test_dump_absent(void)
{
	return no_dump("none0", ENODEV);
}

static const char *test_dump_kind(void)
{
	return no_dump("lo", EOPNOTSUPP);
}

static const char *test_dump_extra(void)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int err;

	nlh = nl_msg(&nl, buf, MPCNET_CMD_GET_DEVICE, NLM_F_ACK | NLM_F_DUMP);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
	mnl_attr_put_u32(nlh, 40, 1);
	err = nl_ask(&nl, nlh, NULL, NULL);
	return err && nl.why[0] ? NULL : "an unknown attribute was ignored";
}

static const char *test_get_no_dump(void)
{
	struct nlmsghdr *nlh;
	char buf[256];

	nlh = nl_msg(&nl, buf, MPCNET_CMD_GET_DEVICE, NLM_F_ACK);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
	return nl_ask(&nl, nlh, NULL, NULL) ? NULL : "accepted";
}

/* And get-socket as a dump, for its number is odd. */
static const char *test_commands(void)
{
	char *before = nl_dump(&nl, "mp0"), *after;
	struct nlmsghdr *nlh;
	const char *why = NULL;
	char buf[256];
	int cmd;

	for (cmd = 2; cmd < 256; cmd++) {
		nlh = nl_msg(&nl, buf, cmd, NLM_F_ACK | (cmd & 1 ? NLM_F_DUMP : 0));
		mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
		mnl_attr_put_u32(nlh, MPCNET_DEVICE_A_FWMARK, 99);
		if (!nl_ask(&nl, nlh, NULL, NULL))
			why = ktap_why("command %d is accepted", cmd);
	}
	after = nl_dump(&nl, "mp0");
	if (!before || !after || strcmp(before, after))
		why = "the interface changed";
	free(before);
	free(after);
	return why;
}

static const char *test_flat_peers(void)
{
	struct set *s = good();

	s->peers->nla_type &= ~NLA_F_NESTED;
	return refused(s, 0);
}

static const char *test_flat_peer(void)
{
	struct set *s = good();

	s->peer->nla_type &= ~NLA_F_NESTED;
	return refused(s, 0);
}

static const char *test_flat_ips(void)
{
	struct set *s = good();

	s->ips->nla_type &= ~NLA_F_NESTED;
	return refused(s, 0);
}

static const char *test_flat_ip(void)
{
	struct set *s = good();
	struct nlattr *ip = mnl_attr_get_payload(s->ips);

	ip->nla_type &= ~NLA_F_NESTED;
	return refused(s, 0);
}

static const char *test_nested_number(void)
{
	struct set *s = set_begin(&nl, "mp0");

	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK | NLA_F_NESTED, 9);
	return refused(s, 0);
}

static const char *test_nested_key(void)
{
	struct set *s = good();

	set_peer(s, NULL);
	mnl_attr_put(s->nlh, MPCNET_PEER_A_PUBLIC_KEY | NLA_F_NESTED, KEY_LEN,
		     key_of(5));
	return refused(s, 0);
}

static const char *test_trailing(void)
{
	struct set *s = good();

	set_end(s);
	memset(mnl_nlmsg_get_payload_tail(s->nlh), 0xff, 4);
	s->nlh->nlmsg_len += 3;
	return refused(s, 0);
}

/* The length of a nest says more, or less, than it holds. */
static const char *lie(struct set *s, struct nlattr *attr, int by)
{
	set_end(s);
	attr->nla_len += by;
	return refused(s, 0);
}

static const char *test_long_peers(void)
{
	struct set *s = good();

	return lie(s, s->peers, 64);
}

static const char *test_long_peer(void)
{
	struct set *s = good();

	return lie(s, s->peer, 64);
}

static const char *test_long_ips(void)
{
	struct set *s = good();

	return lie(s, s->ips, 64);
}

static const char *test_long_ip(void)
{
	struct set *s = good();

	return lie(s, mnl_attr_get_payload(s->ips), 64);
}

static const char *test_short_ip(void)
{
	struct set *s = good();

	return lie(s, mnl_attr_get_payload(s->ips), -4);
}

static const char *test_tiny_peer(void)
{
	struct set *s = good();
	struct nlattr *peer = s->peer;

	set_end(s);
	peer->nla_len = 5;
	return refused(s, 0);
}

static const char *test_header(void)
{
	struct set *s = set_begin(&nl, NULL);

	s->nlh->nlmsg_len = NLMSG_HDRLEN;
	return set_send(s) ? NULL : "accepted";
}

/* The last of many peers is bad. */
static const char *test_last_peer(void)
{
	struct set *s = set_begin(&nl, "mp0");
	char ip[32];
	int i;

	mnl_attr_put(s->nlh, MPCNET_DEVICE_A_PRIVATE_KEY, KEY_LEN, key_of(3));
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS,
			 MPCNET_DEVICE_F_REPLACE_PEERS);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 5999);
	for (i = 0; i < 300; i++) {
		set_peer(s, key_of(2000 + i));
		snprintf(ip, sizeof(ip), "10.3.%d.0/24", i % 256);
		set_ip(s, ip);
	}
	set_peer(s, key_of(2999));
	set_ip(s, "10.4.0.0/33");
	return refused(s, 0);
}

static const char *test_last_ip(void)
{
	struct set *s = set_begin(&nl, "mp0");
	int i;

	set_peer(s, key_of(100));
	mnl_attr_put_u32(s->nlh, MPCNET_PEER_A_FLAGS,
			 MPCNET_PEER_F_REPLACE_ALLOWEDIPS);
	set_addr(s, MPCNET_PEER_A_ENDPOINT, "192.0.2.66", 66);
	for (i = 0; i < 1000; i++)
		set_ip(s, "10.9.0.0/16");
	set_ip_end(s, set_ip_begin(s));
	return refused(s, 0);
}

/* A port that is in use is found out after all else was checked. */
static const char *test_busy_port(void)
{
	struct set *s;
	const char *why;

	if (sh("ip link add mp1 type %s", kind()))
		return "SKIP no second interface";
	s = set_begin(&nl, "mp1");
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 5002);
	set_send(s);
	sh("ip link set mp1 up; ip link set mp0 up");
	s = good();
	set_end(s);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 5002);
	why = refused(s, EADDRINUSE);
	sh("ip link set mp0 down; ip link del mp1");
	return why;
}

/* What an unprivileged user is answered; one exit status a question. */
static int ask_unprivileged(void)
{
	struct nl poor;
	char *text;
	int group;

	if (setgid(65534) || setuid(65534) || !nl_open(&poor, kind()))
		return 10;
	if (nl_ask(&poor, set_begin(&poor, "mp0")->nlh, NULL, NULL) != -EPERM)
		return 1;
	text = nl_dump(&poor, "mp0");
	if (text || errno != EPERM)
		return 2;
	group = poor.events;
	if (kind_is_own() &&
	    (!group || !mnl_socket_setsockopt(poor.sk, NETLINK_ADD_MEMBERSHIP,
					      &group, sizeof(group)) ||
	     errno != EPERM))
		return 3;
	return 0;
}

static const char *test_unprivileged(void)
{
	static const char * const what[] = {
		NULL, "may set", "may get", "may join the group of events",
	};
	int status;

	if (!fork())
		_exit(ask_unprivileged());
	wait(&status);
	status = WEXITSTATUS(status);
	return status < 4 ? what[status] : "SKIP no other user";
}

/* Root of a user namespace that does not own this network namespace. */
static int ask_userns(void)
{
	struct nl poor;

	if (unshare(CLONE_NEWUSER) || !nl_open(&poor, kind()))
		return 10;
	if (set_send(set_begin(&poor, "mp0")) != -EPERM)
		return 1;
	return nl_dump(&poor, "mp0") ? 2 : 0;
}

static const char *test_userns(void)
{
	int status;

	if (!fork())
		_exit(ask_userns());
	wait(&status);
	status = WEXITSTATUS(status);
	if (status == 10)
		return "SKIP no user namespaces";
	return status ? "allowed" : NULL;
}

static const struct ktap_case cases[] = {
	{ "a good message is taken", test_good },
	{ "and taken back", test_undo },
	{ "no interface named", test_no_name },
	{ "named by name and index", test_both_names },
	{ "no such interface", test_absent },
	{ "no such index", test_absent_index },
	{ "interface of another kind", test_other_kind },
	{ "name too long", test_long_name },
	{ "name not terminated", test_open_name },
	{ "name empty", test_empty_name },
	{ "dump of no such interface", test_dump_absent },
	{ "dump of another kind", test_dump_kind },
	{ "dump with an unknown attribute", test_dump_extra },
	{ "get without dump", test_get_no_dump },
	{ "unknown commands", test_commands },
	{ "peers not marked as nested", test_flat_peers },
	{ "peer not marked as nested", test_flat_peer },
	{ "allowed IPs not marked as nested", test_flat_ips },
	{ "allowed IP not marked as nested", test_flat_ip },
	{ "number marked as nested", test_nested_number },
	{ "key marked as nested", test_nested_key },
	{ "bytes after the last attribute", test_trailing },
	{ "peers longer than the message", test_long_peers },
	{ "peer longer than the peers", test_long_peer },
	{ "allowed IPs longer than the peer", test_long_ips },
	{ "allowed IP longer than the allowed IPs", test_long_ip },
	{ "allowed IP cut short", test_short_ip },
	{ "peer of one byte", test_tiny_peer },
	{ "message without a command", test_header },
	{ "last of 300 peers is bad", test_last_peer },
	{ "last of 1000 allowed IPs is bad", test_last_ip },
	{ "listen port in use", test_busy_port },
	{ "unprivileged user", test_unprivileged },
	{ "root of a foreign user namespace", test_userns },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("strictness is promised by mpcnet alone");
	if (!make_device())
		ktap_skip_all("no mpcnet on this machine");
	return ktap_run(cases, KTAP_COUNT(cases));
}
