// SPDX-License-Identifier: GPL-2.0
/*
 * Files that may hold secrets: read without stdio, whose buffers cannot be
 * wiped, and written so that there is never half of one.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key.h"

/* A configuration of 100,000 peers has some 20 MiB. */
#define FILE_MAX_LEN ((size_t)64 << 20)

static int read_fd(struct mpcnet_text *text, int fd)
{
	ssize_t got;

	do {
		if (!mpcnet_text_reserve(text, 4096))
			return -ENOMEM;
		got = read(fd, text->data + text->len, text->room - text->len - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		text->len += got > 0 ? (size_t)got : 0;
		text->data[text->len] = '\0';
		if (text->len > FILE_MAX_LEN)
			return -EFBIG;
	} while (got);
	return 0;
}

/**
 * mpcnet_file_read() - read a whole file
 * @text: gets its contents, which mpcnet_text_free() wipes and frees
 * @path: its name, "-" for standard input
 * @mode: gets its type and permissions; may be NULL
 * @err: says why it cannot be read
 *
 * Return: 0, or -1 and @text is empty.
 */
int mpcnet_file_read(struct mpcnet_text *text, const char *path, mode_t *mode,
		     struct mpcnet_err *err)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	int fd = name == path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	struct stat st;
	int ret;

	*text = (struct mpcnet_text){ 0 };
	if (fd < 0)
		return mpcnet_err_set(err, "cannot open \"%s\": %s", path, strerror(errno));
	ret = fstat(fd, &st) ? -errno : read_fd(text, fd);
	if (fd != STDIN_FILENO)
		close(fd);
	if (ret) {
		mpcnet_text_free(text);
		return mpcnet_err_set(err, "cannot read %s: %s", name, strerror(-ret));
	}
	if (mode)
		*mode = st.st_mode;
	return 0;
}

/**
 * mpcnet_file_warn_mode() - warn of a file of secrets that others can read
 * @path: its name
 * @mode: its type and permissions
 */
void mpcnet_file_warn_mode(const char *path, mode_t mode)
{
	if (S_ISREG(mode) && (mode & (S_IRWXG | S_IRWXO)))
		fprintf(stderr,
			"mpcnetctl: warning: %s holds a secret and others can reach it: chmod 600 %s\n",
			path, path);
}

/**
 * mpcnet_file_read_key() - read one key in base64
 * @key: gets it
 * @path: name of the file, "-" for standard input
 * @err: says why there is none
 *
 * Blanks and the end of the line around the key do not count. Warns if others
 * can read the file.
 *
 * Return: 0, or -1 and @key is zero.
 */
int mpcnet_file_read_key(uint8_t key[MPCNET_KEY_LEN], const char *path, struct mpcnet_err *err)
{
	struct mpcnet_text text;
	size_t start, len;
	mode_t mode;
	int ret = 0;

	memset(key, 0, MPCNET_KEY_LEN);
	if (mpcnet_file_read(&text, path, &mode, err))
		return -1;
	start = strspn(text.data, " \t\r\n");
	for (len = text.len; len > start && strchr(" \t\r\n", text.data[len - 1]); len--)
		;
	if (!mpcnet_key_from_text(key, text.data + start, len - start)) {
		explicit_bzero(key, MPCNET_KEY_LEN);
		ret = mpcnet_err_set(err, "%s holds no key: expected 44 characters of base64",
				     strcmp(path, "-") ? path : "standard input");
	} else if (strcmp(path, "-")) {
		mpcnet_file_warn_mode(path, mode);
	}
	mpcnet_text_free(&text);
	return ret;
}

/**
 * mpcnet_file_write_all() - write without a buffer that stays behind
 * @fd: where to
 * @data: what
 * @len: bytes of it
 *
 * Return: 0, or -errno.
 */
int mpcnet_file_write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

/* Make the new name last through a loss of power. */
static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot sync a folder, and say EINVAL. */
	ret = fsync(fd) && errno != EINVAL ? -errno : 0;
	close(fd);
	return ret;
}

static int write_temp(const char *temp, const char *data, size_t len)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = mpcnet_file_write_all(fd, data, len);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(temp);
	return ret;
}

static int temp_name(char temp[PATH_MAX], const char *path)
{
	int len = snprintf(temp, PATH_MAX, "%s.%ld.tmp", path, (long)getpid());

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* link() leaves alone what is there already, rename() takes its place. */
static int write_file(const char *path, const char *data, size_t len,
		      int (*place)(const char *from, const char *to))
{
	char temp[PATH_MAX];
	int ret = temp_name(temp, path);

	if (ret)
		return ret;
	ret = write_temp(temp, data, len);
	if (ret)
		return ret;
	if (place(temp, path))
		ret = -errno;
	unlink(temp);
	return ret ? ret : sync_folder(path);
}

/**
 * mpcnet_file_create() - write a new file of mode 0600, whole or not at all
 * @path: its name
 * @data: its contents
 * @len: bytes of them
 * @err: says why not
 *
 * Return: 0, or -1: also if there is such a file, which stays as it is.
 */
int mpcnet_file_create(const char *path, const char *data, size_t len, struct mpcnet_err *err)
{
	int ret = write_file(path, data, len, link);

	if (ret == -EEXIST)
		return mpcnet_err_set(err, "\"%s\" exists: remove the file first", path);
	if (ret)
		return mpcnet_err_set(err, "cannot write \"%s\": %s", path, strerror(-ret));
	return 0;
}

/**
 * mpcnet_file_replace() - write a file of mode 0600 in the place of an old one
 * @path: its name
 * @data: its contents
 * @len: bytes of them
 * @err: says why not
 *
 * Return: 0, or -1 and the old one is still there.
 */
int mpcnet_file_replace(const char *path, const char *data, size_t len, struct mpcnet_err *err)
{
	int ret = write_file(path, data, len, rename);

	if (ret)
		return mpcnet_err_set(err, "cannot write \"%s\": %s", path, strerror(-ret));
	return 0;
}

/**
 * mpcnet_folder_make() - make a folder of our own, unless it is there
 * @path: its name
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int mpcnet_folder_make(const char *path, struct mpcnet_err *err)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	return mpcnet_err_set(err, "cannot make the folder \"%s\": %s", path, strerror(errno));
}
