/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A registry hive of Windows (regf 1.3 to 1.6), read and changed from outside. Only what is asked for is read, only
 * what was changed is written, in place. The layout is that of Maxim Suhanov's "Windows registry file format
 * specification". Nothing in a hive is trusted. */
#ifndef SLIPWAY_AGENT_HIVE_H
#define SLIPWAY_AGENT_HIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

/* Where a hive is. Each returns whether it could. */
struct hive_file {
    uint64_t size; /* bytes */
    bool (*read)(void *arg, uint64_t at, void *data, size_t size);
    bool (*write)(void *arg, uint64_t at, const void *data, size_t size); /* may make it longer */
    bool (*flush)(void *arg);
    void *arg;
};

/* A key, for hive_key_* and hive_value_*: where it lies. */
typedef uint32_t hive_key;

struct hive {
    const struct hive_file *file;
    const char *name; /* for messages */
    uint8_t *data;    /* the file, as far as it was read */
    uint8_t *pages;   /* what is known of each of its pages */
    size_t size;      /* bytes of the file */
    size_t capacity;  /* bytes that `data` can grow to */
    uint32_t bins;    /* bytes of all bins, which begin behind the first page */
    hive_key root;
    uint32_t room, room_size; /* the free cell in a bin that was added, 0: none */
};

/* `file` and `name` must outlive *h. `writable` asks for a hive that was written out completely. Returns 0, or -1 with
 * *f (reason "identity"). hive_close() in both cases. */
int hive_open(struct hive *h, const struct hive_file *file, const char *name, bool writable, struct failure *f);

/* Drops what was not committed. */
void hive_close(struct hive *h);

/* Writes what was changed: a hive that is only half written says so by its two sequence numbers. Nothing changed:
 * nothing is written. Returns 0, or -1 with *f. */
int hive_commit(struct hive *h, struct failure *f);

/* Goes down from the root by names of ASCII letters, '\' between them, whatever their case. Returns 1 with *ret, 0:
 * there is no such key, -1 with *f: the hive is damaged. */
int hive_key_find(struct hive *h, const char *path, hive_key *ret, struct failure *f);

/* Reads a string (REG_SZ, REG_EXPAND_SZ) as UTF-8, cut to what fits, or a number (REG_DWORD). Returns as above, 0 also
 * for a value of another type; *ret is then "" or 0. */
int hive_value_text(struct hive *h, hive_key key, const char *name, char *ret, size_t size, struct failure *f);
int hive_value_number(struct hive *h, hive_key key, const char *name, uint32_t *ret, struct failure *f);

/* Makes the value a string, REG_SZ, whatever it was; adds it when it is not there. `text`: UTF-8, 255 characters at
 * most. Returns 0, or -1 with *f. */
int hive_value_set_text(struct hive *h, hive_key key, const char *name, const char *text, struct failure *f);

#endif
