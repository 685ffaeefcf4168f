/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETD_LOG_H
#define MPCNETD_LOG_H

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* MPCNETD_LOG_H */
