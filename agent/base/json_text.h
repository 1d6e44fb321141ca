/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_JSON_TEXT_H
#define SLIPWAY_AGENT_JSON_TEXT_H

#include <jansson.h>

/* A string of any bytes (a label from a disk, a path) as JSON, which may hold UTF-8 only: in a text that is not, all
 * bytes but ASCII become '?', and no more than 511 are kept. NULL when out of memory. */
json_t *json_text(const char *s);

#endif
