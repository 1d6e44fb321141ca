/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/lvm_nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fs/lvm_logical.h"
#include "agent/kernel/loop.h"

struct opening {
    struct lvm_nodes *nodes;
    const char *reason;
    struct failure *failure;
};

typedef int transfer(const struct disk_io *d, uint64_t offset, uint8_t *buffer, size_t size, struct failure *f);

static int read_part(const struct disk_io *d, uint64_t offset, uint8_t *buffer, size_t size, struct failure *f)
{
    return disk_io_read(d, offset, buffer, size, f);
}

static int write_part(const struct disk_io *d, uint64_t offset, uint8_t *buffer, size_t size, struct failure *f)
{
    return disk_io_write(d, offset, buffer, size, f);
}

static int each_piece(const struct lvm_pieces *p, uint64_t offset, uint8_t *buffer, size_t size, transfer *move,
                      struct failure *f)
{
    for (size_t i = 0; size && i < p->count; i++) {
        const struct fs_extent *e = &p->extents[i];
        uint64_t skip = offset - e->logical;
        size_t part = skip < e->size && size > e->size - skip ? (size_t)(e->size - skip) : size;
        if (skip >= e->size)
            continue;
        if (move(p->disk, e->physical + skip, buffer, part, f))
            return -1;
        offset += part;
        buffer += part;
        size -= part;
    }
    return 0;
}

static int read_pieces(void *arg, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    return each_piece(arg, offset, buffer, size, read_part, f);
}

static int write_pieces(void *arg, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    return each_piece(arg, offset, (uint8_t *)buffer, size, write_part, f);
}

/* Extents that follow each other are one piece. */
static void join_extents(struct lvm_logical *v)
{
    size_t last = 0;

    for (size_t i = 1; i < v->count; i++) {
        struct fs_extent *e = &v->extents[last];
        if (e->physical + e->size == v->extents[i].physical)
            e->size += v->extents[i].size;
        else
            v->extents[++last] = v->extents[i];
    }
    v->count = last + 1;
}

static int show_pieces(const struct opening *o, struct lvm_volume_node *n, struct lvm_logical *v)
{
    n->pieces = (struct lvm_pieces){.disk = &o->nodes->disk, .extents = v->extents, .count = v->count};
    v->extents = NULL; /* the node has them now */
    n->file.volume = (struct fuse_volume){
        .size = v->size, .read = read_pieces, .write = write_pieces, .arg = &n->pieces, .disk = &o->nodes->disk};
    if (fuse_file_open(&n->file, o->reason, o->failure))
        return -1;
    n->loop_fd = loop_attach(n->file.fd, 0, v->size, n->name, n->path, sizeof(n->path));
    return 0;
}

static int show_volume(const struct opening *o, const struct lvm_reader *r, struct lvm_logical *v)
{
    struct lvm_volume_node *n = &o->nodes->list[o->nodes->count++];
    const struct lvm_node *group = r->lvm.group;

    *n = (struct lvm_volume_node){.loop_fd = -1, .file = {.fd = -1}};
    snprintf(n->name, sizeof(n->name), "%.*s/%.*s", group->name_size < 60 ? (int)group->name_size : 60, group->name,
             v->node->name_size < 60 ? (int)v->node->name_size : 60, v->node->name);
    join_extents(v);
    if (v->count == 1)
        n->loop_fd = loop_attach(o->nodes->disk.fd, v->extents[0].physical, v->size, n->name, n->path, sizeof(n->path));
    else if (show_pieces(o, n, v))
        return -1;
    if (n->loop_fd < 0)
        return fail(o->failure, o->reason, "a loop device for the logical volume %s cannot be made: %s", n->name,
                    strerror(errno));
    return 0;
}

static int probe_volume(struct lvm_volume_node *n, uint64_t size, struct failure *f)
{
    struct disk_io d;
    int result;

    if (disk_io_open(&d, n->path, DISK_IO_READ, f))
        return -1;
    result = block_map_probe(&d, 0, size, n->fs_type, sizeof(n->fs_type), f);
    disk_io_close(&d);
    return result;
}

/* A volume whose description is in doubt is none. */
static int show_volumes(const struct opening *o, struct lvm_reader *r)
{
    int result = 0;

    for (const struct lvm_node *node = lvm_reader_next(r, NULL); node && !result && o->nodes->count < LVM_NODES;
         node = lvm_reader_next(r, node)) {
        struct lvm_logical v;
        if (!lvm_logical_read(r, node, &v) && v.plain && v.count) {
            result = show_volume(o, r, &v);
            if (!result)
                result = probe_volume(&o->nodes->list[o->nodes->count - 1], v.size, o->failure);
        }
        lvm_logical_free(&v);
    }
    return result;
}

static int open_volumes(const struct opening *o)
{
    struct block_map map = {.size = o->nodes->disk.size};
    struct fs_source s = {.disk = &o->nodes->disk, .size = o->nodes->disk.size, .map = &map};
    struct lvm_reader r;
    int result = 0;

    o->nodes->list = calloc(LVM_NODES, sizeof(*o->nodes->list));
    if (!o->nodes->list)
        return fail(o->failure, "out-of-memory", "no memory for logical volumes");
    if (!lvm_reader_open(&r, &s))
        result = show_volumes(o, &r);
    lvm_reader_close(&r);
    return result;
}

int lvm_nodes_open(struct lvm_nodes *n, const char *node, bool writable, const char *reason, struct failure *f)
{
    const struct opening o = {n, reason, f};
    struct failure second;

    *n = (struct lvm_nodes){.count = 0};
    if (disk_io_open(&n->disk, node, writable ? DISK_IO_WRITE : DISK_IO_READ, f))
        return -1;
    if (!open_volumes(&o))
        return 0;
    lvm_nodes_close(n, &second);
    return -1;
}

static int close_volume(struct lvm_volume_node *n, struct failure *f)
{
    int result = 0;

    if (n->loop_fd >= 0 && loop_detach(n->loop_fd))
        result = fail(f, "disk-error", "changes to the logical volume %s were not taken: %s", n->name, strerror(errno));
    if (fuse_file_close(&n->file, "disk-error", f))
        result = -1;
    free(n->pieces.extents);
    return result;
}

int lvm_nodes_close(struct lvm_nodes *n, struct failure *f)
{
    int result = 0;

    while (n->count)
        if (close_volume(&n->list[--n->count], f))
            result = -1;
    if (n->disk.fd >= 0 && n->list && disk_io_flush(&n->disk, f))
        result = -1;
    free(n->list);
    n->list = NULL;
    disk_io_close(&n->disk);
    return result;
}
