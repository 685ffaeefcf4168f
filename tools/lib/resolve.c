// SPDX-License-Identifier: GPL-2.0
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "number.h"

#define RETRIES_ENV "MPCNET_ENDPOINT_RESOLUTION_RETRIES"
#define RETRIES_DEFAULT 15
#define PAUSE_FIRST_MS 1000u
#define PAUSE_LAST_MS 20000u

/* How often to try again; UINT64_MAX for ever. */
static int retries_allowed(uint64_t *retries, struct mpcnet_err *err)
{
	const char *text = getenv(RETRIES_ENV);

	*retries = RETRIES_DEFAULT;
	if (!text)
		return 0;
	if (!strcmp(text, "infinity")) {
		*retries = UINT64_MAX;
		return 0;
	}
	if (mpcnet_number_parse(retries, text, 0, UINT32_MAX))
		return 0;
	return mpcnet_err_set(err, RETRIES_ENV ": expected a number or infinity, got \"%s\"", text);
}

/* Might it go better in a second? */
static bool is_passing(int code)
{
	return code == EAI_AGAIN ||
	       (code == EAI_SYSTEM && (errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT));
}

static const char *reason(int code)
{
	return code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code);
}

static void pause_ms(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static int lookup(struct addrinfo **list, const struct mpcnet_host *host, sa_family_t family)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
		.ai_flags = AI_NUMERICSERV | (host->literal ? AI_NUMERICHOST : 0),
	};

	errno = 0;
	return getaddrinfo(host->name, host->port, &hints, list);
}

/**
 * mpcnet_host_resolve_as() - find the address of an endpoint, of one family
 * @endpoint: gets it
 * @host: the endpoint as spelt
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for the one that the system prefers
 * @err: says why there is none
 *
 * Where the trouble may pass (a name server that does not answer), tries again
 * after a pause that grows from 1 to 20 seconds, as often as the environment
 * variable MPCNET_ENDPOINT_RESOLUTION_RETRIES says (15), and tells it on stderr.
 *
 * Return: 0, or -1.
 */
int mpcnet_host_resolve_as(union mpcnet_endpoint *endpoint, const struct mpcnet_host *host,
			   sa_family_t family, struct mpcnet_err *err)
{
	unsigned int ms = PAUSE_FIRST_MS;
	struct addrinfo *list;
	uint64_t retries;
	int code;

	if (retries_allowed(&retries, err))
		return -1;
	for (;;) {
		code = lookup(&list, host, family);
		if (!code || !is_passing(code) || !retries)
			break;
		retries -= retries != UINT64_MAX;
		fprintf(stderr, "mpcnetctl: %s: %s, trying again in %u.%u s\n", host->name,
			reason(code), ms / 1000, ms % 1000 / 100);
		pause_ms(ms);
		ms = ms * 3 / 2 < PAUSE_LAST_MS ? ms * 3 / 2 : PAUSE_LAST_MS;
	}
	if (code)
		return mpcnet_err_set(err, "cannot find the address of \"%s\": %s", host->name,
				      reason(code));
	memset(endpoint, 0, sizeof(*endpoint));
	if (list->ai_addrlen <= sizeof(*endpoint))
		memcpy(endpoint, list->ai_addr, list->ai_addrlen);
	freeaddrinfo(list);
	return 0;
}

/**
 * mpcnet_host_resolve() - find the address of an endpoint
 * @endpoint: gets it
 * @host: the endpoint as spelt
 * @err: says why there is none
 *
 * As mpcnet_host_resolve_as(), of whichever family.
 *
 * Return: 0, or -1.
 */
int mpcnet_host_resolve(union mpcnet_endpoint *endpoint, const struct mpcnet_host *host,
			struct mpcnet_err *err)
{
	return mpcnet_host_resolve_as(endpoint, host, host->literal ? AF_INET6 : AF_UNSPEC, err);
}
