/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A computer's name in the registry of a Windows that was not generalised. For the child. */
#ifndef SLIPWAY_AGENT_WINDOWS_HOST_NAME_H
#define SLIPWAY_AGENT_WINDOWS_HOST_NAME_H

#include "agent/windows/ntfs_files.h"

/* Writes `name`, for which windows_name_valid() is true, to the SYSTEM hive, in the control set that counts: as it is
 * to Hostname and "NV Hostname" of Tcpip, and in capitals (the NetBIOS name) to ComputerName. ActiveComputerName is
 * Windows' own copy, made at each start. A name that is there already is not written. Returns 0, or -1 with *f. */
int windows_host_name_write(struct ntfs_files *files, const char *name, struct failure *f);

#endif
