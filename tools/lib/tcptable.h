/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/net/tcp and /proc/net/tcp6 say. */
#ifndef MPCNET_TCPTABLE_H
#define MPCNET_TCPTABLE_H

#include <netinet/in.h>
#include <stdbool.h>

bool mpcnet_tcp_is_closing(const char *line, const struct in_addr *address,
			   const struct in6_addr *address6);

#endif /* MPCNET_TCPTABLE_H */
