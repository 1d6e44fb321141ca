/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of NTFS's own files, however it is spread: resident, in runs, over several MFT records. */
#ifndef SLIPWAY_AGENT_NTFS_STREAM_H
#define SLIPWAY_AGENT_NTFS_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "agent/fs/ntfs_volume.h"

/* Makes n->records readable: $MFT describes itself. Returns 0, or -1 with a doubt; ntfs_stream_free(&n->records) in
 * both cases. */
int ntfs_stream_open_mft(struct ntfs *n);

/* Finds the unnamed attribute `type` of MFT record `number`. Returns 0, or -1 with a doubt: it is not there, its parts
 * do not join, or it is compressed or encrypted. ntfs_stream_free in both cases. */
int ntfs_stream_open(struct ntfs *n, uint64_t number, uint32_t type, struct ntfs_stream *ret);

/* Reads within s->size. Holes, and what lies behind s->initialized, are zeros. Returns 0, or -1 with a doubt. */
int ntfs_stream_read(const struct ntfs *n, const struct ntfs_stream *s, uint64_t offset, void *buffer, size_t size);

/* Reads an MFT record that is in use into n->record_size bytes, fixups done. Returns 0, or -1 with a doubt. */
int ntfs_record_read(const struct ntfs *n, uint64_t number, uint8_t *record);

void ntfs_stream_free(struct ntfs_stream *s);

#endif
