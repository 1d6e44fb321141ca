/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scratch directory, commands and file systems for the tests of the imaging engine. */
#ifndef SLIPWAY_AGENT_TESTS_IMAGING_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_IMAGING_FIXTURE_H

/* cmocka makes fail() a macro: it comes after every header of ours. */
#include "agent/fs/block_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/stat.h>

#define SCRATCH_SIZE 64
static char scratch[SCRATCH_SIZE];

/* Runs a shell command in the scratch directory; anything but exit status 0 fails the test. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...)
{
    char command[4096];
    int n = snprintf(command, sizeof(command), "set -e; export PATH=$PATH:/sbin:/usr/sbin; cd %s; ", scratch), status;
    va_list args;

    va_start(args, format);
    vsnprintf(command + n, sizeof(command) - (size_t)n, format, args);
    va_end(args);
    status = system(command);
    if (status)
        fail_msg("exit status %d of: %s", status, command);
}

static inline int scratch_setup(void **state)
{
    (void)state;
    snprintf(scratch, sizeof(scratch), "build/agent/scratch-XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    char command[SCRATCH_SIZE + 16];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", scratch);
    return system(command);
}

static inline const char *scratch_path(const char *name)
{
    static char paths[4][SCRATCH_SIZE + 64];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
    return path;
}

/* A tree of `files` files of growing size, about `files`^2 / 2 * 40 bytes, compressible and all different. */
static inline void make_tree(unsigned files)
{
    run("rm -rf tree; mkdir -p tree/sub/deep; for i in $(seq %u); do d=tree; [ $((i %% 3)) = 0 ] && d=tree/sub/deep; "
        "seq $((i * 7)) $((i * 17)) > $d/file$i.txt; done; ln tree/file1.txt tree/hard.txt",
        files);
}

/* Maps a file that holds one file system, as block_map_read does for a partition. */
static inline void read_map(const char *name, struct block_map *m)
{
    struct failure f;
    struct disk_io d;

    assert_int_equal(disk_io_open(&d, scratch_path(name), DISK_IO_READ, &f), 0);
    assert_int_equal(block_map_read(m, &d, 0, d.size, &f), 0);
    disk_io_close(&d);
}

/* Copies the used bytes alone: what a deploy would leave. */
static inline void copy_used(const char *from, const char *to)
{
    struct block_map m;
    struct failure f;
    struct disk_io in, out;
    uint64_t at = 0, start, end;

    read_map(from, &m);
    run("rm -f %s; truncate -s $(stat -c %%s %s) %s", to, from, to);
    assert_int_equal(disk_io_open(&in, scratch_path(from), DISK_IO_READ, &f), 0);
    assert_int_equal(disk_io_open(&out, scratch_path(to), DISK_IO_WRITE, &f), 0);
    for (; block_map_next(&m, at, in.size, &start, &end); at = end) {
        void *data = malloc((size_t)(end - start));
        assert_int_equal(disk_io_read(&in, start, data, (size_t)(end - start), &f), 0);
        assert_int_equal(disk_io_write(&out, start, data, (size_t)(end - start), &f), 0);
        free(data);
    }
    disk_io_close(&in);
    disk_io_close(&out);
    block_map_free(&m);
}

#endif
