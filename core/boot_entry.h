/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Boot Loader Specification type-1 entry: `title`, `linux`, `initrd` (up to 8), `options` (joined by a space). Paths
 * and URLs are made whole by core/url.h's url_resolve: what is no URL comes from where the entry came from. */
#ifndef SLIPWAY_CORE_BOOT_ENTRY_H
#define SLIPWAY_CORE_BOOT_ENTRY_H

#include "core/base.h"
#include "core/error.h"

#define BOOT_ENTRY_INITRDS 8
#define BOOT_ENTRY_PATH 256
#define BOOT_ENTRY_OPTIONS 2048

struct boot_entry {
    char title[128];
    char linux_path[BOOT_ENTRY_PATH];
    char initrd[BOOT_ENTRY_INITRDS][BOOT_ENTRY_PATH];
    unsigned initrd_count;
    char options[BOOT_ENTRY_OPTIONS];
};

/* True when the boot file's name ends in ".conf" (any case); the query of a URL does not count. */
bool boot_entry_is_conf(const char *path);

/* Parses `size` bytes of `text`, which was loaded as `path`. Unknown keys are ignored (the specification asks for it),
 * comments start with '#'. On failure returns false, fills *ret_error (SLIPWAY_E01 with the line number in
 * `received`) and leaves *ret undefined. `ret` is about 5 KiB: keep it off small stacks. */
bool boot_entry_parse(const char *path, const uint8_t *text, size_t size, struct boot_entry *ret,
                      struct error_detail *ret_error);

#endif
