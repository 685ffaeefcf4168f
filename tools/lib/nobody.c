// SPDX-License-Identifier: GPL-2.0
#include "nobody.h"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NOBODY 65534

/**
 * mpcnet_become_nobody() - give up what root may, for good
 *
 * For a process that reads what strangers send. In a namespace without that user
 * it stays who it is; where it may not change, it ends.
 */
void mpcnet_become_nobody(void)
{
	if (!geteuid() && !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	    setresuid(NOBODY, NOBODY, NOBODY) && !geteuid())
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
