// SPDX-License-Identifier: GPL-2.0
/*
 * An adopted socket is had again by descriptor: by a helper whose forerunner
 * was killed, and by nobody who may not configure both the interface and the
 * socket's namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "ktap.h"
#include "socket_pair.h"

static struct pair pair;

static int keep_fd(const struct nlmsghdr *nlh, void *fd)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == MPCNET_DEVICE_A_SOCKET_FD)
			*(int *)fd = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* The descriptor of an interface's adopted socket, or -errno. */
static int get(struct nl *nl, const char *name)
{
	int fd = -ENOMSG, err;
	char buf[256];
	struct nlmsghdr *nlh;

	nlh = nl_msg(nl, buf, MPCNET_CMD_GET_SOCKET, NLM_F_ACK);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, name);
	err = nl_ask(nl, nlh, keep_fd, &fd);
	return err ? err : fd;
}

static int get_a(void)
{
	return get(&pair.nl[A], pair.name[A]);
}

/* What tells one socket from all others. */
static uint64_t cookie(int fd)
{
	uint64_t value = 0;
	socklen_t len = sizeof(value);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &value, &len);
	return value;
}

static unsigned int open_fds(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The number, from @least on, that the next descriptor would get. */
static int next_fd(int least)
{
	int fd = fcntl(0, F_DUPFD, least);

	close(fd);
	return fd;
}

/* Nothing holds the socket that had this port. */
static const char *port_free(uint16_t port)
{
	int fd = udp_socket("127.0.0.1", port);

	if (fd < 0)
		return "the port is still in use";
	close(fd);
	return NULL;
}

/* A refusal with this error, a message, and no descriptor. */
static const char *refused(struct nl *nl, const char *name, int want)
{
	unsigned int before = open_fds();
	int got = get(nl, name);

	if (got >= 0)
		return "a descriptor was given";
	if (got != -want)
		return ktap_why("'%s' in place of '%s'", strerror(-got),
				strerror(want));
	if (!nl->why[0])
		return "no message";
	return open_fds() == before ? NULL : "a descriptor was left open";
}

/**
 * struct owner - a process that hands a socket to A
 * @port: port of the socket, 0 if it was refused
 * @cookie: the socket
 */
struct owner {
	uint16_t port;
	uint64_t cookie;
};

static void own(int ready)
{
	int fd = udp_socket("127.0.0.1", 0);
	struct owner self = { .cookie = cookie(fd) };

	self.port = pair_adopt(&pair, A, fd) ? 0 : udp_port(fd);
	if (write(ready, &self, sizeof(self)) != sizeof(self))
		_exit(1);
	pause();
	_exit(0);
}

/* Run such a process until it has done so, and kill it. */
static const char *owner_killed(struct owner *owner)
{
	int ready[2];
	ssize_t len;
	pid_t pid;

	if (pipe(ready))
		return "no pipe";
	pid = fork();
	if (!pid)
		own(ready[1]);
	close(ready[1]);
	len = read(ready[0], owner, sizeof(*owner));
	close(ready[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return len == sizeof(*owner) && owner->port ? NULL :
		"the first owner was refused";
}

static const char *is_socket(int fd, const struct owner *owner)
{
	if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		return "not close-on-exec";
	if (udp_port(fd) != owner->port)
		return ktap_why("port %u, not %u", udp_port(fd), owner->port);
	return cookie(fd) == owner->cookie ? NULL : "another socket";
}

static const char *test_killed(void)
{
	struct owner owner;
	char got[16];
	int fd, sender;

	KTAP_TRY(owner_killed(&owner));
	sender = udp_socket("127.0.0.1", 0);
	udp_send(sender, "127.0.0.1", owner.port, "meanwhile", 9);
	close(sender);
	fd = get_a();
	if (fd < 0)
		return ktap_why("refused: %s", pair.nl[A].why);
	KTAP_TRY(is_socket(fd, &owner));
	if (udp_receive(fd, got, sizeof(got), 2000, NULL) != 9)
		return "what came while there was no owner is lost";
	KTAP_TRY(udp_foreign(fd, "127.0.0.1", "\0\1\0\0 stun", 9));
	KTAP_TRY(pair_meet(&pair, "127.0.0.1", owner.port));
	close(fd);
	KTAP_TRY(pair_meet(&pair, "127.0.0.1", owner.port));
	return pair_own_socket(&pair, A, PAIR_PORT_A);
}

/* Beside its first descriptor, and again; by name and by index. */
static const char *test_again(void)
{
	int fd = udp_socket("127.0.0.1", 0), other = -1, third;
	struct owner self = { udp_port(fd), cookie(fd) };
	struct nlmsghdr *nlh;
	char buf[256];

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	nlh = nl_msg(&pair.nl[A], buf, MPCNET_CMD_GET_SOCKET, NLM_F_ACK);
	mnl_attr_put_u32(nlh, MPCNET_DEVICE_A_IFINDEX,
			 pair_dev(&pair, A, "ifindex"));
	if (nl_ask(&pair.nl[A], nlh, keep_fd, &other))
		return ktap_why("refused by index: %s", pair.nl[A].why);
	third = get_a();
	if (third < 0 || third == other || other == fd)
		return "not a descriptor each time";
	KTAP_TRY(is_socket(other, &self));
	KTAP_TRY(is_socket(third, &self));
	close(fd);
	close(other);
	KTAP_TRY(udp_foreign(third, "127.0.0.1", "still", 5));
	KTAP_TRY(pair_own_socket(&pair, A, PAIR_PORT_A));
	close(third);
	return NULL;
}

static const char *test_none(void)
{
	int fd = udp_socket("127.0.0.1", 0);

	KTAP_TRY(refused(&pair.nl[A], pair.name[A], ENOENT));
	pair_up(&pair, A, false);
	KTAP_TRY(refused(&pair.nl[A], pair.name[A], ENOENT));
	pair_up(&pair, A, true);
	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	KTAP_TRY(pair_own_socket(&pair, A, PAIR_PORT_A));
	close(fd);
	KTAP_TRY(refused(&pair.nl[A], pair.name[A], ENOENT));
	KTAP_TRY(refused(&pair.nl[A], "none0", ENODEV));
	return refused(&pair.nl[A], "lo", EOPNOTSUPP);
}

static const char *test_extra(void)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int fd = -1;

	nlh = nl_msg(&pair.nl[A], buf, MPCNET_CMD_GET_SOCKET, NLM_F_ACK);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, pair.name[A]);
	mnl_attr_put_u32(nlh, 40, 1);
	if (nl_ask(&pair.nl[A], nlh, keep_fd, &fd) != -EINVAL || fd >= 0)
		return "an unknown attribute was ignored";
	return pair.nl[A].why[0] ? NULL : "no message";
}

/*
 * Run @ask in a child; it returns NULL or why not, as this then does. Both ends
 * of a channel are for @ask and, unless NULL, @help, which runs meanwhile.
 */
static const char *in_child(const char *(*ask)(int parent),
			    const char *(*help)(pid_t pid, int child))
{
	const char *why = NULL;
	char text[256] = "";
	int end[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end))
		return "no channel";
	pid = fork();
	if (!pid) {
		close(end[0]);
		why = ask(end[1]);
		_exit(why && write(end[1], why, strlen(why)) < 0);
	}
	close(end[1]);
	if (help)
		why = help(pid, end[0]);
	if (!why && read(end[0], text, sizeof(text) - 1) < 0)
		why = "the child cannot be heard";
	close(end[0]);
	waitpid(pid, NULL, 0);
	return !why && *text ? ktap_why("%s", text) : why;
}

/* By a netlink socket of its own, and by the one that root has opened. */
static const char *ask_unprivileged(int parent)
{
	struct nl poor;

	(void)parent;
	ns_enter(pair.ns[A]);
	if (setgid(65534) || setuid(65534) || !nl_open(&poor, kind()))
		return "SKIP no other user";
	if (get(&poor, pair.name[A]) != -EPERM)
		return "not refused";
	return get_a() == -EPERM ? NULL : "not refused by root's socket";
}

static const char *test_unprivileged(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	const char *why;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	why = in_child(ask_unprivileged, NULL);
	close(fd);
	KTAP_TRY(pair_own_socket(&pair, A, PAIR_PORT_A));
	return why;
}

/* Root of a user namespace and its network, but not of the socket's. */
static const char *ask_stranger(int parent)
{
	struct nl nl;
	struct set *s;
	char byte = 0;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return "SKIP no user namespaces";
	if (write(parent, &byte, 1) != 1 || read(parent, &byte, 1) != 1)
		return "no interface";
	if (!nl_open(&nl, kind()))
		return strerror(errno);
	s = set_begin(&nl, "mpx");
	mnl_attr_put_u8(s->nlh, MPCNET_DEVICE_A_BATCH, 0);
	if (set_send(s))
		return ktap_why("may not set: %s", nl.why);
	return refused(&nl, "mpx", EPERM);
}

/* Root of the machine may, in the same namespace. */
static const char *ask_in(int ns)
{
	struct nl nl;
	int fd;

	ns_enter(ns);
	if (!nl_open(&nl, kind())) {
		ns_enter(pair.home);
		return strerror(errno);
	}
	fd = get(&nl, "mpx");
	nl_close(&nl);
	ns_enter(pair.home);
	if (fd < 0)
		return ktap_why("root is refused: %s", strerror(-fd));
	close(fd);
	return NULL;
}

static const char *help_stranger(pid_t pid, int child)
{
	const char *why = NULL;
	char path[64], skip[64];
	int ns;

	/* A byte; more if it gave up. */
	if (read(child, skip, sizeof(skip)) != 1)
		return "SKIP no user namespaces";
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || !link_move("mpx", ns))
		return "the interface cannot be moved";
	why = ask_in(ns);
	close(ns);
	return !why && write(child, "", 1) != 1 ? "the child is gone" : why;
}

static const char *test_stranger(void)
{
	int fd = udp_socket("127.0.0.1", 0);
	const char *why;
	struct set *s;
	struct nl nl;

	if (!link_add("mpx", kind()) || !nl_open(&nl, kind()))
		return "no third interface";
	s = set_begin(&nl, "mpx");
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, fd);
	why = set_send(s) ? ktap_why("not adopted: %s", nl.why) :
	      in_child(ask_stranger, help_stranger);
	nl_close(&nl);
	close(fd);
	link_del("mpx");	/* unless it went with its namespace */
	return why;
}

/* A refusal in words, after which the number and the socket can be had. */
static const char *test_no_room(void)
{
	int fd = udp_socket("127.0.0.1", 0), next = next_fd(0), got;
	uint16_t port = udp_port(fd);
	struct rlimit all, few;
	const char *why;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	getrlimit(RLIMIT_NOFILE, &all);
	few = all;
	few.rlim_cur = next;
	setrlimit(RLIMIT_NOFILE, &few);
	why = refused(&pair.nl[A], pair.name[A], EMFILE);
	setrlimit(RLIMIT_NOFILE, &all);
	KTAP_TRY(why);
	got = get_a();
	if (got != next)
		return ktap_why("%d in place of %d afterwards", got, next);
	close(got);
	close(fd);
	KTAP_TRY(pair_own_socket(&pair, A, PAIR_PORT_A));
	return port_free(port);
}

/* Read what there is; how many answers brought a descriptor, now closed. */
static unsigned int close_answered(struct nl *nl)
{
	int sock = mnl_socket_get_fd(nl->sk), fd;
	unsigned int n = 0;
	char buf[4096];
	ssize_t len;

	/* ENOBUFS says that some were lost, and that once. */
	while ((len = recv(sock, buf, sizeof(buf), MSG_DONTWAIT)) > 0 ||
	       errno == ENOBUFS) {
		fd = -1;
		if (len > 0 && ((struct nlmsghdr *)buf)->nlmsg_type == nl->family)
			keep_fd((void *)buf, &fd);
		if (fd >= 0 && !close(fd))
			n++;
		errno = 0;
	}
	return n;
}

static void ask_for_many(struct nl *nl, unsigned int n)
{
	struct nlmsghdr *nlh;
	char buf[256];

	while (n--) {
		nlh = nl_msg(nl, buf, MPCNET_CMD_GET_SOCKET, 0);
		mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, pair.name[A]);
		mnl_socket_sendto(nl->sk, nlh, nlh->nlmsg_len);
	}
}

/* As many descriptors as answers, when there is no room for all of these. */
static const char *test_unanswered(void)
{
	unsigned int asked = 200, before, opened, answered;
	int fd = udp_socket("127.0.0.1", 0), size = 1;
	uint16_t port = udp_port(fd);
	struct nl nl;

	if (pair_adopt(&pair, A, fd))
		return pair.nl[A].why;
	ns_enter(pair.ns[A]);
	if (!nl_open(&nl, kind()))
		return strerror(errno);
	ns_enter(pair.home);
	setsockopt(mnl_socket_get_fd(nl.sk), SOL_SOCKET, SO_RCVBUF, &size,
		   sizeof(size));
	before = open_fds();
	ask_for_many(&nl, asked);
	opened = open_fds() - before;
	answered = close_answered(&nl);
	ktap_diag("%u asked, %u answered, %u opened", asked, answered, opened);
	if (!answered || answered == asked)
		return "none was answered, or all";
	if (opened != answered)
		return "not as many opened as answered";
	if (next_fd(asked / 2) != (int)asked / 2)
		return "their numbers were not given back";
	nl_close(&nl);
	close(fd);
	KTAP_TRY(pair_own_socket(&pair, A, PAIR_PORT_A));
	return port_free(port);
}

/* With the interface gone, it is a plain socket. Ends the pair. */
static const char *test_deleted(void)
{
	uint8_t data[148] = { 1 };
	struct owner owner;
	int fd;

	KTAP_TRY(owner_killed(&owner));
	fd = get_a();
	pair_close(&pair);
	if (fd < 0)
		return strerror(-fd);
	KTAP_TRY(udp_foreign(fd, "127.0.0.1", data, sizeof(data)));
	close(fd);
	return port_free(owner.port);
}

static const struct ktap_case cases[] = {
	{ "a killed owner's socket is had again", test_killed },
	{ "each time by another descriptor", test_again },
	{ "no adopted socket, or no such interface", test_none },
	{ "an unknown attribute is refused", test_extra },
	{ "an unprivileged user is refused", test_unprivileged },
	{ "so is root of another namespace than the socket's", test_stranger },
	{ "no descriptor left", test_no_room },
	{ "an answer that is not sent opens nothing", test_unanswered },
	{ "it outlives the interface", test_deleted },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet takes a socket");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	return ktap_run(cases, KTAP_COUNT(cases));
}
