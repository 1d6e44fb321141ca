/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where libntfs-3g and hives are worked with: a process of its own with limits, so that a volume that crashes it or
 * keeps it busy for ever is a failure with a name and not the end of automation. */
#ifndef SLIPWAY_AGENT_WINDOWS_CHILD_H
#define SLIPWAY_AGENT_WINDOWS_CHILD_H

#include <stddef.h>

#include "agent/base/failure.h"

/* Calls work(arg, result, f) in a child and copies the `size` bytes of `result`, zeros at first, into the caller's. The
 * child has a copy of everything else: it must neither print nor take a lock that another thread may hold. Returns what
 * `work` returned, or -1 with *f (reason "identity"): the child died or took more than `seconds`. What a child wrote
 * that a bad volume misled is as little trusted as the volume: strings in *result may lack their NUL. */
int windows_child_run(int (*work)(void *arg, void *result, struct failure *f), void *arg, void *result, size_t size,
                      unsigned seconds, struct failure *f);

#endif
