/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registry hives in files: an empty one from nothing, filled by hivexregedit. */
#ifndef SLIPWAY_AGENT_TESTS_HIVE_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_HIVE_FIXTURE_H

#include "agent/base/le.h"
#include "agent/windows/hive.h"

#include "agent/tests/imaging_fixture.h"

/* Everybody may do everything: a self-relative security descriptor without owner and list. */
static inline void put_security(uint8_t *cell, uint32_t offset)
{
    le32_write(cell, 0 - 48u);
    memcpy(cell + 4, "sk", 2);
    le32_write(cell + 8, offset); /* the ring of all of them: itself */
    le32_write(cell + 12, offset);
    le32_write(cell + 16, 1);
    le32_write(cell + 20, 20);
    cell[24] = 1;
    le16_write(cell + 26, 0x8000);
}

static inline void put_root(uint8_t *cell, uint32_t security)
{
    static const char name[] = "ROOT";

    le32_write(cell, 0 - 88u);
    memcpy(cell + 4, "nk", 2);
    le16_write(cell + 6, 0x2c); /* the root, not to be deleted, name in ASCII */
    for (unsigned at = 16; at < 52; at += 4)
        le32_write(cell + 4 + at, 0);
    le32_write(cell + 4 + 16, UINT32_MAX);
    le32_write(cell + 4 + 28, UINT32_MAX);
    le32_write(cell + 4 + 32, UINT32_MAX);
    le32_write(cell + 4 + 40, UINT32_MAX);
    le32_write(cell + 4 + 44, security);
    le32_write(cell + 4 + 48, UINT32_MAX);
    le16_write(cell + 4 + 72, sizeof(name) - 1);
    memcpy(cell + 4 + 76, name, sizeof(name) - 1);
}

/* Puts the checksum right. */
static inline void seal_hive(uint8_t *header)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < 508; i += 4)
        sum ^= le32_read(header + i);
    le32_write(header + 508, sum);
}

static inline void make_empty_hive(const char *path)
{
    enum { BIN = 4096, ROOT = 32, SECURITY = ROOT + 88, ROOM = SECURITY + 48 };
    uint8_t *p = calloc(2, 4096);
    FILE *f = fopen(path, "w");

    assert_non_null(p);
    assert_non_null(f);
    memcpy(p, "regf", 4);
    le32_write(p + 4, 1);
    le32_write(p + 8, 1);
    le32_write(p + 20, 1);
    le32_write(p + 24, 5);
    le32_write(p + 32, 1);
    le32_write(p + 36, ROOT);
    le32_write(p + 40, 4096);
    le32_write(p + 44, 1);
    seal_hive(p);
    memcpy(p + BIN, "hbin", 4);
    le32_write(p + BIN + 8, 4096);
    put_root(p + BIN + ROOT, SECURITY);
    put_security(p + BIN + SECURITY, SECURITY);
    le32_write(p + BIN + ROOM, 4096 - ROOM);
    assert_int_equal(fwrite(p, 4096, 2, f), 2);
    assert_int_equal(fclose(f), 0);
    free(p);
}

/* hivexregedit makes no key whose parent is missing. `line`: "[R\\A\\B]". */
static inline void put_parents(FILE *f, const char *line)
{
    size_t length = strcspn(line, "]");

    for (size_t i = 3; i < length; i++)
        if (line[i] == '\\')
            fprintf(f, "%.*s]\r\n\r\n", (int)i, line);
}

/* A hive with these keys and values, in the words of a .reg file below the key "R". */
static inline void make_hive(const char *name, const char *text)
{
    FILE *f = fopen(scratch_path("hive.reg"), "w");

    assert_non_null(f);
    fprintf(f, "Windows Registry Editor Version 5.00\r\n\r\n");
    for (const char *key = strstr(text, "[R"); key; key = strstr(key + 1, "[R"))
        put_parents(f, key);
    fprintf(f, "%s", text);
    assert_int_equal(fclose(f), 0);
    make_empty_hive(scratch_path(name));
    run("hivexregedit --merge --prefix R --encoding UTF-8 %s hive.reg > hivexregedit.log 2>&1", name);
}

static inline bool stdio_read(void *arg, uint64_t at, void *data, size_t size)
{
    return fseek(arg, (long)at, SEEK_SET) == 0 && fread(data, 1, size, arg) == size;
}

static inline bool stdio_write(void *arg, uint64_t at, const void *data, size_t size)
{
    return fseek(arg, (long)at, SEEK_SET) == 0 && fwrite(data, 1, size, arg) == size;
}

static inline bool stdio_flush(void *arg)
{
    return fflush(arg) == 0;
}

/* Where a file's hive is; fclose(ret->arg) afterwards. */
static inline void stdio_hive(const char *name, struct hive_file *ret)
{
    FILE *f = fopen(scratch_path(name), "r+");
    long size;

    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    *ret = (struct hive_file){
        .size = (uint64_t)size, .read = stdio_read, .write = stdio_write, .flush = stdio_flush, .arg = f};
}

#endif
