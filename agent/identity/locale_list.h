/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_LOCALE_LIST_H
#define SLIPWAY_AGENT_LOCALE_LIST_H

#include <stdbool.h>

/* Whether the system at `root` (a descriptor; agent/base/tree.h) has the definition of a locale such as "de_DE.UTF-8": in
 * glibc's locale-archive, or in a folder of its own. True also where nobody can tell: a system without /usr/lib/locale,
 * or an archive that makes no sense. */
bool locale_list_has(int root, const char *locale);

#endif
