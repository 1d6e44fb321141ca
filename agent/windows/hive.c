/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/windows/hive.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/windows/hive_cell.h"

#define PAGE 4096u
#define HEADER 512u /* the part of the first page that has a checksum */
#define SIZE_MAX_BYTES ((uint64_t)1 << 30)
#define GROWTH (64 * 1024u)

enum { SEQUENCE_1 = 4, SEQUENCE_2 = 8, MAJOR = 20, MINOR = 24, ROOT = 36, BINS = 40, CHECKSUM = 508 };
enum { BIN_OFFSET = 4, BIN_SIZE = 8, BIN_HEADER = 32 };
enum { PAGE_READ = 1, PAGE_CHANGED = 2 };

int hive_damaged(const struct hive *h, struct failure *f, const char *what)
{
    return fail(f, "identity", "the %s hive is damaged: %s", h->name, what);
}

static int load(struct hive *h, size_t from, size_t to, struct failure *f)
{
    for (size_t page = from / PAGE; page * PAGE < to; page++) {
        size_t at = page * PAGE, n = h->size - at < PAGE ? h->size - at : PAGE;
        if (h->pages[page])
            continue;
        if (!h->file->read(h->file->arg, at, h->data + at, n))
            return fail(f, "identity", "cannot read the %s hive", h->name);
        h->pages[page] = PAGE_READ;
    }
    return 0;
}

static void mark_changed(struct hive *h, size_t from, size_t to)
{
    for (size_t page = from / PAGE; page * PAGE < to; page++)
        h->pages[page] = PAGE_READ | PAGE_CHANGED;
}

/* All 32-bit words before it; 0 and -1 are not used. */
static uint32_t checksum(const uint8_t *header)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < CHECKSUM; i += 4)
        sum ^= le32_read(header + i);
    return sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
}

static int check_header(struct hive *h, bool writable, struct failure *f)
{
    const uint8_t *p = h->data;

    if (memcmp(p, "regf", 4))
        return fail(f, "identity", "the %s hive is none: its signature is missing", h->name);
    if (le32_read(p + MAJOR) != 1 || le32_read(p + MINOR) < 3 || le32_read(p + MINOR) > 6)
        return fail(f, "identity", "the %s hive has the unknown version %u.%u", h->name, le32_read(p + MAJOR),
                    le32_read(p + MINOR));
    if (le32_read(p + CHECKSUM) != checksum(p))
        return hive_damaged(h, f, "its checksum is wrong");
    if (writable && le32_read(p + SEQUENCE_1) != le32_read(p + SEQUENCE_2))
        return fail(f, "identity",
                    "the %s hive was not written out completely, changes are still in its log: start Windows once more "
                    "and shut it down",
                    h->name);
    h->bins = le32_read(p + BINS);
    h->root = le32_read(p + ROOT);
    if (h->bins % PAGE || h->bins > h->size - PAGE)
        return hive_damaged(h, f, "it is shorter than it says");
    return 0;
}

int hive_open(struct hive *h, const struct hive_file *file, const char *name, bool writable, struct failure *f)
{
    *h = (struct hive){.file = file, .name = name};
    if (file->size < PAGE || file->size > SIZE_MAX_BYTES)
        return fail(f, "identity", "the %s hive has %llu bytes", name, (unsigned long long)file->size);
    h->size = (size_t)file->size;
    h->capacity = (h->size / PAGE + 1) * PAGE + GROWTH;
    h->data = calloc(h->capacity, 1);
    h->pages = calloc(h->capacity / PAGE, 1);
    if (!h->data || !h->pages)
        return fail(f, "out-of-memory", "no memory for the %s hive", name);
    return load(h, 0, PAGE, f) || check_header(h, writable, f) ? -1 : 0;
}

void hive_close(struct hive *h)
{
    free(h->data);
    free(h->pages);
    h->data = NULL;
    h->pages = NULL;
}

uint8_t *hive_cell(struct hive *h, uint32_t offset, size_t least, size_t *ret_size, struct failure *f)
{
    size_t at = (size_t)PAGE + offset;
    uint32_t size;

    if (offset % 8 || offset >= h->bins || h->bins - offset < 8) {
        hive_damaged(h, f, "an offset points out of it");
        return NULL;
    }
    if (load(h, at, at + 4, f))
        return NULL;
    size = 0 - le32_read(h->data + at); /* of a cell in use: negative */
    if (size > h->bins - offset || size < 8 || size - 4 < least) {
        hive_damaged(h, f, "a cell is free, too short or too long");
        return NULL;
    }
    if (load(h, at, at + size, f))
        return NULL;
    *ret_size = size - 4;
    return h->data + at + 4;
}

void hive_cell_changed(struct hive *h, uint32_t offset)
{
    size_t at = (size_t)PAGE + offset;
    uint32_t size = 0 - le32_read(h->data + at);

    /* In a damaged hive cells overlap, and what was written to another one may be this one's size. */
    mark_changed(h, at, at + (size < h->bins - offset ? size : h->bins - offset));
}

void hive_cell_free(struct hive *h, uint32_t offset)
{
    uint8_t *p = h->data + PAGE + offset;

    hive_cell_changed(h, offset);
    le32_write(p, 0 - le32_read(p));
}

/* A bin behind the others, all of it one free cell. */
static int add_bin(struct hive *h, size_t size, struct failure *f)
{
    size_t at = (size_t)PAGE + h->bins;
    uint8_t *p = h->data + at;

    size = (size + BIN_HEADER + PAGE - 1) / PAGE * PAGE;
    if (size > h->capacity - at)
        return fail(f, "identity", "the %s hive would grow too much", h->name);
    memset(p, 0, size); /* a file may be longer than its bins */
    mark_changed(h, at, at + size);
    memcpy(p, "hbin", 4);
    le32_write(p + BIN_OFFSET, h->bins);
    le32_write(p + BIN_SIZE, (uint32_t)size);
    h->room = h->bins + BIN_HEADER;
    h->room_size = (uint32_t)size - BIN_HEADER;
    le32_write(p + BIN_HEADER, h->room_size);
    h->bins += (uint32_t)size;
    le32_write(h->data + BINS, h->bins);
    mark_changed(h, 0, PAGE);
    if (h->size < PAGE + h->bins)
        h->size = PAGE + h->bins;
    return 0;
}

uint32_t hive_cell_new(struct hive *h, size_t size, struct failure *f)
{
    uint32_t cell = (uint32_t)(size + 4 + 7) / 8 * 8, offset;

    if (cell > h->room_size && add_bin(h, cell, f))
        return HIVE_NONE;
    offset = h->room;
    h->room += cell;
    h->room_size -= cell;
    le32_write(h->data + PAGE + offset, 0 - cell);
    if (h->room_size)
        le32_write(h->data + PAGE + h->room, h->room_size);
    return offset;
}

static int write_header(struct hive *h, unsigned sequence, uint32_t value, struct failure *f)
{
    const struct hive_file *file = h->file;

    le32_write(h->data + sequence, value);
    le32_write(h->data + CHECKSUM, checksum(h->data));
    if (file->flush(file->arg) && file->write(file->arg, 0, h->data, HEADER) && file->flush(file->arg))
        return 0;
    return fail(f, "identity", "cannot write the head of the %s hive", h->name);
}

static int write_pages(struct hive *h, struct failure *f)
{
    for (size_t page = 1; page * PAGE < h->size; page++) {
        size_t at = page * PAGE, n = h->size - at < PAGE ? h->size - at : PAGE;
        if (!(h->pages[page] & PAGE_CHANGED))
            continue;
        if (!h->file->write(h->file->arg, at, h->data + at, n))
            return fail(f, "identity", "cannot write the %s hive", h->name);
        h->pages[page] = PAGE_READ;
    }
    return 0;
}

int hive_commit(struct hive *h, struct failure *f)
{
    uint32_t sequence = le32_read(h->data + SEQUENCE_1) + 1;

    if (!memchr(h->pages, PAGE_READ | PAGE_CHANGED, h->capacity / PAGE))
        return 0;
    h->pages[0] = PAGE_READ;
    if (write_header(h, SEQUENCE_1, sequence, f) || write_pages(h, f) || write_header(h, SEQUENCE_2, sequence, f))
        return -1;
    return 0;
}
