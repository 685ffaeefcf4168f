// SPDX-License-Identifier: GPL-2.0
/*
 * Throughput of TCP flows that run at the same time.
 *
 *	bulk WARM TIME FROM:TO:ADDR ...
 *
 * Each flow goes from namespace FROM to namespace TO, which has the address
 * ADDR. What arrives in the first WARM milliseconds does not count; what
 * arrives in the TIME milliseconds after them, or until a SIGTERM, is printed,
 * in Mb/s, all flows together.
 */
#include "netns_socket.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define FLOWS_MAX 64
#define PORT 7100
#define CHUNK 65536

struct flow {
	struct address to;
	int listener, sender;
};

static struct flow flows[FLOWS_MAX];
static volatile uint64_t *arrived;
static char chunk[CHUNK];

static void flow_send(struct flow *f)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (connect(f->sender, (struct sockaddr *)&f->to.ss, f->to.len))
		err(1, "connect");
	while (send(f->sender, chunk, sizeof(chunk), MSG_NOSIGNAL) > 0)
		;
	err(1, "send");
}

static void flow_receive(struct flow *f, volatile uint64_t *bytes)
{
	int fd = accept(f->listener, NULL, NULL);
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0)
		err(1, "accept");
	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		*bytes += n;
	err(1, "recv");
}

static void flow_open(struct flow *f, char *text, uint16_t port)
{
	char *to = strchr(text, ':'), *at = to ? strchr(to + 1, ':') : NULL;

	if (!at)
		errx(2, "%s: expected FROM:TO:ADDR", text);
	*to++ = 0;
	*at++ = 0;
	f->to = address_parse(at, port);
	f->listener = netns_socket(to, f->to.ss.ss_family, SOCK_STREAM);
	f->sender = netns_socket(text, f->to.ss.ss_family, SOCK_STREAM);
	if (bind(f->listener, (struct sockaddr *)&f->to.ss, f->to.len) ||
	    listen(f->listener, 1))
		err(1, "listen at %s", at);
}

static uint64_t total(int count)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < count; i++) {
		if (!arrived[i])
			errx(1, "nothing came on flow %d", i);
		sum += arrived[i];
	}
	return sum;
}

static void enough(int sig)
{
	(void)sig;
}

/* Who measures next finds the ports free. */
static void end_all(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
}

static void measure(int count, unsigned int warm_ms, unsigned int time_ms)
{
	struct sigaction until = { .sa_handler = enough };
	uint64_t bytes, start;

	sigaction(SIGTERM, &until, NULL);
	usleep(warm_ms * 1000);
	start = now_ns();
	bytes = total(count);
	usleep(time_ms * 1000);
	bytes = total(count) - bytes;
	printf("%.2f\n", bytes * 8000.0 / (now_ns() - start));
}

int main(int argc, char **argv)
{
	int count = argc - 3, i;

	if (count < 1 || count > FLOWS_MAX)
		errx(2, "usage: bulk WARM TIME FROM:TO:ADDR ...");
	arrived = mmap(NULL, FLOWS_MAX * sizeof(*arrived), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (arrived == MAP_FAILED)
		err(1, "memory");
	setpgid(0, 0);
	for (i = 0; i < count; i++)
		flow_open(&flows[i], argv[3 + i], PORT + i);
	for (i = 0; i < count; i++) {
		if (!fork())
			flow_receive(&flows[i], &arrived[i]);
		if (!fork())
			flow_send(&flows[i]);
	}
	measure(count, strtoul(argv[1], NULL, 0), strtoul(argv[2], NULL, 0));
	end_all();
	return 0;
}
