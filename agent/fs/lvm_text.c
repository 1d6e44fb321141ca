/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/lvm_text.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define NODES_MAX 200000

struct parser {
    const char *at, *end;
    struct lvm_text *tree;
    const char *error;
};

static bool stop(struct parser *p, const char *error)
{
    if (!p->error)
        p->error = error;
    return false;
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r' || *p->at == '#'))
        if (*p->at++ == '#')
            while (p->at < p->end && *p->at != '\n')
                p->at++;
}

static bool take(struct parser *p, char c)
{
    skip_blanks(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

/* Appends a node behind `previous` or, when that is 0, as the first child of `parent`. Returns its place, 0: no room.
 */
static size_t add_node(struct parser *p, size_t parent, size_t previous)
{
    struct lvm_text *t = p->tree;
    size_t i = t->count;

    if (i == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        struct lvm_node *nodes = room <= NODES_MAX ? realloc(t->nodes, room * sizeof(*nodes)) : NULL;
        if (!nodes) {
            stop(p, "too many values");
            return 0;
        }
        t->nodes = nodes;
        t->room = room;
    }
    t->nodes[i] = (struct lvm_node){.name = "", .text = ""};
    t->count++;
    if (i && previous)
        t->nodes[previous].next = i;
    else if (i)
        t->nodes[parent].child = i;
    return i;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_-+./@:", c));
}

static bool parse_number(struct parser *p, struct lvm_node *n)
{
    n->kind = LVM_NUMBER;
    if (p->at == p->end || *p->at < '0' || *p->at > '9')
        return stop(p, "a value is neither a number nor a string");
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        if (n->number > (UINT64_MAX - 9) / 10)
            return stop(p, "a number is too large");
        n->number = 10 * n->number + (uint64_t)(*p->at - '0');
    }
    return true;
}

static bool parse_string(struct parser *p, struct lvm_node *n)
{
    n->kind = LVM_STRING;
    n->text = ++p->at;
    for (; p->at < p->end && *p->at != '"'; p->at++)
        if (*p->at == '\\' && ++p->at == p->end)
            break;
    if (p->at == p->end)
        return stop(p, "a string has no end");
    n->text_size = (size_t)(p->at++ - n->text);
    return true;
}

static bool parse_scalar(struct parser *p, struct lvm_node *n)
{
    skip_blanks(p);
    return p->at < p->end && *p->at == '"' ? parse_string(p, n) : parse_number(p, n);
}

static bool parse_list(struct parser *p, size_t list)
{
    size_t previous = 0;

    p->tree->nodes[list].kind = LVM_LIST;
    if (take(p, ']'))
        return true;
    do {
        previous = add_node(p, list, previous);
        if (!previous || !parse_scalar(p, &p->tree->nodes[previous]))
            return false;
    } while (take(p, ','));
    return take(p, ']') || stop(p, "a list has no end");
}

static bool parse_name(struct parser *p, struct lvm_node *n)
{
    skip_blanks(p);
    n->name = p->at;
    while (p->at < p->end && is_name(*p->at))
        p->at++;
    n->name_size = (size_t)(p->at - n->name);
    return n->name_size || stop(p, "a name is missing");
}

static bool parse_entries(struct parser *p, size_t section, unsigned depth);

static bool parse_entry(struct parser *p, size_t node, unsigned depth)
{
    if (!parse_name(p, &p->tree->nodes[node]))
        return false;
    if (take(p, '{'))
        return parse_entries(p, node, depth + 1) && (take(p, '}') || stop(p, "a section has no end"));
    if (!take(p, '='))
        return stop(p, "a name has neither a value nor a section");
    return take(p, '[') ? parse_list(p, node) : parse_scalar(p, &p->tree->nodes[node]);
}

static bool parse_entries(struct parser *p, size_t section, unsigned depth)
{
    size_t previous = 0;

    if (depth > DEPTH_MAX)
        return stop(p, "sections are nested too deeply");
    for (skip_blanks(p); p->at < p->end && *p->at != '}'; skip_blanks(p)) {
        previous = add_node(p, section, previous);
        if (!previous || !parse_entry(p, previous, depth))
            return false;
    }
    return true;
}

const char *lvm_text_parse(const char *bytes, size_t size, struct lvm_text *ret)
{
    struct parser p = {.at = bytes, .end = bytes + size, .tree = ret};

    *ret = (struct lvm_text){0};
    add_node(&p, 0, 0);
    if (ret->count && parse_entries(&p, 0, 0) && p.at < p.end)
        stop(&p, "a section ends that did not begin");
    return p.error;
}

void lvm_text_free(struct lvm_text *t)
{
    free(t->nodes);
    *t = (struct lvm_text){0};
}

const struct lvm_node *lvm_text_child(const struct lvm_text *t, const struct lvm_node *node)
{
    return node && node->child ? &t->nodes[node->child] : NULL;
}

const struct lvm_node *lvm_text_next(const struct lvm_text *t, const struct lvm_node *node)
{
    return node->next ? &t->nodes[node->next] : NULL;
}

const struct lvm_node *lvm_text_find(const struct lvm_text *t, const struct lvm_node *node, const char *name,
                                     enum lvm_kind kind)
{
    size_t size = strlen(name);

    for (node = lvm_text_child(t, node); node; node = lvm_text_next(t, node))
        if (node->kind == kind && node->name_size == size && !memcmp(node->name, name, size))
            return node;
    return NULL;
}

bool lvm_text_number(const struct lvm_text *t, const struct lvm_node *node, const char *name, uint64_t max,
                     uint64_t *ret)
{
    node = lvm_text_find(t, node, name, LVM_NUMBER);
    if (!node || node->number > max)
        return false;
    *ret = node->number;
    return true;
}

bool lvm_text_is(const struct lvm_node *node, const char *text)
{
    return node && node->kind == LVM_STRING && node->text_size == strlen(text) &&
           !memcmp(node->text, text, node->text_size);
}
