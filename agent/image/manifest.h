/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manifest.json: docs/image-format.md. Read from untrusted bytes, with every length, number and name checked. */
#ifndef SLIPWAY_AGENT_MANIFEST_H
#define SLIPWAY_AGENT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/mbr.h"
#include "agent/image/chunk_id.h"
#include "agent/system/system.h"

#define MANIFEST_DISKS 16 /* of one image */
#define MANIFEST_PARTITIONS 128
#define MANIFEST_SIZE_MAX (1024u * 1024u)

/* A file of the image and what it must hash to. */
struct manifest_index {
    char file[64];
    uint8_t sha256[32];
};

struct manifest_partition {
    unsigned number;         /* from 1, unique */
    uint64_t start, size;    /* bytes, whole sectors, more than 0 */
    char type[40], uuid[40]; /* GPT: GUIDs; MBR: "0x83" and "1a2b3c4d-05"; no table: "" */
    char name[160];          /* 36 UTF-16 units as UTF-8 */
    uint64_t attributes;     /* GPT: its bits; MBR: 0x80 for the active partition */
    struct manifest_index index;
    bool has_fs; /* false: nothing was recognised, the next five are empty */
    char fs_type[32], fs_uuid[64], fs_label[256];
    uint64_t fs_used, fs_smallest;
    bool raw;
    char note[256];
};

/* An extended boot record: what leads to a logical partition and to the next record. */
struct manifest_ebr {
    uint64_t start; /* bytes on the disk */
    uint8_t sector[MBR_SIZE];
};

/* The extended partition of an MBR, and all records of the chain in it, in its order. */
struct manifest_extended {
    unsigned number; /* 1 to 4; 0: there is none */
    uint8_t type;    /* 0x05, 0x0f, 0x85 */
    bool active;
    uint64_t start, size; /* bytes */
    unsigned count;
    struct manifest_ebr ebrs[MANIFEST_PARTITIONS];
};

/* One disk. An image of several has the first one's as manifest.json, which lists those of the others. */
struct manifest {
    char name[65];
    char created[32], agent[32];
    char machine[128], uuid[64], mac[32];
    char firmware[16];
    uint64_t disk_size;
    uint32_t sector_size;
    char model[64];
    char table[16];                    /* "gpt", "hybrid" (a GPT whose MBR has partitions, too), "mbr", "none" */
    char disk_uuid[40];                /* GPT: its GUID; MBR: the signature, "1a2b3c4d"; no table: "" */
    uint64_t first_usable, usable_end; /* of a GPT, bytes; 0: not known */
    char note[256];                    /* what was odd about the table; "" */
    uint8_t mbr[MBR_SIZE];             /* the first sector; what is before MBR_CODE_SIZE does not matter */
    struct manifest_extended extended;
    uint64_t used;
    uint64_t boot_size; /* bytes before the first partition, at most 1 MiB; 0: no boot area */
    struct manifest_index boot;
    unsigned further_count; /* disks behind the first; 0 in their own manifests */
    struct manifest_index further[MANIFEST_DISKS - 1];
    unsigned system_count; /* found on this disk; their node, file system and disk are not kept */
    struct system systems[SYSTEMS];
    unsigned count;
    struct manifest_partition partitions[MANIFEST_PARTITIONS]; /* in order of start, not overlapping */
};

/* True for a name that an image may have: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
bool manifest_name_valid(const char *name);

/* The type of a partition of an MBR as a number. */
uint8_t manifest_mbr_type(const struct manifest_partition *p);

/* The names of files of disk `disk`, counted from 0: manifest.json, part3.caibx and boot.caibx for the first one,
 * disk2.json, disk2-part3.caibx and disk2-boot.caibx for the second. `number` 0 names the boot area's index. */
void manifest_file_name(unsigned disk, char ret[64]);
void manifest_index_name(unsigned disk, unsigned number, char ret[64]);

/* Parses `size` bytes that came under the name `name`. Returns 0, or -1 with *f (bad-image) and *ret undefined. The
 * structure is about 190 KiB: keep it off the stack. */
int manifest_parse(const void *json, size_t size, const char *name, struct manifest *ret, struct failure *f);

/* The text of a manifest, malloc'ed, NUL-terminated; NULL with *f (out-of-memory). Bytes that are not UTF-8 become '?'.
 */
char *manifest_format(const struct manifest *m, struct failure *f);

/* Bytes that a disk must have for this image: the end of the last partition and the backup partition table. */
uint64_t manifest_smallest_disk(const struct manifest *m);

#endif
