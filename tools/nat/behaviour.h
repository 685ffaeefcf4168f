/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of NAT we are behind, by behaviour discovery (RFC 5780) over two
 * sockets of one family. It has neither sockets nor clock: its owner carries
 * the datagrams and tells the time. Times are microseconds of one monotonic
 * clock; UINT64_MAX is never.
 *
 *	round		first socket			second socket
 *	SERVERS		every server
 *	MAPPING		other addresses of one server	that server
 *	FILTERING	the second's public address	answer from elsewhere!
 *							the first's public address
 *	ALLOCATION					all that the first asked
 *
 * A socket that asked for an answer from elsewhere never tells of the mapping:
 * an answer that is filtered may leave a trace in the router, which then gives
 * another port to whatever we send to where it came from.
 */
#ifndef MPCNET_BEHAVIOUR_H
#define MPCNET_BEHAVIOUR_H

#include "candidate.h"
#include "stun.h"

#define BEHAVIOUR_SERVERS_MAX 8
/* The servers, three other addresses, and each again by the second socket; four of filtering. */
#define BEHAVIOUR_PROBES_MAX (2 * (BEHAVIOUR_SERVERS_MAX + 3) + 4)
#define BEHAVIOUR_DATAGRAM_MAX 64

/* All rounds together end after 8 seconds. */
enum behaviour_round {
	BEHAVIOUR_SERVERS,
	BEHAVIOUR_MAPPING,
	BEHAVIOUR_FILTERING,
	BEHAVIOUR_ALLOCATION,
	BEHAVIOUR_DONE,
};

enum behaviour_socket {
	BEHAVIOUR_FIRST,
	BEHAVIOUR_SECOND,
};

enum behaviour_kind {
	BEHAVIOUR_ASK,	       /* where do you see us? */
	BEHAVIOUR_ASK_PORT,    /* the same, answered from another port */
	BEHAVIOUR_ASK_ADDRESS, /* the same, answered from another address and port */
	BEHAVIOUR_HAIRPIN,     /* to our other socket, by its public address */
};

enum behaviour_state {
	BEHAVIOUR_WAITING,
	BEHAVIOUR_ANSWERED,
	BEHAVIOUR_REFUSED, /* by an error, or answered from where it was not asked for */
	BEHAVIOUR_SILENT,
};

/* On what a mapping, or a filter, depends: RFC 4787 sections 4.1 and 5. */
enum behaviour_depends {
	BEHAVIOUR_UNKNOWN,
	BEHAVIOUR_NONE,	    /* mapping only: there is none */
	BEHAVIOUR_ENDPOINT, /* on nothing: endpoint-independent */
	BEHAVIOUR_ADDRESS,  /* on the address of the other side */
	BEHAVIOUR_PORT,	    /* on its address and port */
	BEHAVIOUR_EITHER,   /* mapping only: one of these two */
};

enum behaviour_allocation {
	BEHAVIOUR_ALLOCATION_UNKNOWN,
	BEHAVIOUR_SEQUENTIAL,
	BEHAVIOUR_RANDOM,
};

/* What may stay unknown. */
enum behaviour_answer {
	BEHAVIOUR_NOT_KNOWN,
	BEHAVIOUR_NO,
	BEHAVIOUR_YES,
};

/**
 * struct behaviour_probe - a request, sent up to three times
 * @kind: what it asks for
 * @socket: by which it is sent
 * @to: where to
 * @id: its transaction
 * @state: how it went
 * @sent: how often it was sent
 * @last: when it was sent last
 * @next: when it is sent next
 * @until: when it is given up
 * @rtt: from the last sending to the answer, in microseconds
 * @mapped: whence the server saw it come
 * @other: OTHER-ADDRESS of the answer, family 0 for none
 */
struct behaviour_probe {
	enum behaviour_kind kind;
	enum behaviour_socket socket;
	union mpcnet_endpoint to;
	uint8_t id[STUN_ID_LEN];
	enum behaviour_state state;
	unsigned int sent;
	uint64_t last;
	uint64_t next;
	uint64_t until;
	uint64_t rtt;
	union mpcnet_endpoint mapped;
	union mpcnet_endpoint other;
};

/**
 * struct behaviour - a discovery
 * @round: of enum behaviour_round
 * @local: addresses of the two sockets
 * @probes: all requests in the order of their making; the servers' are first
 * @count: how many
 * @servers: how many servers were named
 * @primary: index of the server that told most, @servers if none answered
 */
struct behaviour {
	enum behaviour_round round;
	union mpcnet_endpoint local[2];
	struct behaviour_probe probes[BEHAVIOUR_PROBES_MAX];
	unsigned int count;
	unsigned int servers;
	unsigned int primary;
};

/**
 * struct behaviour_datagram - what is to be sent
 * @socket: by which
 * @to: where to
 * @data: the bytes
 * @len: how many
 */
struct behaviour_datagram {
	enum behaviour_socket socket;
	union mpcnet_endpoint to;
	uint8_t data[BEHAVIOUR_DATAGRAM_MAX];
	size_t len;
};

/**
 * struct behaviour_result - what was found
 * @passes: something came back: UDP is not blocked
 * @answered: a server told whence it sees us
 * @mapping: of enum behaviour_depends
 * @filtering: of enum behaviour_depends
 * @hairpin: is a datagram to our own public address delivered to us?
 * @port_preserved: is the public port the local one?
 * @allocation: of ports, if there is another for each destination
 * @step: of sequential allocation, as seen; less than 0 if it counts down
 * @local: address of the first socket
 * @public: whence it is seen, family 0 if no server answered
 */
struct behaviour_result {
	bool passes;
	bool answered;
	enum behaviour_depends mapping;
	enum behaviour_depends filtering;
	enum behaviour_answer hairpin;
	enum behaviour_answer port_preserved;
	enum behaviour_allocation allocation;
	int step;
	union mpcnet_endpoint local;
	union mpcnet_endpoint public;
};

/**
 * struct verdict_facts - what decides which parties can be reached, and how
 * @ipv4: behaviour for IPv4
 * @ipv6: the same for IPv6; not answered if there is none
 * @port_mapped: the router maps a port to us, by UPnP, NAT-PMP or PCP
 */
struct verdict_facts {
	struct behaviour_result ipv4;
	struct behaviour_result ipv6;
	bool port_mapped;
};

#define VERDICT_LINES_MAX 8
#define VERDICT_LINE_MAX 320

/**
 * struct verdict - what will work, in sentences
 * @count: how many
 * @lines: the sentences
 */
struct verdict {
	unsigned int count;
	char lines[VERDICT_LINES_MAX][VERDICT_LINE_MAX];
};

/* behaviour.c */
void behaviour_start(struct behaviour *b, const union mpcnet_endpoint local[2]);
bool behaviour_ask(struct behaviour *b, uint64_t now, const union mpcnet_endpoint *server);
bool behaviour_next(struct behaviour *b, uint64_t now, struct behaviour_datagram *datagram);
bool behaviour_input(struct behaviour *b, uint64_t now, enum behaviour_socket socket,
		     const union mpcnet_endpoint *from, const void *data, size_t len);
uint64_t behaviour_deadline(const struct behaviour *b);

/* conclude.c */
enum behaviour_depends behaviour_mapping(const struct behaviour *b);
void behaviour_conclude(const struct behaviour *b, struct behaviour_result *result);

/* verdict.c */
void verdict_make(struct verdict *verdict, const struct verdict_facts *facts);

#endif /* MPCNET_BEHAVIOUR_H */
