// SPDX-License-Identifier: GPL-2.0
/* Keys, namespaces, commands and time for the C tests. */
#include "netlink_lib.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

const uint8_t *key_of(unsigned int n)
{
	static uint8_t keys[8][KEY_LEN];
	static unsigned int turn;
	uint8_t *key = keys[turn++ % 8];
	uint64_t x = n + 0x9e3779b97f4a7c15ull;
	int i;

	for (i = 0; i < KEY_LEN; i++) {
		x = x * 6364136223846793005ull + 1442695040888963407ull;
		key[i] = x >> 56;
	}
	/* As a private key it is clamped already, so it is shown unchanged. */
	key[0] &= 248;
	key[31] = (key[31] & 63) | 64;
	return key;
}

const char *hex(const uint8_t key[KEY_LEN])
{
	static char texts[8][2 * KEY_LEN + 1];
	static unsigned int turn;
	char *text = texts[turn++ % 8];
	int i;

	for (i = 0; i < KEY_LEN; i++) {
		text[2 * i] = "0123456789abcdef"[key[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[key[i] & 15];
	}
	return text;
}

int sh(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int len, status;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	snprintf(line + len, sizeof(line) - len, " >/dev/null 2>&1");
	status = system(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int ns_open(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

int ns_new(void)
{
	int old = ns_open(), fd;

	if (unshare(CLONE_NEWNET))
		return -1;
	link_up("lo", true);
	fd = ns_open();
	ns_enter(old);
	close(old);
	return fd;
}

void ns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET)) {
		perror("# setns");
		exit(1);
	}
}

void ns_private(void)
{
	int fd = geteuid() ? -1 : ns_new();

	if (fd < 0)
		ktap_skip_all("needs root and network namespaces");
	ns_enter(fd);
	close(fd);
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}
