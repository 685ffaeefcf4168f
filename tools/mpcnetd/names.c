// SPDX-License-Identifier: GPL-2.0
/*
 * The block of a session in /etc/hosts. The file is written where it is: another
 * in its place would not be seen through a mount of it, and the sandbox of
 * mpcnetd.service lets nothing else be written in /etc.
 */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "identity.h"
#include "log.h"

#define HOSTS "/etc/hosts"
/* Lists that keep advertisements away have some 10 MiB. */
#define HOSTS_MAX_LEN ((size_t)64 << 20)
/* A helper holds the lock for milliseconds: whoever does for longer is none. */
#define LOCK_TRIES 100
#define OPEN_TRIES 10
#define LOCK_PAUSE (10 * 1000 * 1000)

/* An open hosts file. */
struct hosts_file {
	int fd;
	bool made;
	struct mpcnet_text text;
};

/* Anyone who may read the file may lock it, and must not stop us by that. */
static void lock(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE };

	for (unsigned int i = 0; i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB); i++)
		nanosleep(&pause, NULL);
}

/* Has nobody removed the file before we got the lock? */
static bool is_still_it(int fd)
{
	struct stat ours, now;

	return !fstat(fd, &ours) && !stat(HOSTS, &now) && ours.st_dev == now.st_dev &&
	       ours.st_ino == now.st_ino;
}

static int open_or_make(bool make, bool *made)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(HOSTS, flags);

	*made = false;
	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	fd = open(HOSTS, flags | O_CREAT, 0644);
	/* All may read it, whatever the umask. */
	*made = fd >= 0 && !fchmod(fd, 0644);
	return fd;
}

static int read_all(struct hosts_file *file)
{
	struct mpcnet_text *text = &file->text;
	ssize_t got;

	do {
		if (!mpcnet_text_reserve(text, 65536))
			return -ENOMEM;
		got = pread(file->fd, text->data + text->len, 65536, (off_t)text->len);
		if (got < 0 && errno != EINTR)
			return -errno;
		text->len += got > 0 ? (size_t)got : 0;
		if (text->len > HOSTS_MAX_LEN)
			return -EFBIG;
	} while (got);
	return 0;
}

static void close_file(struct hosts_file *file)
{
	mpcnet_text_free(&file->text);
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* Opens, locks and reads it: 0, or -errno and it is closed. */
static int open_file(struct hosts_file *file, bool make)
{
	struct stat st;
	int ret;

	*file = (struct hosts_file){ .fd = -1 };
	for (unsigned int i = 0; i < OPEN_TRIES && (file->fd < 0 || !is_still_it(file->fd)); i++) {
		close_file(file);
		file->fd = open_or_make(make, &file->made);
		if (file->fd < 0)
			return -errno;
		lock(file->fd);
	}
	if (fstat(file->fd, &st))
		ret = -errno;
	else
		ret = S_ISREG(st.st_mode) ? read_all(file) : -EINVAL;
	if (ret)
		close_file(file);
	return ret;
}

static int write_at(int fd, const char *data, size_t len, size_t at)
{
	while (len) {
		ssize_t done = pwrite(fd, data, len, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		at += (size_t)done;
		len -= (size_t)done;
	}
	return 0;
}

static size_t same_start(const struct mpcnet_text *a, const struct mpcnet_text *b)
{
	size_t len = a->len < b->len ? a->len : b->len, same = 0;

	while (same < len && a->data[same] == b->data[same])
		same++;
	return same;
}

/* Only from where it differs: what is before is in no danger. */
static int write_text(const struct hosts_file *file, const struct mpcnet_text *text)
{
	size_t same = same_start(&file->text, text);
	int ret = write_at(file->fd, text->data + same, text->len - same, same);

	if (!ret && ftruncate(file->fd, (off_t)text->len))
		ret = -errno;
	/* A disk that is full has no room for what is new, but for what was there. */
	if (ret && !write_at(file->fd, file->text.data + same, file->text.len - same, same) &&
	    ftruncate(file->fd, (off_t)file->text.len))
		log_error("%s: %s", HOSTS, strerror(errno));
	return ret;
}

/* The target of a symbolic link, if it is one. */
static int remove_file(void)
{
	char *path = realpath(HOSTS, NULL);
	int ret = path && !unlink(path) ? 0 : -errno;

	free(path);
	return ret;
}

static int finish(struct hosts_file *file, struct hostsblock_edit *edit)
{
	int ret = 0;

	/* What others have mounted stays, and is empty. */
	if (edit->gone && !remove_file())
		edit->changed = false;
	if (edit->changed)
		ret = write_text(file, &edit->text);
	mpcnet_text_free(&edit->text);
	return ret;
}

static int check(const char *session, const char *interface, const struct names_entry *entries,
		 unsigned int count, struct mpcnet_err *err)
{
	if (!*session || !card_name_is_valid(session) || !*interface)
		return mpcnet_err_set(err, "\"%.64s\" is no name of a session", session);
	for (unsigned int i = 0; i < count; i++) {
		if (entries[i].name && !card_name_is_valid(entries[i].name))
			return mpcnet_err_set(err, "the name of party %u is none for a party",
					      entries[i].index);
	}
	return 0;
}

/**
 * names_up() - put the names of a session's parties into /etc/hosts
 * @session: its name
 * @interface: its interface
 * @entries: the parties
 * @count: how many
 * @err: says why not
 *
 * Takes the place of what was there of the session.
 *
 * Return: 0; or -1, and the file is as it was.
 */
int names_up(const char *session, const char *interface, const struct names_entry *entries,
	     unsigned int count, struct mpcnet_err *err)
{
	const struct hostsblock_key key = { session, interface, mpcnet_run_folder() };
	struct hostsblock_edit edit;
	struct hosts_file file;
	int ret;

	if (check(session, interface, entries, count, err))
		return -1;
	ret = open_file(&file, true);
	if (!ret) {
		ret = -ENOMEM;
		if (hostsblock_add(&edit, file.text.data, file.text.len, &key, entries, count,
				   file.made))
			ret = finish(&file, &edit);
		if (ret && file.made)
			remove_file();
		close_file(&file);
	}
	if (ret == -EINVAL)
		return mpcnet_err_set(err, HOSTS " is no file: the parties have no names");
	if (ret)
		return mpcnet_err_set(err, "cannot put the parties' names into " HOSTS ": %s",
				      strerror(-ret));
	return 0;
}

static void take_out(hostsblock_match match, void *arg)
{
	struct hostsblock_edit edit;
	struct hosts_file file;
	int ret = open_file(&file, false);

	if (!ret) {
		ret = -ENOMEM;
		if (hostsblock_remove(&edit, file.text.data, file.text.len, match, arg))
			ret = finish(&file, &edit);
		close_file(&file);
	}
	/* Where names could not be put there are none: a file that is not there, or read-only. */
	if (ret && ret != -ENOENT && ret != -EROFS && ret != -EINVAL)
		log_error("cannot take names out of " HOSTS ": %s", strerror(-ret));
}

/**
 * names_down() - take the names of a session out of /etc/hosts
 * @session: its name
 * @interface: its interface
 *
 * The rest of the file is then what it was, byte for byte.
 */
void names_down(const char *session, const char *interface)
{
	struct hostsblock_key key = { session, interface, mpcnet_run_folder() };

	take_out(hostsblock_is, &key);
}

/* What names_sweep() asks of each block. */
struct sweep {
	bool (*is_alive)(const char *session, const char *interface);
};

static bool is_left_over(const struct hostsblock_key *key, void *arg)
{
	const struct sweep *sweep = arg;

	return !strcmp(key->rundir, mpcnet_run_folder()) &&
	       !(sweep->is_alive && sweep->is_alive(key->session, key->interface));
}

/**
 * names_sweep() - take out what a helper that died has left in /etc/hosts
 * @is_alive: is there such a session? NULL: there is none
 *
 * Only of this run folder: what helpers of others do is not known here.
 */
void names_sweep(bool (*is_alive)(const char *session, const char *interface))
{
	struct sweep sweep = { is_alive };

	take_out(is_left_over, &sweep);
}
