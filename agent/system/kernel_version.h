/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_KERNEL_VERSION_H
#define SLIPWAY_AGENT_KERNEL_VERSION_H

/* Which of two kernel versions is newer ("6.1.0-30-amd64"), or of two names that end in them: numbers count as numbers,
 * "rc" and '~' make a version older than the one without (6.2~rc1 and 6.2-rc1 are before 6.2). Below, at or above zero
 * as `a` is older than, like or newer than `b`. */
int kernel_version_compare(const char *a, const char *b);

#endif
