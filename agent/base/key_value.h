/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_KEY_VALUE_H
#define SLIPWAY_AGENT_KEY_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of `key` in lines "key = value" (blanks do not matter, '#' begins a line that is a comment, the last one
 * counts). `text` is NUL-terminated. Returns false, *ret untouched, when it is missing or does not fit. */
bool key_value_get(const char *text, const char *key, char *ret, size_t size);

#endif
