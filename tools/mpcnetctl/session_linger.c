// SPDX-License-Identifier: GPL-2.0
/*
 * A program may end while the kernel still holds what it said last. The
 * interface stays until the others have it, and have closed their ends: what
 * they send then is answered, too.
 */
#include "session_linger.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "tcptable.h"

/* Who has not answered by then does not. */
#define PATIENCE_MS 5000
#define PAUSE_MS 20

static bool any_in(const char *table, const struct in_addr *address,
		   const struct in6_addr *address6)
{
	FILE *file = fopen(table, "re");
	bool found = false;
	char line[256];

	while (file && !found && fgets(line, sizeof(line), file))
		found = mpcnet_tcp_is_closing(line, address, address6);
	if (file)
		fclose(file);
	return found;
}

/**
 * session_linger() - wait until the connections of a session are closed
 * @view: the session
 *
 * A signal that is held ends it, and some seconds do.
 */
void session_linger(const struct session_view *view)
{
	struct in6_addr address6 = { 0 };
	struct in_addr address = { 0 };

	inet_pton(AF_INET, view->parties[view->self].address, &address);
	inet_pton(AF_INET6, view->parties[view->self].address6, &address6);
	for (int ms = 0; ms < PATIENCE_MS && !command_signal(); ms += PAUSE_MS) {
		if (!any_in("/proc/net/tcp", &address, &address6) &&
		    !any_in("/proc/net/tcp6", &address, &address6))
			return;
		nanosleep(&(struct timespec){ 0, PAUSE_MS * 1000000L }, NULL);
	}
}
