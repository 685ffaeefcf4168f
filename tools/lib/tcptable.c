// SPDX-License-Identifier: GPL-2.0
#include "tcptable.h"

#include <stdio.h>
#include <string.h>

/* States of RFC 9293, as the kernel counts them (include/net/tcp_states.h) */
enum tcp_state {
	FIN_WAIT1 = 4,
	FIN_WAIT2 = 5,
	LAST_ACK = 9,
	CLOSING = 11,
};

/* Addresses are words as they lie in memory, in hexadecimal. */
static bool is_local(const char *text, const struct in_addr *address,
		     const struct in6_addr *address6)
{
	const uint32_t *w = address6->s6_addr32;
	char plain[9], mapped[33], own6[33];

	snprintf(plain, sizeof(plain), "%08X", address->s_addr);
	snprintf(mapped, sizeof(mapped), "%016X%08X%s", 0, htonl(0xffff), plain);
	snprintf(own6, sizeof(own6), "%08X%08X%08X%08X", w[0], w[1], w[2], w[3]);
	return !strcmp(text, plain) || !strcmp(text, mapped) || !strcmp(text, own6);
}

/**
 * mpcnet_tcp_is_closing() - is it a connection that is closed here, of which
 * the other end does not know all yet, or has not closed it?
 * @line: of /proc/net/tcp or /proc/net/tcp6
 * @address: our end of it
 * @address6: or this
 *
 * Return: true if so.
 */
bool mpcnet_tcp_is_closing(const char *line, const struct in_addr *address,
			   const struct in6_addr *address6)
{
	unsigned int state;
	char local[33];

	if (sscanf(line, "%*u: %32[0-9A-F]:%*x %*[0-9A-F]:%*x %x", local, &state) != 2)
		return false;
	if (state != FIN_WAIT1 && state != FIN_WAIT2 && state != LAST_ACK && state != CLOSING)
		return false;
	return is_local(local, address, address6);
}
