/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One kernel module's file: as Debian packs it, or the zstd frame that the initramfs carries. */
#ifndef SLIPWAY_AGENT_MODULE_FILE_H
#define SLIPWAY_AGENT_MODULE_FILE_H

#include "agent/base/buffer.h"

/* Reads the module at `path`, at most 64 MiB, into *ret; one whose name ends in ".zst" is decompressed. Returns 0, or an
 * errno value: EBADMSG when it is no single zstd frame that names its size, EFBIG when it is larger. *ret is the
 * caller's in any case. */
int module_file_read(const char *path, struct buffer *ret);

/* Hands the module at `path` to the kernel. Returns 0, or an errno value: those of module_file_read and of
 * init_module(2). */
int module_file_load(const char *path);

#endif
