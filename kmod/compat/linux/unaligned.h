/* SPDX-License-Identifier: GPL-2.0 */
/* asm/unaligned.h before 6.12 */
#ifdef HAVE_LINUX_UNALIGNED_H
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif
