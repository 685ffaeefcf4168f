// SPDX-License-Identifier: GPL-2.0
/*
 * What a session changes on its machine, for a test:
 *	test-guard up INTERFACE PORT open|closed [tcp|udp FIRST LAST]...
 *	test-guard down INTERFACE
 *	test-guard sweep
 *	test-guard names-up SESSION INTERFACE [NAME ADDRESS]...
 *	test-guard names-down SESSION INTERFACE
 *	test-guard names-sweep [SESSION]
 *	test-guard clash CIDR|- PARTIES
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clash.h"
#include "guard.h"
#include "names.h"

static const char *alive;

static int up(int argc, char **argv, struct mpcnet_err *err)
{
	struct guard_ports ports = { .count = 0 };

	if (argc < 5)
		return mpcnet_err_set(err, "up: too few words");
	for (int i = 5; i + 2 < argc; i += 3) {
		ports.ranges[ports.count++] = (struct guard_range){
			.udp = !strcmp(argv[i], "udp"),
			.first = (uint16_t)atoi(argv[i + 1]),
			.last = (uint16_t)atoi(argv[i + 2]),
		};
	}
	return guard_up(argv[2], (uint16_t)atoi(argv[3]), &ports, !strcmp(argv[4], "open"), err);
}

static int put_names(int argc, char **argv, struct mpcnet_err *err)
{
	struct names_entry entries[8] = { 0 };
	unsigned int count = 0;

	for (int i = 4; i + 1 < argc && count < 8; i += 2, count++) {
		entries[count].index = count;
		entries[count].name = argv[i];
		if (!mpcnet_allowedip_parse(&entries[count].addresses[0], argv[i + 1],
					    strlen(argv[i + 1])))
			return mpcnet_err_set(err, "\"%s\" is no address", argv[i + 1]);
	}
	return names_up(argv[2], argv[3], entries, count, err);
}

static bool is_alive(const char *session, const char *interface)
{
	(void)interface;
	return alive && !strcmp(session, alive);
}

static int check_clash(char **argv, struct mpcnet_err *err)
{
	struct ticket ticket = { .parties = (unsigned int)atoi(argv[3]), .network_len = 24 };
	struct mpcnet_allowedip ip;

	if (strcmp(argv[2], "-")) {
		if (!mpcnet_allowedip_parse(&ip, argv[2], strlen(argv[2])))
			return mpcnet_err_set(err, "\"%s\" is no network", argv[2]);
		memcpy(&ticket.network, ip.addr, 4);
		ticket.network_len = ip.cidr;
	}
	return clash_check(&ticket, err);
}

static int run(int argc, char **argv, struct mpcnet_err *err)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "up"))
		return up(argc, argv, err);
	if (!strcmp(what, "sweep"))
		return guard_sweep(), 0;
	if (!strcmp(what, "names-sweep")) {
		alive = argv[2];
		return names_sweep(is_alive), 0;
	}
	if (!strcmp(what, "down") && argc == 3)
		return guard_down(argv[2]), 0;
	if (!strcmp(what, "names-up") && argc > 3)
		return put_names(argc, argv, err);
	if (!strcmp(what, "names-down") && argc == 4)
		return names_down(argv[2], argv[3]), 0;
	if (!strcmp(what, "clash") && argc == 4)
		return check_clash(argv, err);
	return mpcnet_err_set(err, "usage: see the top of test_guard.c");
}

int main(int argc, char **argv)
{
	struct mpcnet_err err;

	if (!run(argc, argv, &err))
		return 0;
	fprintf(stderr, "test-guard: %s\n", err.text);
	return 1;
}
