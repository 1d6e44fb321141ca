/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/ntfs_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/ntfs_record.h"
#include "agent/fs/ntfs_stream.h"

#define MIRRORED_RECORDS 4
#define VOLUME_DIRTY 0x0001u
#define VOLUME_CHKDSK_UNDERWAY 0x4000u
#define LOG_PAGE_MIN 4096u
#define LOG_PAGE_MAX 65536u
#define LOG_NO_CLIENT 0xffffu
#define LOG_VOLUME_IS_CLEAN 0x0002u

static int check_mirror(struct ntfs *n)
{
    uint8_t record[NTFS_RECORD_MAX], mirror[NTFS_RECORD_MAX];
    uint32_t used;

    for (uint64_t i = 0; i < MIRRORED_RECORDS; i++) {
        if (ntfs_record_read(n, i, record) ||
            fs_read(n->source, n->mirror * n->cluster_size + i * n->record_size, mirror, n->record_size))
            return -1;
        used = le32_read(record + 24) < n->record_size ? le32_read(record + 24) : n->record_size;
        if (!ntfs_fixup(mirror, n->record_size) || memcmp(record, mirror, used))
            return fs_doubt(n->source, "NTFS: $MFTMirr does not repeat $MFT's record %" PRIu64, i);
    }
    return 0;
}

static int check_volume(struct ntfs *n)
{
    uint8_t record[NTFS_RECORD_MAX];
    struct ntfs_attribute a;
    unsigned flags;
    int found;

    if (ntfs_record_read(n, NTFS_FILE_VOLUME, record))
        return -1;
    found = ntfs_attribute_find(n, NTFS_FILE_VOLUME, record, NTFS_VOLUME_INFORMATION, 0, &a);
    if (found < 0)
        return -1;
    if (!found || !a.resident || a.length < 12)
        return fs_doubt(n->source, "NTFS: $Volume does not say its version");
    flags = le16_read(a.value + 10);
    if (a.value[8] != 1 && a.value[8] != 3)
        return fs_doubt(n->source, "NTFS: unknown version %u.%u", a.value[8], a.value[9]);
    if (flags & (VOLUME_DIRTY | VOLUME_CHKDSK_UNDERWAY))
        return fs_doubt(n->source, "NTFS: the volume is marked dirty: Windows wants to check it (flags 0x%x)", flags);
    return 0;
}

/* One of the two restart pages: what the log says of the volume's last end. */
struct restart {
    bool valid;
    uint64_t lsn;
    unsigned major;
    bool clean;
};

static void parse_restart(uint8_t *page, size_t size, struct restart *r)
{
    uint32_t area = le16_read(page + 24);

    r->valid = (!memcmp(page, "RSTR", 4) || !memcmp(page, "CHKD", 4)) && le32_read(page + 16) == size &&
               ntfs_fixup(page, size) && area >= 30 && area % 8 == 0 && area + 16 <= size;
    if (!r->valid)
        return;
    r->lsn = le64_read(page + area);
    r->major = le16_read(page + 28);
    r->clean = le16_read(page + area + 12) == LOG_NO_CLIENT || le16_read(page + area + 14) & LOG_VOLUME_IS_CLEAN;
}

static bool is_erased(const uint8_t *p, size_t size)
{
    while (size && *p == 0xff)
        p++, size--;
    return size == 0;
}

/* The newer restart page counts. A log of only ones was emptied by somebody who had replayed it. */
static int check_pages(struct ntfs *n, uint8_t *pages, size_t size)
{
    struct restart r[2] = {{0}, {0}};
    const struct restart *newer;

    if (is_erased(pages, 2 * size))
        return 0;
    parse_restart(pages, size, &r[0]);
    parse_restart(pages + size, size, &r[1]);
    if (!r[0].valid && !r[1].valid)
        return fs_doubt(n->source, "NTFS: $LogFile has no valid restart page");
    newer = !r[1].valid || (r[0].valid && r[0].lsn >= r[1].lsn) ? &r[0] : &r[1];
    if (newer->major >= 2)
        return fs_doubt(n->source,
                        "NTFS: Windows was left by fast startup or hibernation (its $LogFile has version %u)",
                        newer->major);
    if (!newer->clean)
        return fs_doubt(n->source, "NTFS: not cleanly unmounted: $LogFile has changes that were not replayed");
    return 0;
}

static int check_log(struct ntfs *n)
{
    uint8_t head[20], *pages = NULL;
    struct ntfs_stream log;
    size_t page;
    int result =
        ntfs_stream_open(n, NTFS_FILE_LOG, NTFS_DATA, &log) || ntfs_stream_read(n, &log, 0, head, sizeof(head));

    page = result || le32_read(head + 16) > LOG_PAGE_MAX || le32_read(head + 16) < LOG_PAGE_MIN ? LOG_PAGE_MIN
                                                                                                : le32_read(head + 16);
    if (!result) {
        pages = malloc(2 * page);
        result = pages ? ntfs_stream_read(n, &log, 0, pages, 2 * page) : fs_doubt(n->source, "no memory for $LogFile");
    }
    if (!result)
        result = check_pages(n, pages, page);
    free(pages);
    ntfs_stream_free(&log);
    return result ? -1 : 0;
}

int ntfs_state_check(struct ntfs *n)
{
    return check_mirror(n) || check_volume(n) || check_log(n) ? -1 : 0;
}

int ntfs_state_check_hibernation(struct ntfs *n, uint64_t number)
{
    struct ntfs_stream file;
    uint8_t head[4];
    int result = ntfs_stream_open(n, number, NTFS_DATA, &file);

    /* Windows keeps the file when it is awake, and then wipes or rewrites its head. */
    if (!result && file.size >= sizeof(head))
        result = ntfs_stream_read(n, &file, 0, head, sizeof(head));
    if (!result && file.size >= sizeof(head) && (!memcmp(head, "hibr", 4) || !memcmp(head, "HIBR", 4)))
        result =
            fs_doubt(n->source, "NTFS: it holds a hibernated Windows (hiberfil.sys); shut it down fully, without fast "
                                "startup, for a smaller image");
    ntfs_stream_free(&file);
    return result ? -1 : 0;
}
