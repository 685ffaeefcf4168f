// SPDX-License-Identifier: GPL-2.0
/* Formats that are arguments: one a line. */
#include "format.h"

/**
 * format_mpyc() - arguments of a program of MPyC
 * @text: gets them
 * @view: the session
 * @file: none
 *
 * Its own address is there like all others: -I says which it is.
 *
 * Return: false without memory.
 */
bool format_mpyc(struct mpcnet_text *text, const struct session_view *view, const char *file)
{
	bool done = mpcnet_text_add(text, "-M\n%u\n-I\n%u\n", view->count, view->self);

	(void)file;
	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "-P\n%s:%u\n", view->parties[i].address,
				       view_port(view, i));
	return done;
}

/**
 * format_mp_spdz() - arguments of a virtual machine of MP-SPDZ
 * @text: gets them
 * @view: the session
 * @file: of format_mp_spdz_file()
 *
 * -N is not among them: machines for a fixed number of parties refuse it.
 *
 * Return: false without memory.
 */
bool format_mp_spdz(struct mpcnet_text *text, const struct session_view *view, const char *file)
{
	return mpcnet_text_add(text, "--ip-file-name\n%s\n-p\n%u\n", file, view->self);
}

/**
 * format_motion() - arguments of a program of MOTION
 * @text: gets them
 * @view: the session
 * @file: none
 *
 * Return: false without memory.
 */
bool format_motion(struct mpcnet_text *text, const struct session_view *view, const char *file)
{
	bool done = mpcnet_text_add(text, "--my-id\n%u\n--parties\n", view->self);

	(void)file;
	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "%u,%s,%u\n", i, view->parties[i].address,
				       view_port(view, i));
	return done;
}

/**
 * format_emp() - arguments of a program of EMP
 * @text: gets them
 * @view: the session
 * @file: none
 *
 * It counts parties from 1 and takes one port for all, from which it derives
 * others itself.
 *
 * Return: false without memory.
 */
bool format_emp(struct mpcnet_text *text, const struct session_view *view, const char *file)
{
	(void)file;
	return mpcnet_text_add(text, "%u\n%u\n", view->self + 1, view->port);
}

/**
 * format_fresco() - arguments of a program of FRESCO
 * @text: gets them
 * @view: the session
 * @file: none
 *
 * It counts parties from 1.
 *
 * Return: false without memory.
 */
bool format_fresco(struct mpcnet_text *text, const struct session_view *view, const char *file)
{
	bool done = mpcnet_text_add(text, "-i\n%u\n", view->self + 1);

	(void)file;
	for (unsigned int i = 0; done && i < view->count; i++)
		done = mpcnet_text_add(text, "-p\n%u:%s:%u\n", i + 1, view->parties[i].address,
				       view_port(view, i));
	return done;
}
