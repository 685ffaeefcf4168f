/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_ERR_H
#define MPCNET_ERR_H

/**
 * struct mpcnet_err - why something was refused
 * @text: one sentence for a person: what was wrong and how to mend it
 */
struct mpcnet_err {
	char text[512];
};

int mpcnet_err_set(struct mpcnet_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int mpcnet_err_prefix(struct mpcnet_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* MPCNET_ERR_H */
