// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "format.h"

/* As mpcnetctl session show prints it, with what matters here and a little more */
static const char three[] =
	"{\"session\":\"lab\",\"state\":\"ready\",\"interface\":\"mpc0\",\"self\":1,\"parties\":["
	"{\"index\":0,\"name\":\"alice\",\"address\":\"10.1.0.1\",\"address6\":\"fd00::1\"},"
	"{\"index\":1,\"name\":\"\",\"address\":\"10.1.0.2\",\"address6\":\"fd00::2\",\"state\":\"self\"},"
	"{\"index\":2,\"name\":\"c-3\",\"address\":\"10.1.0.3\",\"address6\":\"fd00::3\"}]}";
static const char two[] = "{\"session\":\"lab\",\"interface\":\"mpc0\",\"self\":0,\"parties\":["
			  "{\"name\":\"a\",\"address\":\"10.1.0.1\",\"address6\":\"fd00::1\"},"
			  "{\"name\":\"b\",\"address\":\"10.1.0.2\",\"address6\":\"fd00::2\"}]}";

static const char env_of_three[] = "MPCNET_SESSION=lab\n"
				   "MPCNET_PARTIES=3\n"
				   "MPCNET_INDEX=1\n"
				   "MPCNET_ADDRESS=10.1.0.2\n"
				   "MPCNET_PORT=11366\n"
				   "MPCNET_INTERFACE=mpc0\n"
				   "MPCNET_NAMES=alice,,c-3\n"
				   "MPCNET_ADDRESSES=10.1.0.1,10.1.0.2,10.1.0.3\n"
				   "MPCNET_ADDRESSES6=fd00::1,fd00::2,fd00::3\n"
				   "MPCNET_HOSTS=10.1.0.1:11365,10.1.0.2:11366,10.1.0.3:11367\n";

static const char spu_of_three[] =
	"{\n"
	"  \"id\": \"lab\",\n"
	"  \"nodes\": {\n"
	"    \"node:0\": \"10.1.0.1:11365\",\n"
	"    \"node:1\": \"10.1.0.2:11366\",\n"
	"    \"node:2\": \"10.1.0.3:11367\"\n"
	"  },\n"
	"  \"devices\": {\n"
	"    \"SPU\": { \"kind\": \"SPU\", \"config\": {\n"
	"      \"node_ids\": [\"node:0\", \"node:1\", \"node:2\"],\n"
	"      \"spu_internal_addrs\": [\"10.1.0.1:11368\", \"10.1.0.2:11369\", \"10.1.0.3:11370\"],\n"
	"      \"runtime_config\": { \"protocol\": \"SEMI2K\", \"field\": \"FM128\" } } },\n"
	"    \"P1\": { \"kind\": \"PYU\", \"config\": { \"node_id\": \"node:0\" } },\n"
	"    \"P2\": { \"kind\": \"PYU\", \"config\": { \"node_id\": \"node:1\" } },\n"
	"    \"P3\": { \"kind\": \"PYU\", \"config\": { \"node_id\": \"node:2\" } }\n"
	"  }\n"
	"}\n";

/* What each format prints of the three */
static const struct {
	const char *name;
	const char *text;
} shown[] = {
	{ "mpyc", "-M 3 -I 1 -P 10.1.0.1:11365 -P 10.1.0.2:11366 -P 10.1.0.3:11367\n" },
	{ "mp-spdz", "10.1.0.1:11365\n10.1.0.2:11366\n10.1.0.3:11367\n" },
	{ "env", env_of_three },
	{ "motion", "--my-id 1 --parties 0,10.1.0.1,11365 1,10.1.0.2,11366 2,10.1.0.3,11367\n" },
	{ "spu", spu_of_three },
	{ "crypten", "WORLD_SIZE=3\nRANK=1\nMASTER_ADDR=10.1.0.1\nMASTER_PORT=11365\n"
		     "RENDEZVOUS=env://\nDISTRIBUTED_BACKEND=gloo\nGLOO_SOCKET_IFNAME=mpc0\n" },
	{ "emp", "2 11365\n" },
	{ "fresco", "-i 2 -p 1:10.1.0.1:11365 -p 2:10.1.0.2:11366 -p 3:10.1.0.3:11367\n" },
};

static int parse(struct session_view *view, const char *text, struct mpcnet_err *err)
{
	struct json_object *session = json_tokener_parse(text);
	int ret = view_parse(view, session, err);

	json_object_put(session);
	return ret;
}

static void check_text(struct mpcnet_text *text, const char *expected)
{
	bool same = text->data && text->len == strlen(expected) && !strcmp(text->data, expected);

	CHECK(same);
	if (!same)
		printf("# expected:\n%s# found:\n%s", expected, text->data ? text->data : "");
	mpcnet_text_free(text);
}

static void each_shown(void)
{
	struct session_view view;
	struct mpcnet_err err;
	size_t count = sizeof(shown) / sizeof(*shown);

	CHECK(!parse(&view, three, &err));
	for (size_t i = 0; i < count; i++) {
		const struct format *format = format_find(shown[i].name);
		struct mpcnet_text text = { 0 };

		CHECK(format && format_show(&text, format, &view));
		check_text(&text, shown[i].text);
	}
	CHECK(!formats[count].name);
}

static void each_environment(void)
{
	struct session_view view;
	struct mpcnet_err err;

	CHECK(!parse(&view, three, &err));
	for (const struct format *format = formats; format->name; format++) {
		struct mpcnet_text text = { 0 };

		CHECK(format_environment(&text, format, &view));
		CHECK(!strncmp(text.data, env_of_three, strlen(env_of_three)));
		if (strcmp(format->name, "crypten"))
			CHECK(text.len == strlen(env_of_three));
		else
			CHECK(strstr(text.data, "\nRANK=1\n"));
		mpcnet_text_free(&text);
	}
}

static void arguments_with_file(void)
{
	struct mpcnet_text text = { 0 };
	struct session_view view;
	struct mpcnet_err err;

	CHECK(!parse(&view, three, &err));
	CHECK(format_find("mp-spdz")->arguments(&text, &view, "/run/x/hosts"));
	check_text(&text, "--ip-file-name\n/run/x/hosts\n-p\n1\n");
	CHECK(format_find("mpyc")->arguments(&text, &view, ""));
	check_text(&text, "-M\n3\n-I\n1\n-P\n10.1.0.1:11365\n-P\n10.1.0.2:11366\n"
			  "-P\n10.1.0.3:11367\n");
}

static void of_two(void)
{
	struct mpcnet_text text = { 0 };
	struct session_view view;
	struct mpcnet_err err;

	CHECK(!parse(&view, two, &err));
	view.port = 5000;
	CHECK(format_emp_env(&text, &view));
	check_text(&text, "MPCNET_PEER=10.1.0.2\n");
	CHECK(format_emp(&text, &view, ""));
	check_text(&text, "1\n5000\n");
	CHECK(format_mpyc(&text, &view, ""));
	check_text(&text, "-M\n2\n-I\n0\n-P\n10.1.0.1:5000\n-P\n10.1.0.2:5001\n");
	view.self = 1;
	CHECK(format_emp_env(&text, &view));
	check_text(&text, "MPCNET_PEER=10.1.0.1\n");
}

static bool is_for(const char *command, const char *name)
{
	return !strcmp(format_of_command(command)->name, name);
}

static void defaults(void)
{
	CHECK(is_for("python", "mpyc") && is_for("python3", "mpyc"));
	CHECK(is_for("/venv/bin/python3.11", "mpyc") && is_for("./secret.py", "mpyc"));
	CHECK(is_for("sh", "env") && is_for("/opt/python/bin/run", "env"));
	CHECK(is_for(".py", "env") && is_for("a.py/b", "env") && is_for("", "env"));
	CHECK(!format_find("MPyC") && !format_find("") && !format_find("mp"));
}

static void what_is_read(void)
{
	struct session_view view;
	struct mpcnet_err err;

	CHECK(!parse(&view, three, &err) && view.count == 3 && view.self == 1);
	CHECK(!strcmp(view.session, "lab") && !strcmp(view.interface, "mpc0"));
	CHECK(view.port == VIEW_PORT && view_port(&view, 2) == VIEW_PORT + 2);
	CHECK(!strcmp(view.parties[0].name, "alice") && !*view.parties[1].name);
	CHECK(!strcmp(view.parties[2].address6, "fd00::3"));
	CHECK(VIEW_PORT_MAX + 2 * PARTIES_MAX - 1 < 65536);
}

/* One session, but with @part in the place of the text @of */
static bool is_refused(const char *of, const char *part)
{
	char text[sizeof(two) + 128];
	const char *at = strstr(two, of);
	struct session_view view;
	struct mpcnet_err err = { "" };

	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - two), two, part, at + strlen(of));
	return parse(&view, text, &err) == -1 && *err.text;
}

static void what_is_refused(void)
{
	struct session_view view;
	struct mpcnet_err err;

	CHECK(!is_refused("10.1.0.2", "10.1.0.9"));
	CHECK(is_refused("10.1.0.2", "") && is_refused("10.1.0.2", "10.1.0") &&
	      is_refused("10.1.0.2", "fd00::2") && is_refused("10.1.0.2", "10.1.0.2\\nA=1"));
	CHECK(is_refused("fd00::2", "") && is_refused("fd00::2", "10.1.0.2"));
	CHECK(is_refused("\"b\"", "\"b c\"") && is_refused("\"b\"", "\"b\\nLD_PRELOAD=x\"") &&
	      is_refused("\"b\"", "\"12345678901234567890123456789012\""));
	CHECK(is_refused("\"lab\"", "\"l\\nb\"") && is_refused("\"lab\"", "null"));
	CHECK(is_refused("\"mpc0\"", "null") && is_refused("mpc0", "mpc0\\nA=1") &&
	      is_refused("mpc0", "a234567890123456"));
	CHECK(is_refused("\"self\":0", "\"self\":2") && is_refused("\"self\":0", "\"self\":-1") &&
	      is_refused("\"self\":0", "\"self\":null") && is_refused("\"self\":0", "\"x\":0"));
	CHECK(is_refused("\"parties\"", "\"others\""));
	CHECK(parse(&view, "[]", &err) == -1 && parse(&view, "null", &err) == -1);
	CHECK(parse(&view, "{\"waits\":\"the cards of 2 of 3 parties\"}", &err) == -1);
	CHECK(strstr(err.text, "waits for the cards of 2 of 3 parties"));
}

static const struct unit_test tests[] = {
	{ "format: what each prints", each_shown },
	{ "format: the environment of each", each_environment },
	{ "format: arguments, with a file", arguments_with_file },
	{ "format: two parties, another port", of_two },
	{ "format: of which command", defaults },
	{ "view: a session", what_is_read },
	{ "view: what is refused", what_is_refused },
	{ 0 },
};
UNIT_TESTS(tests)
