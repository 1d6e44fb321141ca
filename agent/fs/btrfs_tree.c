/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/btrfs_tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"

#define HEADER_SIZE 101
#define ITEM_SIZE 25
#define POINTER_SIZE 33
#define KEY_SIZE 17

struct walk {
    const struct btrfs_volume *volume;
    const struct btrfs_root *root;
    btrfs_item *each;
    void *arg;
    uint8_t *nodes; /* one per level, the leaf's first */
    bool any;       /* an item was seen: */
    struct btrfs_key last;
};

/* A node, as its parent has it. */
struct reference {
    uint64_t logical, generation;
    uint8_t level;
    const uint8_t *first_key; /* NULL: the root's is not known */
};

static int doubt(const struct walk *w, const char *what, uint64_t logical)
{
    return fs_doubt(w->volume->source, "btrfs: %s (tree %" PRIu64 ", node %" PRIu64 ")", what, w->root->owner, logical);
}

static int read_node(struct walk *w, uint64_t logical, uint8_t *node)
{
    const struct btrfs_volume *v = w->volume;
    const struct btrfs_chunk *c = btrfs_chunk_find(&v->chunks, logical, v->node_size);

    if (!c || logical % v->sector_size)
        return doubt(w, "a node lies in no chunk", logical);
    if (fs_read(v->source, c->physical[0] + (logical - c->logical), node, v->node_size))
        return -1;
    return btrfs_crc_is_right(node, v->node_size) ? 0 : doubt(w, "a checksum is wrong", logical);
}

static int check_node(struct walk *w, const struct reference *r, const uint8_t *node)
{
    uint32_t items = le32_read(node + 96), entry = r->level ? POINTER_SIZE : ITEM_SIZE;

    if (memcmp(node + 32, w->volume->fsid, 16) || le64_read(node + 48) != r->logical || node[100] != r->level ||
        le64_read(node + 88) != w->root->owner)
        return doubt(w, "a node belongs elsewhere", r->logical);
    if (le64_read(node + 80) != r->generation || r->generation > w->volume->generation)
        return doubt(w, "a node is of another generation", r->logical);
    if (items > (w->volume->node_size - HEADER_SIZE) / entry)
        return doubt(w, "a node has too many items", r->logical);
    if (!items && (r->first_key || r->level))
        return doubt(w, "a node is empty", r->logical);
    if (r->first_key && memcmp(node + HEADER_SIZE, r->first_key, KEY_SIZE))
        return doubt(w, "a node begins with another key", r->logical);
    return 0;
}

static bool is_after(const struct btrfs_key *a, const struct btrfs_key *b)
{
    if (a->objectid != b->objectid)
        return a->objectid > b->objectid;
    if (a->type != b->type)
        return a->type > b->type;
    return a->offset > b->offset;
}

static int visit_leaf(struct walk *w, const uint8_t *node, uint64_t logical)
{
    uint32_t room = w->volume->node_size - HEADER_SIZE, items = le32_read(node + 96);

    for (uint32_t i = 0; i < items; i++) {
        const uint8_t *item = node + HEADER_SIZE + i * ITEM_SIZE;
        struct btrfs_key key = btrfs_key_read(item);
        uint32_t offset = le32_read(item + 17), size = le32_read(item + 21);

        if (w->any && !is_after(&key, &w->last))
            return doubt(w, "keys are out of order", logical);
        if (offset < items * ITEM_SIZE || offset > room || size > room - offset)
            return doubt(w, "an item lies outside of its node", logical);
        w->any = true;
        w->last = key;
        if (w->each(w->arg, &key, node + HEADER_SIZE + offset, size))
            return -1;
    }
    return 0;
}

/* No deeper than the root's level: each step down must find the next lower one. */
static int visit(struct walk *w, const struct reference *r)
{
    uint8_t *node = w->nodes + (size_t)r->level * w->volume->node_size;

    if (read_node(w, r->logical, node) || check_node(w, r, node))
        return -1;
    if (r->level == 0)
        return visit_leaf(w, node, r->logical);
    for (uint32_t i = 0; i < le32_read(node + 96); i++) {
        const uint8_t *p = node + HEADER_SIZE + i * POINTER_SIZE;
        struct reference child = {.logical = le64_read(p + 17),
                                  .generation = le64_read(p + 25),
                                  .level = (uint8_t)(r->level - 1),
                                  .first_key = p};
        if (visit(w, &child))
            return -1;
    }
    return 0;
}

int btrfs_tree_walk(const struct btrfs_volume *v, const struct btrfs_root *root, btrfs_item *each, void *arg)
{
    struct walk w = {.volume = v, .root = root, .each = each, .arg = arg};
    struct reference r = {.logical = root->logical, .generation = root->generation, .level = root->level};
    int result;

    w.nodes = malloc((root->level + (size_t)1) * v->node_size);
    if (!w.nodes)
        return fs_doubt(v->source, "no memory for a tree of %d levels", root->level);
    result = visit(&w, &r);
    free(w.nodes);
    return result;
}
