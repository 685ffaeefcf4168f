/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_NUMBER_H
#define MPCNET_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

bool mpcnet_number_parse(uint64_t *value, const char *text, uint64_t min, uint64_t max);
bool mpcnet_number_parse_hex(uint64_t *value, const char *text, uint64_t min, uint64_t max);

#endif /* MPCNET_NUMBER_H */
