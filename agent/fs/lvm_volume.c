/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/lvm_volume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/fs_crc.h"

#define SECTOR 512
#define LABEL_SECTORS 4
#define CRC_START 0xf597a6cfu
#define UUID_SIZE 32
#define TEXT_MAX (4u * 1024 * 1024)
#define IGNORED 1 /* a metadata area that is not kept up to date */

struct label {
    char uuid[UUID_SIZE];
    uint64_t area, area_size; /* the first metadata area, bytes; area_size 0: none */
};

/* The list of data areas, ended by zeros, then that of the metadata areas. */
static int parse_areas(struct fs_source *s, const uint8_t *sector, size_t at, struct label *ret)
{
    for (unsigned list = 0; list < 2; list++) {
        for (; at + 16 <= SECTOR && (le64_read(sector + at) || le64_read(sector + at + 8)); at += 16)
            if (list == 1 && !ret->area_size) {
                ret->area = le64_read(sector + at);
                ret->area_size = le64_read(sector + at + 8);
            }
        at += 16;
        if (at > SECTOR)
            return fs_doubt(s, "LVM: the label's list of areas has no end");
    }
    return ret->area_size ? 0 : fs_doubt(s, "LVM: this physical volume has no metadata of its own");
}

static int read_label(struct fs_source *s, struct label *ret)
{
    uint8_t sector[SECTOR];

    *ret = (struct label){.area_size = 0};
    for (unsigned i = 0; i < LABEL_SECTORS; i++) {
        uint32_t content;
        if (fs_read(s, i * SECTOR, sector, SECTOR))
            return -1;
        if (memcmp(sector, "LABELONE", 8) || memcmp(sector + 24, "LVM2 001", 8))
            continue;
        content = le32_read(sector + 20);
        if (le64_read(sector + 8) != i || fs_crc32(CRC_START, sector + 20, SECTOR - 20) != le32_read(sector + 16))
            return fs_doubt(s, "LVM: the label's checksum is wrong");
        if (content < 32 || content > SECTOR - UUID_SIZE - 8)
            return fs_doubt(s, "LVM: the label's header lies outside of it");
        memcpy(ret->uuid, sector + content, UUID_SIZE);
        return parse_areas(s, sector, content + UUID_SIZE + 8, ret);
    }
    return fs_doubt(s, "LVM: there is no label");
}

/* The text lies in a ring behind the area's header of one sector. */
static int read_ring(struct fs_source *s, const struct label *l, uint64_t offset, char *ret, uint64_t size)
{
    uint64_t first = l->area_size - offset < size ? l->area_size - offset : size;

    if (fs_read(s, l->area + offset, ret, (size_t)first))
        return -1;
    return first == size ? 0 : fs_read(s, l->area + SECTOR, ret + first, (size_t)(size - first));
}

/* A second place is one that an update was about to make the valid one. */
static int find_text(struct fs_source *s, const struct label *l, uint8_t head[SECTOR])
{
    if (l->area_size < 2 * SECTOR || fs_read(s, l->area, head, SECTOR))
        return fs_doubt(s, "LVM: the metadata area is too small");
    if (fs_crc32(CRC_START, head + 4, SECTOR - 4) != le32_read(head) || memcmp(head + 4, " LVM2 x[5A%r0N*>", 16) ||
        le32_read(head + 20) != 1 || le64_read(head + 24) != l->area || le64_read(head + 32) != l->area_size)
        return fs_doubt(s, "LVM: the header of the metadata area is damaged");
    if (!le64_read(head + 40) || le32_read(head + 60) & IGNORED)
        return fs_doubt(s, "LVM: this physical volume has no current metadata");
    if (le64_read(head + 64))
        return fs_doubt(s, "LVM: a change of the metadata was not finished");
    return 0;
}

static int read_text(struct fs_source *s, const struct label *l, struct lvm_volume *v)
{
    uint8_t head[SECTOR];
    uint64_t offset, size;
    const char *error;

    if (find_text(s, l, head))
        return -1;
    offset = le64_read(head + 40);
    size = le64_read(head + 48);
    if (offset < SECTOR || offset >= l->area_size || size == 0 || size > TEXT_MAX || size > l->area_size - SECTOR)
        return fs_doubt(s, "LVM: the metadata lies outside of its area");
    v->bytes = malloc((size_t)size);
    if (!v->bytes)
        return fs_doubt(s, "no memory for %" PRIu64 " bytes of LVM metadata", size);
    if (read_ring(s, l, offset, v->bytes, size))
        return -1;
    if (fs_crc32(CRC_START, v->bytes, (size_t)size) != le32_read(head + 56))
        return fs_doubt(s, "LVM: the checksum of the metadata is wrong");
    while (size && !v->bytes[size - 1])
        size--;
    error = lvm_text_parse(v->bytes, (size_t)size, &v->text);
    return error ? fs_doubt(s, "LVM: the metadata cannot be read: %s", error) : 0;
}

/* In the text, uuids have dashes. */
static bool is_uuid(const struct lvm_node *id, const char uuid[UUID_SIZE])
{
    size_t n = 0;

    for (size_t i = 0; id && i < id->text_size; i++)
        if (id->text[i] != '-' && (n == UUID_SIZE || id->text[i] != uuid[n++]))
            return false;
    return n == UUID_SIZE;
}

static int find_self(struct fs_source *s, const char uuid[UUID_SIZE], struct lvm_volume *v)
{
    const struct lvm_node *list, *pv;
    unsigned count = 0;

    for (v->group = lvm_text_child(&v->text, v->text.nodes); v->group && v->group->kind != LVM_SECTION;)
        v->group = lvm_text_next(&v->text, v->group);
    list = lvm_text_find(&v->text, v->group, "physical_volumes", LVM_SECTION);
    for (pv = lvm_text_child(&v->text, list); pv; pv = lvm_text_next(&v->text, pv), count++)
        if (pv->kind == LVM_SECTION && is_uuid(lvm_text_find(&v->text, pv, "id", LVM_STRING), uuid))
            v->self = pv;
    v->alone = count == 1;
    return v->self ? 0 : fs_doubt(s, "LVM: the metadata does not name this physical volume");
}

static int read_geometry(struct fs_source *s, struct lvm_volume *v)
{
    uint64_t sectors, start;

    if (!lvm_text_number(&v->text, v->group, "extent_size", UINT32_MAX, &sectors) || !sectors ||
        !lvm_text_number(&v->text, v->self, "pe_start", s->size / SECTOR, &start) ||
        !lvm_text_number(&v->text, v->self, "pe_count", UINT32_MAX, &v->count))
        return fs_doubt(s, "LVM: the sizes of the physical volume are missing");
    v->extent_size = sectors * SECTOR;
    v->first = start * SECTOR;
    if (v->count > (s->size - v->first) / v->extent_size)
        return fs_doubt(s, "LVM: the physical volume is larger than its partition");
    return 0;
}

int lvm_volume_open(struct fs_source *s, struct lvm_volume *v)
{
    struct label label;

    memset(v, 0, sizeof(*v));
    return read_label(s, &label) || read_text(s, &label, v) || find_self(s, label.uuid, v) || read_geometry(s, v) ? -1
                                                                                                                  : 0;
}

void lvm_volume_close(struct lvm_volume *v)
{
    lvm_text_free(&v->text);
    free(v->bytes);
}
