/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used clusters of exFAT: what its allocation bitmap says, once every directory agrees. */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fs/exfat_tree.h"
#include "agent/fs/exfat_volume.h"

#define UP_CASE_SIZE_MAX (2 * 65536u) /* two bytes for each character of UTF-16 */

/* Reads the first `size` bytes of a file that the FAT chains. */
static int read_chain(struct exfat *x, uint32_t first, uint8_t *p, uint64_t size)
{
    struct exfat_stream stream = exfat_stream_of(x, first, size, false);
    uint64_t piece;
    uint32_t cluster;
    int result;

    while ((result = exfat_stream_next(x, &stream, &cluster)) > 0) {
        piece = size < x->cluster_size ? size : x->cluster_size;
        if (fs_read(x->source, exfat_offset(x, cluster), p, (size_t)piece))
            return -1;
        p += piece;
        size -= piece;
    }
    return result;
}

/* Of TexFAT's two bitmaps only one is in force. Clusters that either of them calls used are taken. */
static int add_bitmap(struct exfat *x, const struct exfat_special *bitmap)
{
    struct block_map *m = x->source->map;
    uint64_t size = ((uint64_t)x->clusters + 7) / 8;
    uint8_t *bits;
    int result;

    if (!bitmap->found)
        return 0;
    if (bitmap->bytes != size)
        return fs_doubt(x->source, "exFAT: a bitmap of %" PRIu64 " bytes for %" PRIu32 " clusters", bitmap->bytes,
                        x->clusters);
    bits = calloc(1, (size_t)size);
    if (!bits)
        return fs_doubt(x->source, "no memory for a bitmap of %" PRIu64 " bytes", size);
    result = read_chain(x, bitmap->first, bits, size);
    if (x->clusters % 8)
        bits[size - 1] &= (uint8_t)((1 << x->clusters % 8) - 1);
    for (uint64_t i = 0; !result && i < size; i++)
        m->bits[i] |= bits[i];
    free(bits);
    return result;
}

static int check_up_case(struct exfat *x, const struct exfat_special *table)
{
    uint32_t sum = 0;
    uint8_t *data;
    int result;

    if (table->bytes == 0 || table->bytes > UP_CASE_SIZE_MAX)
        return fs_doubt(x->source, "exFAT: an up-case table of %" PRIu64 " bytes", table->bytes);
    data = malloc((size_t)table->bytes);
    if (!data)
        return fs_doubt(x->source, "no memory for the up-case table");
    result = read_chain(x, table->first, data, table->bytes);
    for (uint64_t i = 0; !result && i < table->bytes; i++)
        sum = (sum << 31 | sum >> 1) + data[i];
    free(data);
    if (!result && sum != table->checksum)
        result = fs_doubt(x->source, "exFAT: the checksum of the up-case table is wrong");
    return result;
}

static int map_volume(struct exfat *x)
{
    struct exfat_specials specials;

    if (exfat_tree_specials(x, &specials) || check_up_case(x, &specials.up_case) ||
        fs_map_init(x->source, x->heap_start, x->cluster_size, x->clusters) || add_bitmap(x, &specials.bitmaps[0]) ||
        add_bitmap(x, &specials.bitmaps[1]))
        return -1;
    x->source->map->smallest = x->size;
    return exfat_tree_check(x, &specials);
}

int fs_exfat_map(struct fs_source *s)
{
    struct exfat *x = malloc(sizeof(*x));
    int result;

    if (!x)
        return fs_doubt(s, "no memory for exFAT");
    result = exfat_volume_read(x, s) || map_volume(x) ? -1 : 0;
    free(x);
    return result;
}
