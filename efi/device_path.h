/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device paths: chains of nodes that say where a device or a file is. */
#ifndef SLIPWAY_EFI_DEVICE_PATH_H
#define SLIPWAY_EFI_DEVICE_PATH_H

#include <efi.h>

#include "core/base.h"
#include "core/text.h"

/* Bytes of the path, its end node included. `max` bounds untrusted ones (SIZE_MAX: trust it); 0: malformed. */
size_t device_path_size(const EFI_DEVICE_PATH *path, size_t max);

/* The first node of that kind, NULL when there is none. The path must be well-formed. */
const EFI_DEVICE_PATH *device_path_find(const EFI_DEVICE_PATH *path, uint8_t type, uint8_t subtype);

/* The order of two well-formed paths: node by node, PCI devices before their functions, the shorter path first. Below,
 * at or above zero as `a` comes before, with or after `b`. */
int device_path_compare(const EFI_DEVICE_PATH *a, const EFI_DEVICE_PATH *b);

/* `path` lies below the device that `prefix` names, which has at least one node. Both are well-formed. */
bool device_path_begins_with(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *prefix);

/* The path of a file on a device; '/' in `file` becomes '\'. Freed with system_free; NULL without memory. A device
 * without a path gives a path of the file alone. */
EFI_DEVICE_PATH *device_path_of_file(EFI_HANDLE device, const char *file);

/* The path of `device` followed by the nodes of `rest`. Freed with system_free; NULL without memory. */
EFI_DEVICE_PATH *device_path_join(EFI_HANDLE device, const EFI_DEVICE_PATH *rest);

/* Appends the path in the firmware's notation, or nothing when the firmware has none. */
void device_path_text(struct text *t, EFI_DEVICE_PATH *path);

/* Appends UCS-2 text from firmware or disk, at most `max` characters; what is not printable ASCII becomes '?'. */
void device_path_text16(struct text *t, const CHAR16 *s, size_t max);

#endif
