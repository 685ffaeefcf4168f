/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_DAEMON_H
#define MPCNETCTL_DAEMON_H

#include <stdbool.h>

#include <json-c/json.h>

#include "err.h"

struct json_object *daemon_ask(struct json_object *request, bool start, struct mpcnet_err *err);
int daemon_hold(const char *session, struct mpcnet_err *err);
struct json_object *daemon_request(const char *verb, const char *session);
const char *daemon_text(struct json_object *object, const char *key);

#endif /* MPCNETCTL_DAEMON_H */
