/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C tests of the netlink family share: build a request, send it,
 * keep the answer's error and its text, and print a dump as lines that can be
 * compared and searched.
 *
 * MPCNET_KIND=wireguard asks the family and the link kind of that name, which
 * has the same numbers below 64; tests of what mpcnet adds are then skipped.
 */
#ifndef NETLINK_LIB_H
#define NETLINK_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/mpcnet.h>

#define KEY_LEN MPCNET_KEY_LEN

/**
 * struct nl - an open generic netlink socket
 * @sk: the socket, of the namespace in which it was opened
 * @family: the family's number
 * @events: number of its group "events", 0 if it has none
 * @seq: sequence number of the last request
 * @why: the kernel's message with the last error, empty if it gave none
 */
struct nl {
	struct mnl_socket *sk;
	uint16_t family;
	uint32_t events;
	unsigned int seq;
	char why[256];
};

/* Name of the family and of the link kind under test. */
const char *kind(void);
/* Whether that is mpcnet itself, with its own commands and attributes. */
bool kind_is_own(void);

/* Open a socket to @family. False with errno set if it is not there. */
bool nl_open(struct nl *nl, const char *family);
void nl_close(struct nl *nl);

/* Start a message of @cmd in @buf; @flags join NLM_F_REQUEST. */
struct nlmsghdr *nl_msg(struct nl *nl, void *buf, uint8_t cmd, int flags);
/* Send @nlh, read the whole answer, give each part to @cb. 0 or -errno. */
int nl_ask(struct nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb, void *data);

/* The interface as text, one "dev NAME VALUE" or "peer KEY NAME VALUE" a
 * line, to be freed by the caller. NULL with errno set if refused.
 */
char *nl_dump(struct nl *nl, const char *ifname);
/* Text of one message, as nl_dump() prints it. */
char *nl_text(const struct nlmsghdr *nlh);
/* Value of the line that begins with the words of @fmt, NULL if there is
 * none. Valid until the next call.
 */
const char *text_get(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Value of a line of @ifname's dump as a number, -1 if there is none. */
long long nl_get(struct nl *nl, const char *ifname, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Cut the lines that hold @word out of @text. */
void text_drop(char *text, const char *word);

#define SET_MAX (128 * 1024)

/**
 * struct set - a set-device request under construction
 * @nl: the socket it will be sent by
 * @nlh: the message; attributes put into it land in the innermost open nest
 * @peers: open nest of peers, or NULL
 * @peer: open nest of one peer, or NULL
 * @ips: open nest of allowed IPs, or NULL
 * @buf: room for the message
 */
struct set {
	struct nl *nl;
	struct nlmsghdr *nlh;
	struct nlattr *peers, *peer, *ips;
	char buf[SET_MAX];
};

/* Begin a set of @ifname (NULL: name no interface). */
struct set *set_begin(struct nl *nl, const char *ifname);
/* Begin the next peer; the attributes put from here on are the peer's. */
void set_peer(struct set *s, const uint8_t *key);
/* Begin one allowed IP without any attribute, or end it. */
struct nlattr *set_ip_begin(struct set *s);
void set_ip_end(struct set *s, struct nlattr *ip);
/* Add an allowed IP, "10.0.0.0/8". */
void set_ip(struct set *s, const char *prefix);
/* Add an endpoint-like attribute, "192.0.2.1" or "fe80::1" and a port. */
void set_addr(struct set *s, uint16_t attr, const char *ip, uint16_t port);
/* Close all open nests. */
void set_end(struct set *s);
/* Close and send. 0 or -errno. */
int set_send(struct set *s);

/* 32 bytes that depend on @n alone. */
const uint8_t *key_of(unsigned int n);
/* Lower-case hexadecimal of a key; eight buffers in turn. */
const char *hex(const uint8_t key[KEY_LEN]);

/* Run a shell command without output; its exit status. */
int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Make, remove, move, or set up or down an interface of this namespace. */
bool link_add(const char *name, const char *link_kind);
bool link_del(const char *name);
bool link_move(const char *name, int ns);
bool link_up(const char *name, bool up);
bool link_is_up(const char *name);
/* Give it its IPv4 address. */
bool link_addr(const char *name, const char *ip, const char *mask);

/* A new network namespace with lo up; the caller's own stays. Descriptor. */
int ns_new(void);
/* Go into a namespace for good. Ends the test if that fails. */
void ns_enter(int fd);
/* Leave the machine's namespace for a new one, or skip the whole test. */
void ns_private(void);
/* Milliseconds of CLOCK_BOOTTIME. */
uint64_t now_ms(void);
/* Wait up to @ms for @cond, asking every millisecond. */
#define wait_for(cond, ms)						\
({									\
	uint64_t end_ = now_ms() + (ms);				\
	bool met_;							\
									\
	while (!(met_ = (cond)) && now_ms() < end_)			\
		usleep(1000);						\
	met_;								\
})

#endif
