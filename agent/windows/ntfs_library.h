/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libntfs-3g's headers, which want to be told by a configure script what the C library has. */
#ifndef SLIPWAY_AGENT_NTFS_LIBRARY_H
#define SLIPWAY_AGENT_NTFS_LIBRARY_H

#include <sys/types.h>

#define HAVE_STDARG_H 1
#define HAVE_STDDEF_H 1
#define HAVE_STDINT_H 1
#define HAVE_STDIO_H 1
#define HAVE_STDLIB_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_TIME_H 1

#include <ntfs-3g/volume.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/security.h>

#endif
