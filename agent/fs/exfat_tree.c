/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/exfat_tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"

#define ENTRY_SIZE 32
#define WINDOW 4096                               /* bytes of a directory held at once */
#define DIRECTORY_SIZE_MAX (256ULL * 1024 * 1024) /* specification, 7.1 */

#define ENTRY_BITMAP 0x81
#define ENTRY_UP_CASE 0x82
#define ENTRY_FILE 0x85
#define IN_USE_SECONDARY 0xc0 /* both bits: what belongs to the last primary entry */
#define FLAG_ALLOCATION 1
#define FLAG_CONTIGUOUS 2
#define ATTRIBUTE_DIRECTORY 0x10

/* Calls each(arg, x, entry) for the entries of a directory, and stops after the last. */
typedef int entry_fn(void *arg, struct exfat *x, const uint8_t *entry);

/* Returns 1 when the directory goes on in its next cluster, 0 when it ended here, -1 with a doubt. */
static int scan_cluster(struct exfat *x, uint32_t cluster, entry_fn *each, void *arg)
{
    uint8_t window[WINDOW];
    uint64_t offset = exfat_offset(x, cluster), size;

    for (uint64_t at = 0; at < x->cluster_size; at += size) {
        size = x->cluster_size - at < WINDOW ? x->cluster_size - at : WINDOW;
        if (fs_read(x->source, offset + at, window, (size_t)size))
            return -1;
        for (size_t i = 0; i < size; i += ENTRY_SIZE) {
            if (window[i] == 0)
                return 0;
            if (each(arg, x, window + i))
                return -1;
        }
    }
    return 1;
}

static int add_special(struct exfat *x, struct exfat_special *special, const uint8_t *entry)
{
    if (special->found)
        return fs_doubt(x->source, "exFAT: two directory entries of type 0x%x", entry[0]);
    *special = (struct exfat_special){
        .found = true,
        .first = le32_read(entry + 20),
        .bytes = le64_read(entry + 24),
        .checksum = le32_read(entry + 4),
    };
    return 0;
}

static int find_special(void *arg, struct exfat *x, const uint8_t *entry)
{
    struct exfat_specials *specials = arg;

    if (entry[0] == ENTRY_BITMAP)
        return add_special(x, &specials->bitmaps[entry[1] & 1], entry);
    return entry[0] == ENTRY_UP_CASE ? add_special(x, &specials->up_case, entry) : 0;
}

int exfat_tree_specials(struct exfat *x, struct exfat_specials *ret)
{
    struct exfat_stream root = {.cluster = x->root, .open = true};
    uint64_t bytes = 0;
    uint32_t cluster;
    int more = 1;

    memset(ret, 0, sizeof(*ret));
    for (; more > 0 && (more = exfat_stream_next(x, &root, &cluster)) > 0; bytes += x->cluster_size) {
        if (bytes > DIRECTORY_SIZE_MAX)
            return fs_doubt(x->source, "exFAT: the root directory does not end");
        more = scan_cluster(x, cluster, find_special, ret);
    }
    if (more < 0)
        return -1;
    if (!ret->up_case.found || !ret->bitmaps[0].found || ret->bitmaps[1].found != (x->fats == 2))
        return fs_doubt(x->source, "exFAT: the root directory does not name its bitmap and its up-case table");
    return 0;
}

struct walk {
    uint8_t *claimed;                 /* a bit for each cluster */
    struct exfat_stream *directories; /* still to be looked into */
    size_t count, room;
    bool directory; /* the last file entry describes one */
};

static int claim(struct walk *w, struct exfat *x, uint32_t cluster)
{
    uint32_t unit = cluster - EXFAT_FIRST_CLUSTER;

    if (!fs_map_is_marked(x->source->map, unit))
        return fs_doubt(x->source, "exFAT: cluster %" PRIu32 " belongs to a file, the bitmap calls it free", cluster);
    if (w->claimed[unit / 8] >> unit % 8 & 1)
        return fs_doubt(x->source, "exFAT: cluster %" PRIu32 " belongs to two files", cluster);
    w->claimed[unit / 8] |= (uint8_t)(1 << unit % 8);
    return 0;
}

static int claim_all(struct walk *w, struct exfat *x, struct exfat_stream stream)
{
    uint32_t cluster;
    int result;

    while ((result = exfat_stream_next(x, &stream, &cluster)) > 0)
        if (claim(w, x, cluster))
            return -1;
    return result;
}

static int push(struct walk *w, struct exfat *x, struct exfat_stream directory)
{
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        struct exfat_stream *bigger = realloc(w->directories, room * sizeof(*bigger));
        if (!bigger)
            return fs_doubt(x->source, "no memory for %zu directories", room);
        w->directories = bigger;
        w->room = room;
    }
    w->directories[w->count++] = directory;
    return 0;
}

/* A directory that is waiting is not claimed yet: as each takes a cluster when its turn comes, an entry that leads back
 * to a directory above it ends the walk. */
static int visit(void *arg, struct exfat *x, const uint8_t *entry)
{
    struct walk *w = arg;
    struct exfat_stream stream;

    if (entry[0] == ENTRY_FILE)
        w->directory = le16_read(entry + 4) & ATTRIBUTE_DIRECTORY;
    if (entry[0] < IN_USE_SECONDARY || !(entry[1] & FLAG_ALLOCATION))
        return 0;
    stream = exfat_stream_of(x, le32_read(entry + 20), le64_read(entry + 24), entry[1] & FLAG_CONTIGUOUS);
    if (stream.left > x->clusters)
        return fs_doubt(x->source, "exFAT: a file of %" PRIu64 " clusters", stream.left);
    if (stream.left && w->directory && entry[0] == IN_USE_SECONDARY)
        return push(w, x, stream);
    return claim_all(w, x, stream);
}

static int walk_directory(struct walk *w, struct exfat *x, struct exfat_stream directory)
{
    uint32_t cluster;
    int result, more = 1;

    w->directory = false;
    while ((result = exfat_stream_next(x, &directory, &cluster)) > 0) {
        if (claim(w, x, cluster))
            return -1;
        more = more > 0 ? scan_cluster(x, cluster, visit, w) : 0;
        if (more < 0)
            return -1;
    }
    return result;
}

static int walk_all(struct walk *w, struct exfat *x, const struct exfat_specials *s)
{
    const struct exfat_special *special[] = {&s->bitmaps[0], &s->bitmaps[1], &s->up_case};
    struct exfat_stream root = {.cluster = x->root, .open = true};

    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (special[i]->found && claim_all(w, x, exfat_stream_of(x, special[i]->first, special[i]->bytes, false)))
            return -1;
    if (push(w, x, root))
        return -1;
    while (w->count)
        if (walk_directory(w, x, w->directories[--w->count]))
            return -1;
    return 0;
}

int exfat_tree_check(struct exfat *x, const struct exfat_specials *specials)
{
    struct walk w = {.claimed = calloc(1, x->clusters / 8 + 1)};
    int result =
        w.claimed ? walk_all(&w, x, specials) : fs_doubt(x->source, "no memory for %" PRIu32 " clusters", x->clusters);

    free(w.claimed);
    free(w.directories);
    return result;
}
