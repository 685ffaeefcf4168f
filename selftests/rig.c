// SPDX-License-Identifier: GPL-2.0
/* The place where the judge meets the module, see rig.h. */
#include "rig.h"

#include <fcntl.h>
#include <sched.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktap.h"
#include "noise.h"

#define SCALE_FILE	"/sys/module/mpcnet/parameters/time_scale"
#define KEY_TEXT	64

static int sides[2] = { -1, -1 };
static const char *kind, *tool;
static bool wg_grammar;
static struct noise_identity module_key;

void rig_enter(enum rig_side side)
{
	if (setns(sides[side], CLONE_NEWNET))
		ktap_bail("a namespace cannot be entered");
}

static bool run(const char *format, va_list args)
{
	char command[1024];

	vsnprintf(command, sizeof(command), format, args);
	fflush(stdout);
	return !system(command);
}

bool rig_run(const char *format, ...)
{
	va_list args;
	bool done;

	va_start(args, format);
	rig_enter(RIG_SIDE_MODULE);
	done = run(format, args);
	rig_enter(RIG_SIDE_JUDGE);
	va_end(args);
	return done;
}

static int new_namespace(void)
{
	if (unshare(CLONE_NEWNET))
		ktap_skip_all("network namespaces need root");
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void choose_kind(void)
{
	const char *path = getenv("PATH");
	char longer[4096];

	kind = getenv("MPCNET_KIND");
	if (!kind || !*kind)
		kind = "mpcnet";
	tool = getenv("MPCNET_TOOL");
	if (!tool || !*tool)
		tool = rig_is_control() ? "wg" : "mpcnetctl";
	wg_grammar = !strstr(tool, "mpcnetctl");
	snprintf(longer, sizeof(longer), "%s:../.build/tools:/usr/sbin:/sbin",
		 path ? path : "/usr/bin:/bin");
	setenv("PATH", longer, 1);
	setenv("WG_HIDE_KEYS", "never", 1);
}

bool rig_is_control(void)
{
	return strcmp(kind, "mpcnet");
}

/* The pair, its addresses, and quiet IPv6. */
static bool join_namespaces(void)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "ip link set lo up && "
		 "ip link add jv type veth peer name mv netns /proc/%d/fd/%d && "
		 "ip addr add " RIG_JUDGE "/24 dev jv && ip addr add " RIG_JUDGE2 "/24 dev jv && "
		 "ip addr add " RIG_JUDGE6 "/64 dev jv nodad && ip link set jv up",
		 (int)getpid(), sides[RIG_SIDE_MODULE]);
	rig_enter(RIG_SIDE_JUDGE);
	return !system(command) &&
	       rig_run("ip link set lo up && "
		       "ip addr add " RIG_MODULE "/24 dev mv && "
		       "ip addr add " RIG_MODULE2 "/24 dev mv && "
		       "ip addr add " RIG_MODULE6 "/64 dev mv nodad && ip link set mv up");
}

static void restore_time_scale(void)
{
	rig_time_scale(1);
}

void rig_open(void)
{
	choose_kind();
	if (!noise_start())
		ktap_bail("libsodium does not start");
	sides[RIG_SIDE_JUDGE] = new_namespace();
	sides[RIG_SIDE_MODULE] = new_namespace();
	if (!join_namespaces())
		ktap_bail("a veth pair cannot be made");
	if (!rig_run("ip link add " RIG_LINK " type %s", kind))
		ktap_skip_all("no interface of the kind can be made: is the module loaded?");
	if (!rig_run("command -v %s >/dev/null", tool))
		ktap_skip_all("the configuration tool is not found");
	atexit(restore_time_scale);
}

const char *rig_key_text(const uint8_t *key)
{
	static char text[4][KEY_TEXT];
	static unsigned int turn;
	char *now = text[turn++ % 4];

	sodium_bin2base64(now, KEY_TEXT, key, NOISE_KEY, sodium_base64_VARIANT_ORIGINAL);
	return now;
}

const char *rig_key_file(const uint8_t *key)
{
	static char name[2][32];
	static int files[2] = { -1, -1 };
	static unsigned int turn;
	unsigned int now = turn++ % 2;

	if (files[now] >= 0)
		close(files[now]);
	files[now] = memfd_create("key", 0);
	if (files[now] < 0 || fchmod(files[now], 0600) ||
	    dprintf(files[now], "%s\n", rig_key_text(key)) < 0)
		ktap_bail("a key cannot be written");
	snprintf(name[now], sizeof(name[now]), "/proc/self/fd/%d", files[now]);
	return name[now];
}

const uint8_t *rig_public(void)
{
	return module_key.public;
}

const char *rig_link_new(void)
{
	noise_identity_new(&module_key);
	if (!rig_run("ip -batch - <<E\nlink del " RIG_LINK "\nlink add " RIG_LINK " type %s\nE", kind))
		return "interface cannot be made";
	if (!rig_run("%s %s " RIG_LINK " private-key %s listen-port %d", tool,
		     wg_grammar ? "set" : "link set", rig_key_file(module_key.secret), RIG_PORT))
		return "interface cannot be configured";
	if (!rig_run("ip -batch - <<E\n"
		     "addr add " RIG_IN_MODULE "/24 dev " RIG_LINK "\n"
		     "addr add " RIG_IN_MODULE6 "/64 dev " RIG_LINK " nodad\n"
		     "link set " RIG_LINK " up\nE"))
		return "interface cannot be brought up";
	return NULL;
}

const char *rig_peer_add(const struct rig_peer *peer)
{
	char options[512] = "";
	size_t at = 0;

#define OPTION(...) (at += (size_t)snprintf(options + at, sizeof(options) - at, __VA_ARGS__))
	if (peer->endpoint)
		OPTION(" endpoint %s", peer->endpoint);
	if (peer->psk)
		OPTION(" %s %s", wg_grammar ? "preshared-key" : "psk", rig_key_file(peer->psk));
	if (peer->allowed)
		OPTION(" allowed-ips %s", peer->allowed);
	if (peer->keepalive)
		OPTION(" %s %u", wg_grammar ? "persistent-keepalive" : "keepalive",
		       peer->keepalive);
#undef OPTION
	if (!rig_run("%s %s %s%s", tool,
		     wg_grammar ? "set " RIG_LINK " peer" : "peer add " RIG_LINK,
		     rig_key_text(peer->public), options))
		return "peer cannot be added";
	return NULL;
}

unsigned int rig_time_scale(unsigned int scale)
{
	FILE *file = rig_is_control() ? NULL : fopen(SCALE_FILE, "w");
	bool done;

	if (!file)
		return 1;
	done = fprintf(file, "%u\n", scale) > 0;
	return !fclose(file) && done ? scale : 1;
}
