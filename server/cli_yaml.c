/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "server/cli.h"

#define FILE_MAX ((size_t)4 * 1024 * 1024)
#define DEPTH_MAX 16

struct reader {
    yaml_document_t document;
    const char *file;
    unsigned nodes; /* made so far: an alias of an alias of an alias is a bomb */
};

#define NODES_MAX 100000

static json_t *read_node(struct reader *r, const yaml_node_t *node, unsigned depth);

static json_t *bad(const struct reader *r, const yaml_node_t *node, const char *what)
{
    cli_fail(CLI_USAGE, "%s, line %zu: %s", r->file, node ? node->start_mark.line + 1 : 0, what);
    return NULL;
}

/* The core schema of YAML 1.2, chapter 10.3: a plain word may be null, a truth or a whole number; quoted ones are text.
 */
static json_t *read_scalar(const yaml_node_t *node)
{
    const char *s = (const char *)node->data.scalar.value;
    size_t n = node->data.scalar.length;
    char *end;
    long long number;

    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return json_stringn(s, n);
    if (n == 0 || strcmp(s, "null") == 0 || strcmp(s, "~") == 0)
        return json_null();
    if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
        return json_boolean(s[0] == 't');
    number = strtoll(s, &end, 10);
    /* 0644 is a mode, and not six hundred and forty-four. */
    if (n <= 18 && !*end && strspn(s, "-0123456789") == n && (s[0] != '0' || n == 1))
        return json_integer(number);
    return json_stringn(s, n);
}

static json_t *read_sequence(struct reader *r, const yaml_node_t *node, unsigned depth)
{
    json_t *list = json_array(), *value;

    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        value = read_node(r, yaml_document_get_node(&r->document, *i), depth);
        if (!value) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, value);
    }
    return list;
}

static bool read_pair(struct reader *r, const yaml_node_pair_t *pair, json_t *object, unsigned depth)
{
    const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);
    json_t *value;
    const char *name;

    if (!key || key->type != YAML_SCALAR_NODE)
        return bad(r, key, "a key must be a word");
    name = (const char *)key->data.scalar.value;
    if (json_object_get(object, name))
        return bad(r, key, "this key is there twice");
    value = read_node(r, yaml_document_get_node(&r->document, pair->value), depth);
    return value && json_object_set_new(object, name, value) == 0;
}

static json_t *read_mapping(struct reader *r, const yaml_node_t *node, unsigned depth)
{
    json_t *object = json_object();

    for (yaml_node_pair_t *i = node->data.mapping.pairs.start; i < node->data.mapping.pairs.top; i++)
        if (!read_pair(r, i, object, depth)) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* What an order is made of; a word with another tag would be taken for something that it is not. */
static bool has_own_tag(const yaml_node_t *node)
{
    static const char *const tags[] = {YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG};

    for (size_t i = 0; node->tag && i < sizeof(tags) / sizeof(tags[0]); i++)
        if (strcmp((const char *)node->tag, tags[i]) == 0)
            return false;
    return node->tag != NULL;
}

static json_t *read_node(struct reader *r, const yaml_node_t *node, unsigned depth)
{
    json_t *value;

    if (!node || depth == DEPTH_MAX || ++r->nodes > NODES_MAX)
        return bad(r, node, "too much, or too deep");
    if (has_own_tag(node))
        return bad(r, node, "tags (!!) are not understood");
    if (node->type == YAML_SEQUENCE_NODE)
        return read_sequence(r, node, depth + 1);
    if (node->type == YAML_MAPPING_NODE)
        return read_mapping(r, node, depth + 1);
    value = read_scalar(node);
    return value ? value : bad(r, node, "this is not UTF-8");
}

/* Loads the next document; its root is NULL behind the last one. */
static bool load(struct reader *r, yaml_parser_t *parser)
{
    if (yaml_parser_load(parser, &r->document))
        return true;
    cli_fail(CLI_USAGE, "%s, line %zu: %s", r->file, parser->problem_mark.line + 1,
             parser->problem ? parser->problem : "this is not YAML");
    return false;
}

/* A second document would be an order that nobody carries out. */
static bool is_only_one(struct reader *r, yaml_parser_t *parser)
{
    const yaml_node_t *root;

    if (!load(r, parser))
        return false;
    root = yaml_document_get_root_node(&r->document);
    if (root)
        bad(r, root, "a second document (---): one order to a file");
    yaml_document_delete(&r->document);
    return !root;
}

static json_t *read_document(struct reader *r, yaml_parser_t *parser)
{
    const yaml_node_t *node;
    json_t *root;

    if (!load(r, parser))
        return NULL;
    node = yaml_document_get_root_node(&r->document);
    root = node ? read_node(r, node, 0) : NULL;
    if (!node)
        cli_fail(CLI_USAGE, "%s is empty", r->file);
    yaml_document_delete(&r->document);
    if (!root || is_only_one(r, parser))
        return root;
    json_decref(root);
    return NULL;
}

json_t *cli_yaml(const char *file)
{
    struct reader r = {.file = file};
    yaml_parser_t parser;
    json_t *root = NULL;
    size_t size;
    char *text = cli_read_file(file, FILE_MAX, &size);

    if (!text)
        return NULL;
    /* YAML's parser knows no pairs of \u escapes. */
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    if (!root && yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
        root = read_document(&r, &parser);
        yaml_parser_delete(&parser);
    }
    free(text);
    return root;
}
