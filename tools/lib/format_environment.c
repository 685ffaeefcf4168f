// SPDX-License-Identifier: GPL-2.0
/* Formats that are variables of the environment: NAME=VALUE, one a line. */
#include "format.h"

/* A list of what @item makes of each party */
static bool list(struct mpcnet_text *text, const char *name, const struct session_view *view,
		 bool (*item)(struct mpcnet_text *text, const struct session_view *view,
			      unsigned int party))
{
	bool done = mpcnet_text_add(text, "%s=", name);

	for (unsigned int i = 0; done && i < view->count; i++)
		done = (!i || mpcnet_text_add(text, ",")) && item(text, view, i);
	return done && mpcnet_text_add(text, "\n");
}

static bool name_of(struct mpcnet_text *text, const struct session_view *view, unsigned int party)
{
	return mpcnet_text_add(text, "%s", view->parties[party].name);
}

static bool address_of(struct mpcnet_text *text, const struct session_view *view,
		       unsigned int party)
{
	return mpcnet_text_add(text, "%s", view->parties[party].address);
}

static bool address6_of(struct mpcnet_text *text, const struct session_view *view,
			unsigned int party)
{
	return mpcnet_text_add(text, "%s", view->parties[party].address6);
}

static bool host_of(struct mpcnet_text *text, const struct session_view *view, unsigned int party)
{
	return mpcnet_text_add(text, "%s:%u", view->parties[party].address, view_port(view, party));
}

/**
 * format_env() - the variables that every command gets
 * @text: gets them
 * @view: the session
 *
 * Return: false without memory.
 */
bool format_env(struct mpcnet_text *text, const struct session_view *view)
{
	return mpcnet_text_add(text,
			       "MPCNET_SESSION=%s\nMPCNET_PARTIES=%u\nMPCNET_INDEX=%u\n"
			       "MPCNET_ADDRESS=%s\nMPCNET_PORT=%u\nMPCNET_INTERFACE=%s\n",
			       view->session, view->count, view->self,
			       view->parties[view->self].address, view_port(view, view->self),
			       view->interface) &&
	       list(text, "MPCNET_NAMES", view, name_of) &&
	       list(text, "MPCNET_ADDRESSES", view, address_of) &&
	       list(text, "MPCNET_ADDRESSES6", view, address6_of) &&
	       list(text, "MPCNET_HOSTS", view, host_of);
}

/**
 * format_crypten() - the variables of CrypTen and of torch.distributed
 * @text: gets them
 * @view: the session
 *
 * Party 0 holds the store by which the others find each other. Gloo has to be
 * told the interface: it would take that of the machine's name.
 *
 * Return: false without memory.
 */
bool format_crypten(struct mpcnet_text *text, const struct session_view *view)
{
	return mpcnet_text_add(text,
			       "WORLD_SIZE=%u\nRANK=%u\nMASTER_ADDR=%s\nMASTER_PORT=%u\n"
			       "RENDEZVOUS=env://\nDISTRIBUTED_BACKEND=gloo\n"
			       "GLOO_SOCKET_IFNAME=%s\n",
			       view->count, view->self, view->parties[0].address, view->port,
			       view->interface);
}

/**
 * format_emp_env() - the other of two parties, for a program of EMP
 * @text: gets it
 * @view: the session
 *
 * Return: false without memory.
 */
bool format_emp_env(struct mpcnet_text *text, const struct session_view *view)
{
	if (view->count != 2)
		return true;
	return mpcnet_text_add(text, "MPCNET_PEER=%s\n", view->parties[!view->self].address);
}
