// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "resolve.h"

static const char *allowedip(const char *text)
{
	static char back[MPCNET_ALLOWEDIP_TEXT];
	struct mpcnet_allowedip ip;

	if (!mpcnet_allowedip_parse(&ip, text, strlen(text)))
		return "";
	mpcnet_allowedip_format(back, &ip);
	return back;
}

static void prefixes(void)
{
	CHECK(!strcmp(allowedip("10.0.0.0/8"), "10.0.0.0/8"));
	CHECK(!strcmp(allowedip("10.1.2.3"), "10.1.2.3/32"));
	CHECK(!strcmp(allowedip("10.1.2.3/8"), "10.0.0.0/8"));
	CHECK(!strcmp(allowedip("255.255.255.255/0"), "0.0.0.0/0"));
	CHECK(!strcmp(allowedip("192.168.255.255/17"), "192.168.128.0/17"));
	CHECK(!strcmp(allowedip("fd00::1"), "fd00::1/128"));
	CHECK(!strcmp(allowedip("FD00::FFFF/113"), "fd00::8000/113"));
	CHECK(!strcmp(allowedip("ffff::/0"), "::/0"));
	CHECK(!strcmp(allowedip("::ffff:1.2.3.4/128"), "::ffff:1.2.3.4/128"));
	CHECK(!strcmp(allowedip("+10.0.0.1"), "10.0.0.1/32"));
	CHECK(!strcmp(allowedip("-::1"), "::1/128"));
}

static void bad_prefixes(void)
{
	static const char *const bad[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0/8",
		"010.0.0.0/8",
		"::/129",
		"::1::/8",
		"fd00::/0x8",
		"1.2.3.4/8 ",
		" 1.2.3.4/8",
		"host/8",
		"+",
		"-",
		"++10.0.0.0",
		"10.0.0.0/8/8",
		"[::1]/128",
		"::1%lo/128",
		"1.2.3.4:5",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/1",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(!*allowedip(bad[i]));
		if (*allowedip(bad[i]))
			printf("# \"%s\"\n", bad[i]);
	}
}

static void prefix_flags(void)
{
	struct mpcnet_allowedip a, b;

	CHECK(mpcnet_allowedip_parse(&a, "-10.0.0.0/8", 11));
	CHECK(mpcnet_allowedip_parse(&b, "+10.9.0.0/8", 11));
	CHECK(a.flags == 1 && b.flags == 0);
	CHECK(mpcnet_allowedip_equal(&a, &b));
	CHECK(mpcnet_allowedip_parse(&b, "10.0.0.0/9", 10));
	CHECK(!mpcnet_allowedip_equal(&a, &b));
}

static bool host(const char *text, const char *name, const char *port)
{
	struct mpcnet_host host;
	struct mpcnet_err err;

	return !mpcnet_host_parse(&host, text, &err) && !strcmp(host.name, name) &&
	       !strcmp(host.port, port);
}

static void hosts(void)
{
	CHECK(host("1.2.3.4:51820", "1.2.3.4", "51820"));
	CHECK(host("example.org:1", "example.org", "1"));
	CHECK(host("[::1]:65535", "::1", "65535"));
	CHECK(host("[fe80::1%eth0]:007", "fe80::1%eth0", "7"));
}

static void bad_hosts(void)
{
	static const char *const bad[] = {
		"",	      "host",	   "host:",   ":1",	  "host:0",
		"host:65536", "host:-1",   "host:1x", "::1:80",	  "[::1]",
		"[::1]80",    "[]:80",	   "[::1:80", "ho st:80", "host:80 ",
		"1.2.3.4:+1", "host:http", "[::1]:",  "a:b:1",	  "[[::1]]:1",
	};
	struct mpcnet_host out;
	struct mpcnet_err err;
	char text[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool taken = !mpcnet_host_parse(&out, bad[i], &err);

		CHECK(!taken);
		if (taken)
			printf("# \"%s\"\n", bad[i]);
	}
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 4, ":80", 4);
	CHECK(mpcnet_host_parse(&out, text, &err));
	memcpy(text + 255, ":80", 4);
	CHECK(!mpcnet_host_parse(&out, text, &err));
}

static bool resolves(const char *text, const char *to)
{
	char back[MPCNET_ENDPOINT_TEXT];
	union mpcnet_endpoint endpoint;
	struct mpcnet_host host;
	struct mpcnet_err err;

	if (mpcnet_host_parse(&host, text, &err) || mpcnet_host_resolve(&endpoint, &host, &err))
		return false;
	mpcnet_endpoint_format(back, &endpoint);
	return !strcmp(back, to);
}

static void addresses(void)
{
	CHECK(resolves("1.2.3.4:51820", "1.2.3.4:51820"));
	CHECK(resolves("[fd00::0:1]:5", "[fd00::1]:5"));
	CHECK(resolves("[fe80::1%lo]:5", "[fe80::1%lo]:5"));
	/* Brackets are for IPv6 addresses alone. */
	CHECK(!resolves("[1.2.3.4]:5", "1.2.3.4:5"));
	CHECK(!resolves("[localhost]:5", "127.0.0.1:5"));
	setenv("MPCNET_ENDPOINT_RESOLUTION_RETRIES", "many", 1);
	CHECK(!resolves("1.2.3.4:51820", "1.2.3.4:51820"));
	setenv("MPCNET_ENDPOINT_RESOLUTION_RETRIES", "infinity", 1);
	CHECK(resolves("1.2.3.4:51820", "1.2.3.4:51820"));
	unsetenv("MPCNET_ENDPOINT_RESOLUTION_RETRIES");
}

static void endpoints(void)
{
	union mpcnet_endpoint a = { 0 }, b = { 0 };
	char text[MPCNET_ENDPOINT_TEXT];

	CHECK(mpcnet_endpoint_equal(&a, &b) && mpcnet_endpoint_len(&a) == 0);
	mpcnet_endpoint_format(text, &a);
	CHECK(!*text);
	a.in.sin_family = b.in.sin_family = AF_INET;
	CHECK(mpcnet_endpoint_equal(&a, &b) && mpcnet_endpoint_len(&a) == sizeof(a.in));
	a.in.sin_port = 1;
	CHECK(!mpcnet_endpoint_equal(&a, &b));
	b.in6.sin6_family = AF_INET6;
	CHECK(!mpcnet_endpoint_equal(&a, &b) && mpcnet_endpoint_len(&b) == sizeof(b.in6));
}

static const struct unit_test tests[] = {
	{ "addr: prefixes", prefixes },
	{ "addr: what is no prefix", bad_prefixes },
	{ "addr: prefixes to add and to remove", prefix_flags },
	{ "addr: hosts and ports", hosts },
	{ "addr: what is no host and port", bad_hosts },
	{ "addr: addresses as endpoints", addresses },
	{ "addr: equal endpoints", endpoints },
	{ 0 },
};
UNIT_TESTS(tests)
