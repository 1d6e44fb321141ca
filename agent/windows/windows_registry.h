/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of the Windows on an NTFS volume: its hives, and which of its control sets counts. For the child. */
#ifndef SLIPWAY_AGENT_WINDOWS_REGISTRY_H
#define SLIPWAY_AGENT_WINDOWS_REGISTRY_H

#include "agent/windows/hive.h"
#include "agent/windows/ntfs_files.h"

/* Where Windows is on its volume. A drive that is installed elsewhere (%WINDIR%) is not found. */
#define WINDOWS_FOLDER "Windows"

struct windows_registry {
    struct hive_file file;
    struct hive hive;
};

/* Opens the hive `name`, "SYSTEM" or "SOFTWARE". Returns 1, 0: there is none, or -1 with *f. After 1,
 * windows_registry_close. */
int windows_registry_open(struct ntfs_files *files, const char *name, bool writable, struct windows_registry *ret,
                          struct failure *f);

/* What was not committed is dropped. Returns 0, or -1 with *f. */
int windows_registry_close(struct windows_registry *r, struct failure *f);

/* Finds a key of the control set that Windows starts with, Select\Current of the SYSTEM hive. Returns as hive_key_find.
 */
int windows_registry_control(struct windows_registry *r, const char *path, hive_key *ret, struct failure *f);

#endif
