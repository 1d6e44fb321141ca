/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operating systems on the partitions of a disk or of several. Disks are not trusted: file systems are mounted without
 * devices and set-user-ID programs, and all that is read of them is bounded. */
#ifndef SLIPWAY_AGENT_SYSTEM_H
#define SLIPWAY_AGENT_SYSTEM_H

#include <stdbool.h>

#include "agent/base/failure.h"

#define SYSTEMS 16

enum system_kind { SYSTEM_LINUX, SYSTEM_WINDOWS };

struct system {
    enum system_kind kind;
    char name[128];                         /* PRETTY_NAME of os-release(5), or "Windows 10 Pro" */
    char id[64];                            /* "debian"; "windows" */
    char version[64];                       /* "12"; "10.0.19045" */
    char edition[64];                       /* os-release's VARIANT; "Professional" */
    char arch[16];                          /* "x86_64", "i386", "aarch64", ...; "" not known */
    unsigned disk;                          /* where its root is, from 0 */
    unsigned partition;                     /* in that disk's table, from 1 */
    char subvolume[128];                    /* btrfs: its path; "": the default one */
    char volume[128];                       /* LVM: "group/volume"; "" */
    char node[96], fs_type[32];             /* device node of its root and the file system there */
    unsigned boot_partition, esp_partition; /* /boot and the ESP by its own fstab, on the same disk; 0: none */
    bool sysprepped;                        /* Windows: generalised, it waits for its first start */
};

struct system_list {
    unsigned count;
    struct system list[SYSTEMS];
};

/* Partitions to look at, as device nodes. Entry i of each array belongs to the same one. */
struct system_partitions {
    unsigned count;
    const char *const *nodes;
    const char *const *fs_types;   /* as libblkid names them, "" for none */
    const unsigned *numbers;       /* in their table; NULL: 1, 2, 3, ... */
    const unsigned *disks;         /* from 0; NULL: all on one disk */
    const char *const *part_uuids; /* of their entries, for PARTUUID= in fstab(5); NULL: not known */
    const char *const *volumes;    /* of logical volumes, "group/volume"; "" and NULL: none (agent/system/system_volumes.h) */
};

/* Looks for systems and writes nothing, not even a journal's replay. Returns 0 with up to SYSTEMS systems, or -1 with
 * *f (reason "identity") when a file system could not be looked at; what was found elsewhere is there all the same. */
int systems_find(const struct system_partitions *p, struct system ret[SYSTEMS], unsigned *ret_count, struct failure *f);

/* Mounts a Linux system at a new folder, and inside it what its own fstab(5) mounts of the same partitions (/boot, the
 * ESP, /usr, /var, /home, ...; btrfs subvolumes). Not `writable`: as systems_find looks. A partition of the table that
 * is not among `p` is left out; an ESP that cannot be mounted is a line on the console. Paths below the folder are the
 * system's: use tree.h, never the path itself. Returns 0, or -1 with *f ("identity") and nothing mounted. */
int system_mount(const struct system *s, const struct system_partitions *p, bool writable, char ret_folder[64],
                 struct failure *f);

/* Flushes, unmounts and removes the folder. Returns 0, or -1 with *f ("identity"). */
int system_unmount(const char *folder, struct failure *f);

/* Number and disk of partition `i`. */
unsigned system_partition_number(const struct system_partitions *p, unsigned i);
unsigned system_partition_disk(const struct system_partitions *p, unsigned i);

#endif
