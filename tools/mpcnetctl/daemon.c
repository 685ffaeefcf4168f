// SPDX-License-Identifier: GPL-2.0
/* Talks to mpcnetd, and starts it if none answers. */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "identity.h"
#include "request.h"

#define PROGRAM "mpcnetd"
/* Longest answer: a session of 255 parties with all paths that were tried */
#define ANSWER_MAX ((size_t)16 << 20)
/* Then the daemon is stuck. */
#define PATIENCE_S 30

static int place(struct sockaddr_un *address, struct mpcnet_err *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (snprintf(address->sun_path, sizeof(address->sun_path), "%s/control",
		     mpcnet_run_folder()) < (int)sizeof(address->sun_path))
		return 0;
	return mpcnet_err_set(err, MPCNET_RUNDIR_ENV ": the name is too long");
}

/* Beside this program, as in the folder where both were built; else in PATH. */
static void find_program(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - sizeof(PROGRAM));
	char *slash;

	path[len < 0 ? 0 : len] = 0;
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash + 1, PROGRAM);
	if (!slash || access(path, X_OK))
		strcpy(path, PROGRAM);
}

static void become_daemon(const char *log)
{
	int in = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	char path[PATH_MAX];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	find_program(path);
	execlp(path, PROGRAM, "-d", NULL);
	fprintf(stderr, PROGRAM ": cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static int say_why(const char *log, struct mpcnet_err *err)
{
	struct mpcnet_text text = { 0 };
	char *end;

	if (mpcnet_file_read(&text, log, NULL, err) || !text.len)
		return mpcnet_err_set(err, PROGRAM " cannot be started");
	end = strchr(text.data, '\n');
	if (end)
		*end = 0;
	mpcnet_err_set(err, "%s", text.data);
	mpcnet_text_free(&text);
	return -1;
}

static int start_daemon(struct mpcnet_err *err)
{
	const char *folder = mpcnet_run_folder();
	char log[PATH_MAX];
	int status;
	pid_t pid;

	if (geteuid())
		return mpcnet_err_set(err, "no " PROGRAM " runs, and only root may start it: "
					   "use sudo");
	if (mpcnet_folder_make(folder, err))
		return -1;
	snprintf(log, sizeof(log), "%s/log", folder);
	pid = fork();
	if (!pid)
		become_daemon(log);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return mpcnet_err_set(err, "cannot start " PROGRAM ": %s", strerror(errno));
	return status ? say_why(log, err) : 0;
}

static int try_connect(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd >= 0 && !connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	return -error;
}

/* Has a daemon died in the midst of a session? The next one takes it up. */
static bool has_session(void)
{
	char pattern[PATH_MAX];
	glob_t found = { 0 };
	bool any;

	snprintf(pattern, sizeof(pattern), "%s/*.session", mpcnet_run_folder());
	any = !glob(pattern, GLOB_NOSORT, NULL, &found) && found.gl_pathc;
	globfree(&found);
	return any;
}

static int connect_daemon(bool start, struct mpcnet_err *err)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address;
	int fd, ret;

	if (place(&address, err))
		return -1;
	fd = try_connect(&address);
	if ((start || has_session()) && (fd == -ENOENT || fd == -ECONNREFUSED)) {
		ret = start_daemon(err);
		fd = try_connect(&address);
		/* Another may have started it meanwhile. */
		if (ret && fd < 0)
			return -1;
	}
	if (fd == -EACCES)
		return mpcnet_err_set(err, "%s: only root and the group mpcnet may: use sudo",
				      address.sun_path);
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return mpcnet_err_set(err, "there is no session: mpcnetctl session join TICKET");
	if (fd < 0)
		return mpcnet_err_set(err, "%s: %s", address.sun_path, strerror(-fd));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static int receive(int fd, struct mpcnet_text *text, struct mpcnet_err *err)
{
	ssize_t len;

	do {
		if (text->len > ANSWER_MAX || !mpcnet_text_reserve(text, 65536))
			return mpcnet_err_set(err, "the answer of " PROGRAM " is too long");
		len = recv(fd, text->data + text->len, 65535, 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return mpcnet_err_set(err, PROGRAM " did not answer: it has ended, or is "
							   "stuck");
		text->len += (size_t)len;
		text->data[text->len] = 0;
	} while (text->data[text->len - 1] != '\n');
	return 0;
}

static bool is_of_our_version(struct json_object *answer)
{
	struct json_object *speaks;

	return json_object_object_get_ex(answer, "speaks", &speaks) &&
	       json_object_is_type(speaks, json_type_int) &&
	       json_object_get_int(speaks) == REQUEST_SPEAKS;
}

static struct json_object *understand(const char *text, struct mpcnet_err *err)
{
	struct json_object *answer = json_tokener_parse(text), *why;

	if (!is_of_our_version(answer)) {
		mpcnet_err_set(err, "the answer of " PROGRAM " cannot be understood: it is of "
				    "another version than mpcnetctl");
		json_object_put(answer);
		return NULL;
	}
	if (json_object_object_get_ex(answer, "error", &why)) {
		mpcnet_err_set(err, "%s", json_object_get_string(why));
		json_object_put(answer);
		return NULL;
	}
	return answer;
}

/**
 * daemon_request() - begin a request
 * @verb: what is asked for
 * @session: of which session, NULL if there is but one
 *
 * Return: the request.
 */
struct json_object *daemon_request(const char *verb, const char *session)
{
	struct json_object *request = json_object_new_object();

	json_object_object_add(request, "do", json_object_new_string(verb));
	if (session)
		json_object_object_add(request, "session", json_object_new_string(session));
	return request;
}

static struct json_object *exchange(int fd, struct json_object *request, struct mpcnet_err *err)
{
	const char *line = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	struct mpcnet_text text = { 0 };
	struct json_object *answer = NULL;

	if (mpcnet_file_write_all(fd, line, strlen(line)) || mpcnet_file_write_all(fd, "\n", 1))
		mpcnet_err_set(err, PROGRAM " does not listen: %s", strerror(errno));
	else if (!receive(fd, &text, err))
		answer = understand(text.data, err);
	mpcnet_text_free(&text);
	return answer;
}

/**
 * daemon_ask() - ask mpcnetd
 * @request: what; it is freed
 * @start: start it if none answers
 * @err: says what it has against it
 *
 * Return: its answer, or NULL.
 */
struct json_object *daemon_ask(struct json_object *request, bool start, struct mpcnet_err *err)
{
	int fd = connect_daemon(start, err);
	struct json_object *answer = fd < 0 ? NULL : exchange(fd, request, err);

	if (fd >= 0)
		close(fd);
	json_object_put(request);
	return answer;
}

/**
 * daemon_hold() - have a session end when we do, in whatever way
 * @session: its name
 * @err: says why not
 *
 * Return: a descriptor, with which the session ends, or -1.
 */
int daemon_hold(const char *session, struct mpcnet_err *err)
{
	struct json_object *request = daemon_request("hold", session), *answer = NULL;
	int fd = connect_daemon(false, err);

	if (fd >= 0)
		answer = exchange(fd, request, err);
	json_object_put(request);
	if (answer) {
		json_object_put(answer);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/**
 * daemon_text() - read a text of an answer
 * @object: the answer, or an object in it
 * @key: the name of the text
 *
 * Return: the text, "" if there is none; it lives as long as @object.
 */
const char *daemon_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return "";
	return json_object_get_string(value);
}
