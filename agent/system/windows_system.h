/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Windows is on an NTFS partition. */
#ifndef SLIPWAY_AGENT_WINDOWS_SYSTEM_H
#define SLIPWAY_AGENT_WINDOWS_SYSTEM_H

#include "agent/system/system.h"

/* Looks, in a child, at the volume on `node`; writes nothing, so a volume that is hibernated or dirty is looked at too.
 * Fills what *ret says of the system itself (kind, name, id, version, edition, arch, sysprepped) when *ret_found.
 * "Sysprepped": generalised by sysprep and waiting for its first start. Returns 0, or -1 with *f (reason "identity"):
 * the volume cannot be read, or its registry. */
int windows_system_find(const char *node, struct system *ret, bool *ret_found, struct failure *f);

#endif
