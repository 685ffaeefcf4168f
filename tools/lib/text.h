/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_TEXT_H
#define MPCNET_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct mpcnet_text - text that may be secret: it is wiped wherever it was
 * @data: the bytes and a 0 behind them; NULL if there are none
 * @len: their count, without that 0
 * @room: how many bytes fit, with that 0
 */
struct mpcnet_text {
	char *data;
	size_t len;
	size_t room;
};

bool mpcnet_text_reserve(struct mpcnet_text *text, size_t more);
bool mpcnet_text_add(struct mpcnet_text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void mpcnet_text_free(struct mpcnet_text *text);

#endif /* MPCNET_TEXT_H */
