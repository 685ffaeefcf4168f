// SPDX-License-Identifier: GPL-2.0
/* Listening to the group "events". */
#include "events_lib.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

bool events_open(struct nl *nl)
{
	int group, size = 1 << 22;

	if (!nl_open(nl, kind()))
		return false;
	group = nl->events;
	setsockopt(mnl_socket_get_fd(nl->sk), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	return group && !mnl_socket_setsockopt(nl->sk, NETLINK_ADD_MEMBERSHIP,
					       &group, sizeof(group));
}

char *events_next(struct nl *nl, int ms)
{
	struct pollfd pfd = {
		.fd = mnl_socket_get_fd(nl->sk), .events = POLLIN,
	};
	static char buf[65536];
	int len;

	if (poll(&pfd, 1, ms) != 1)
		return NULL;
	len = mnl_socket_recvfrom(nl->sk, buf, sizeof(buf));
	return len > 0 ? nl_text((void *)buf) : NULL;
}

char *events_await(struct nl *nl, enum mpcnet_event_type type, int ms)
{
	uint64_t end = now_ms() + ms;
	const char *value;
	char *text;

	while (now_ms() < end) {
		text = events_next(nl, end - now_ms());
		if (!text)
			continue;
		value = text_get(text, "dev event");
		if (value && strtoul(value, NULL, 10) == type)
			return text;
		free(text);
	}
	return NULL;
}

int events_drain(struct nl *nl)
{
	int count = 0;
	char *text;

	for (;;) {
		errno = 0;
		text = events_next(nl, 0);
		if (!text)
			return errno == ENOBUFS ? -1 : count;
		free(text);
		count++;
	}
}
