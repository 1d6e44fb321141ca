/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partition tables as other tools make them, and as none would. */
#ifndef SLIPWAY_AGENT_TESTS_TABLE_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_TABLE_FIXTURE_H

#include "agent/layout/partition_table.h"

#include "agent/tests/imaging_fixture.h"

#include <fcntl.h>

/* What is the same in the output of sfdisk -d for the same table on another disk. */
#define DUMP "sfdisk -d %s 2> log | grep -vE '^(device|last-lba)' | sed 's/^[^:]*: *start/start/'"

/* Sets an entry of the (extended) boot record in `sector`, and signs it. */
static inline void put_entry(const char *disk, uint32_t sector, unsigned slot, uint8_t type, uint32_t start,
                             uint32_t count)
{
    uint8_t e[16] = {0, 0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff};
    int fd = open(scratch_path(disk), O_RDWR);

    for (unsigned i = 0; i < 4; i++) {
        e[8 + i] = (uint8_t)(start >> 8 * i);
        e[12 + i] = (uint8_t)(count >> 8 * i);
    }
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, e, sizeof(e), (off_t)sector * 512 + 446 + 16 * slot), sizeof(e));
    assert_int_equal(pwrite(fd, "\x55\xaa", 2, (off_t)sector * 512 + 510), 2);
    close(fd);
}

static inline int read_result(const char *disk, struct manifest *m, struct failure *f)
{
    struct disk_io d;
    int result;

    memset(m, 0, sizeof(*m));
    assert_int_equal(disk_io_open(&d, scratch_path(disk), DISK_IO_READ, f), 0);
    result = partition_table_read(&d, m, f);
    disk_io_close(&d);
    return result;
}

static inline void read_table(const char *disk, struct manifest *m)
{
    struct failure f;

    if (read_result(disk, m, &f))
        fail_msg("%s", f.message);
}

static inline void write_table(const char *disk, const struct manifest *m)
{
    struct failure f;
    struct disk_io d;

    assert_int_equal(disk_io_open(&d, scratch_path(disk), DISK_IO_WRITE, &f), 0);
    if (partition_table_write(&d, m, &f))
        fail_msg("%s", f.message);
    disk_io_close(&d);
}

/* The table goes through the text of a manifest, as in an image. */
static inline void through_text(struct manifest *m)
{
    struct failure f;
    char *text;

    strcpy(m->name, "pc");
    m->boot_size = strcmp(m->table, "none") ? 0 : m->disk_size < CHUNK_SIZE ? m->disk_size : CHUNK_SIZE;
    strcpy(m->boot.file, "boot.caibx");
    for (unsigned i = 0; i < m->count; i++)
        snprintf(m->partitions[i].index.file, sizeof(m->partitions[i].index.file), "part%u.caibx",
                 m->partitions[i].number);
    text = manifest_format(m, &f);
    assert_non_null(text);
    if (manifest_parse(text, strlen(text), "pc", m, &f))
        fail_msg("%s", f.message);
    free(text);
}

/* A target with boot code of its own, garbage everywhere else and a table that must not shine through. */
static inline void make_noise(const char *disk, const char *size)
{
    run("rm -f %s; truncate -s %s %s; yes noise | head -c $(stat -c %%s %s) > %s; head -c 440 /dev/urandom > code; dd "
        "if=code of=%s conv=notrunc status=none; dd if=/dev/zero of=%s bs=1 seek=440 count=72 conv=notrunc status=none",
        disk, size, disk, disk, disk, disk, disk);
}

#endif
