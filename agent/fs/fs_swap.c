/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux swap areas: only the header page matters, which holds size, UUID, label and the list of bad pages. Layout: the
 * kernel's union swap_header (include/linux/swap.h). */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"

#define SIGNATURE_SIZE 10
#define PAGE_SIZE_MIN 4096u
#define PAGE_SIZE_MAX 65536u

/* What the kernel and uswsusp write over the signature while a hibernated system lies in the swap area. */
static const char hibernated[][SIGNATURE_SIZE + 1] = {"S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"};

static bool is_signature(const uint8_t *p, const char *signature)
{
    return !memcmp(p, signature, strlen(signature));
}

static bool is_hibernated(const uint8_t *p)
{
    for (size_t i = 0; i < sizeof(hibernated) / sizeof(hibernated[0]); i++)
        if (is_signature(p, hibernated[i]))
            return true;
    return false;
}

/* The signature ends the first page, whose size only the machine that made the area knows: all sizes are looked at, and
 * a second signature is a doubt. */
static int find_page_size(struct fs_source *s, uint32_t *ret)
{
    uint8_t signature[SIGNATURE_SIZE];

    *ret = 0;
    for (uint32_t size = PAGE_SIZE_MIN; size <= PAGE_SIZE_MAX && size <= s->size; size *= 2) {
        if (fs_read(s, size - SIGNATURE_SIZE, signature, sizeof(signature)))
            return -1;
        if (is_hibernated(signature))
            return fs_doubt(s, "swap: it holds a hibernated system");
        if (!is_signature(signature, "SWAPSPACE2"))
            continue;
        if (*ret)
            return fs_doubt(s, "swap: signatures for pages of %" PRIu32 " and of %" PRIu32 " bytes", *ret, size);
        *ret = size;
    }
    return *ret ? 0 : fs_doubt(s, "swap: no signature of version 1");
}

int fs_swap_map(struct fs_source *s)
{
    uint8_t numbers[12];
    uint32_t page_size, pages;

    if (find_page_size(s, &page_size) || fs_read(s, 1024, numbers, sizeof(numbers)))
        return -1;
    if (le32_read(numbers) != 1)
        return fs_doubt(s, "swap: version 0x%" PRIx32 " (written by a machine of other byte order?)",
                        le32_read(numbers));
    pages = le32_read(numbers + 4);
    if (pages == 0 || pages >= s->size / page_size)
        return fs_doubt(s, "swap: its last page is %" PRIu32 ", its partition has %" PRIu64, pages,
                        s->size / page_size);
    return fs_map_init(s, page_size, page_size, pages);
}
