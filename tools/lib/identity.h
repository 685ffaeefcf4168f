/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_IDENTITY_H
#define MPCNET_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include <linux/mpcnet.h>

#include "err.h"

/* Folders that several parties on one machine have each for themselves */
#define MPCNET_STATEDIR_ENV "MPCNET_STATEDIR"
#define MPCNET_RUNDIR_ENV "MPCNET_RUNDIR"

const char *mpcnet_state_folder(void);
const char *mpcnet_run_folder(void);
int mpcnet_state_path(char *path, size_t room, const char *name, struct mpcnet_err *err);
int mpcnet_identity_path(char *path, size_t room, struct mpcnet_err *err);
int mpcnet_identity_read(uint8_t key[MPCNET_KEY_LEN], struct mpcnet_err *err);
int mpcnet_identity_new(uint8_t key[MPCNET_KEY_LEN], struct mpcnet_err *err);

#endif /* MPCNET_IDENTITY_H */
