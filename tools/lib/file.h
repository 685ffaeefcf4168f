/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_FILE_H
#define MPCNET_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/mpcnet.h>

#include "err.h"
#include "text.h"

int mpcnet_file_read(struct mpcnet_text *text, const char *path, mode_t *mode,
		     struct mpcnet_err *err);
int mpcnet_file_read_key(uint8_t key[MPCNET_KEY_LEN], const char *path, struct mpcnet_err *err);
void mpcnet_file_warn_mode(const char *path, mode_t mode);
int mpcnet_file_write_all(int fd, const char *data, size_t len);
int mpcnet_file_create(const char *path, const char *data, size_t len, struct mpcnet_err *err);
int mpcnet_folder_make(const char *path, struct mpcnet_err *err);
int mpcnet_file_replace(const char *path, const char *data, size_t len, struct mpcnet_err *err);

#endif /* MPCNET_FILE_H */
