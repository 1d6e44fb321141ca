/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text in which LVM2 describes a volume group: sections "name { ... }" and values "name = 1", "name = "text"",
 * "name = [1, "text"]"; '#' begins a comment. Parsed from untrusted bytes into a tree of bounded size and depth. */
#ifndef SLIPWAY_AGENT_LVM_TEXT_H
#define SLIPWAY_AGENT_LVM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lvm_kind {
    LVM_SECTION, /* its children follow */
    LVM_LIST,    /* the same, without names */
    LVM_NUMBER,
    LVM_STRING, /* escapes (\" and \\) as they stand */
};

struct lvm_node {
    enum lvm_kind kind;
    const char *name, *text; /* in the parsed bytes, not terminated; "" of length 0 when there is none */
    size_t name_size, text_size;
    uint64_t number;
    size_t child, next; /* of the node array; 0: none */
};

struct lvm_text {
    struct lvm_node *nodes; /* the first one is the whole, a section without a name */
    size_t count, room;
};

/* `bytes` must outlive *ret. Returns NULL, or what is wrong; *ret is to be released with lvm_text_free in both cases.
 */
const char *lvm_text_parse(const char *bytes, size_t size, struct lvm_text *ret);
void lvm_text_free(struct lvm_text *t);

/* The first child and the next sibling; NULL: no more. `node` may be NULL. */
const struct lvm_node *lvm_text_child(const struct lvm_text *t, const struct lvm_node *node);
const struct lvm_node *lvm_text_next(const struct lvm_text *t, const struct lvm_node *node);

/* The child of that name and kind, or NULL. `node` may be NULL. */
const struct lvm_node *lvm_text_find(const struct lvm_text *t, const struct lvm_node *node, const char *name,
                                     enum lvm_kind kind);

/* The number of that name in `node`, at most `max`. Returns false when there is none. */
bool lvm_text_number(const struct lvm_text *t, const struct lvm_node *node, const char *name, uint64_t max,
                     uint64_t *ret);

/* Whether a string node says `text`. */
bool lvm_text_is(const struct lvm_node *node, const char *text);

#endif
