/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A registry hive of any bytes: the input is its bins, the root key in the first cell; the head is made here. What
 * Windows' identity reads is read, what it sets is set, and what was written is opened again. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/windows/hive.h"

#define HEAD 4096u
#define INPUT_MAX (64 * 1024u)
#define ROOM (128 * 1024u) /* for the bins that are added */
#define ROOT 32

static uint8_t bytes[HEAD + INPUT_MAX + ROOM];

static bool read_bytes(void *arg, uint64_t at, void *data, size_t size)
{
    (void)arg;
    if (at > sizeof(bytes) || size > sizeof(bytes) - at)
        abort();
    memcpy(data, bytes + at, size);
    return true;
}

static bool write_bytes(void *arg, uint64_t at, const void *data, size_t size)
{
    struct hive_file *file = arg;

    if (at > sizeof(bytes) || size > sizeof(bytes) - at)
        abort();
    memcpy(bytes + at, data, size);
    if (at + size > file->size)
        file->size = at + size;
    return true;
}

static bool flush_bytes(void *arg)
{
    (void)arg;
    return true;
}

static void make_head(uint32_t bins)
{
    uint32_t sum = 0;

    memset(bytes, 0, HEAD);
    memcpy(bytes, "regf", 4);
    le32_write(bytes + 4, 1);
    le32_write(bytes + 8, 1);
    le32_write(bytes + 20, 1);
    le32_write(bytes + 24, 5);
    le32_write(bytes + 36, ROOT);
    le32_write(bytes + 40, bins);
    for (unsigned i = 0; i < 508; i += 4)
        sum ^= le32_read(bytes + i);
    le32_write(bytes + 508, sum);
}

static void use(struct hive *h)
{
    static const char *const paths[] = {"Select", "Setup", "ControlSet002\\Services\\Tcpip\\Parameters",
                                        "ControlSet002\\Control\\ComputerName\\ComputerName"};
    struct failure f;
    char text[128];
    uint32_t number;
    hive_key key;

    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (hive_key_find(h, paths[i], &key, &f) <= 0)
            continue;
        hive_value_text(h, key, "Hostname", text, sizeof(text), &f);
        hive_value_number(h, key, "Current", &number, &f);
        hive_value_set_text(h, key, "Hostname", "a-name-that-may-be-longer-than-before", &f);
        hive_value_set_text(h, key, "NV Hostname", "pc", &f);
        hive_value_set_text(h, key, "NV Hostname", "a-longer-name", &f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t bins = (uint32_t)(size + HEAD - 1) / HEAD * HEAD;
    struct hive_file file = {.size = HEAD + bins, .read = read_bytes, .write = write_bytes, .flush = flush_bytes};
    struct failure f;
    struct hive h;

    if (size > INPUT_MAX)
        return 0;
    file.arg = &file;
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes + HEAD, data, size);
    make_head(bins);
    if (hive_open(&h, &file, "SYSTEM", true, &f))
        abort();
    use(&h);
    if (hive_commit(&h, &f))
        abort();
    hive_close(&h);
    if (hive_open(&h, &file, "SYSTEM", true, &f))
        abort();
    hive_close(&h);
    return 0;
}
