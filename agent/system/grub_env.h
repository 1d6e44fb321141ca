/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRUB's environment block: lines "name=value" of at most 1024 bytes in all, filled up with '#'. */
#ifndef SLIPWAY_AGENT_GRUB_ENV_H
#define SLIPWAY_AGENT_GRUB_ENV_H

#include <stdbool.h>
#include <stddef.h>

#define GRUB_ENV_LIMIT 16384 /* bytes that are read of one */

/* The value of `name` in `env` (NUL-terminated, "" for none), without its escapes. Returns false, *ret "", when it is
 * missing or does not fit. */
bool grub_env_get(const char *env, const char *name, char *ret, size_t size);

/* Copies `text` with $name and ${name} replaced by their values, by nothing where they have none. `\$` is a dollar
 * sign. Returns false when the result does not fit; values are not expanded again. */
bool grub_env_expand(const char *env, const char *text, char *ret, size_t size);

#endif
