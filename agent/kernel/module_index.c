/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/module_index.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buffer.h"

#define FILE_LIMIT (16u << 20)
#define DEPTH_MAX 32

struct module {
    char *name; /* with '_' */
    const char *path;
    char *deps; /* paths, separated by spaces */
    bool handed_out;
};

struct alias {
    const char *pattern;
    const char *module;
};

struct softdep {
    const char *module;
    char *words; /* "pre: a b post: c" */
};

/* The three files stay in memory as they were read; everything points into them. */
struct module_index {
    struct buffer dep_text, alias_text, softdep_text;
    struct module *modules;
    struct alias *aliases;
    struct softdep *softdeps;
    size_t module_count, alias_count, softdep_count;
};

/* As kmod does: in a name '-' is '_', but not inside the brackets of a pattern. */
static void normalise(char *s)
{
    bool in_brackets = false;

    for (; *s; s++) {
        if (*s == '[' || *s == ']')
            in_brackets = *s == '[';
        else if (*s == '-' && !in_brackets)
            *s = '_';
    }
}

static size_t count_lines(const struct buffer *b)
{
    size_t lines = 1;

    for (size_t i = 0; i < b->size; i++)
        lines += b->data[i] == '\n';
    return lines;
}

static bool read_lines(struct buffer *b, const char *dir, const char *name, size_t *ret_lines)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (!buffer_read_file(b, path, FILE_LIMIT)) {
        b->size = 0;
        if (!buffer_append(b, "", 1)) /* a text that ends at once */
            return false;
    }
    *ret_lines = count_lines(b);
    return true;
}

/* "kernel/drivers/net/virtio_net.ko" and its suffixes -> virtio_net */
static char *name_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path), *dot;

    if (!name)
        return NULL;
    dot = strchr(name, '.');
    if (dot)
        *dot = '\0';
    normalise(name);
    return name;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct module *)a)->name, ((const struct module *)b)->name);
}

static bool parse_deps(struct module_index *m, char *text)
{
    char *line, *colon;

    while ((line = strsep(&text, "\n"))) {
        colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        m->modules[m->module_count] = (struct module){.name = name_of_path(line), .path = line, .deps = colon + 1};
        if (!m->modules[m->module_count].name)
            return false;
        m->module_count++;
    }
    qsort(m->modules, m->module_count, sizeof(*m->modules), by_name);
    return true;
}

static void parse_aliases(struct module_index *m, char *text)
{
    char *line, *pattern, *module;

    while ((line = strsep(&text, "\n"))) {
        if (strncmp(line, "alias ", 6) != 0)
            continue;
        pattern = line + 6;
        module = strrchr(pattern, ' ');
        if (!module)
            continue;
        *module++ = '\0';
        normalise(pattern);
        m->aliases[m->alias_count++] = (struct alias){.pattern = pattern, .module = module};
    }
}

static void parse_softdeps(struct module_index *m, char *text)
{
    char *line, *name;

    while ((line = strsep(&text, "\n"))) {
        if (strncmp(line, "softdep ", 8) != 0)
            continue;
        line += 8;
        name = strsep(&line, " ");
        if (!line)
            continue;
        normalise(name);
        m->softdeps[m->softdep_count++] = (struct softdep){.module = name, .words = line};
    }
}

struct module_index *module_index_open(const char *dir)
{
    struct module_index *m = calloc(1, sizeof(*m));
    size_t deps, aliases, softdeps;

    if (!m)
        return NULL;
    if (!read_lines(&m->dep_text, dir, "modules.dep", &deps) ||
        !read_lines(&m->alias_text, dir, "modules.alias", &aliases) ||
        !read_lines(&m->softdep_text, dir, "modules.softdep", &softdeps))
        goto err;
    m->modules = calloc(deps, sizeof(*m->modules));
    m->aliases = calloc(aliases, sizeof(*m->aliases));
    m->softdeps = calloc(softdeps, sizeof(*m->softdeps));
    if (!m->modules || !m->aliases || !m->softdeps || !parse_deps(m, (char *)m->dep_text.data))
        goto err;
    parse_aliases(m, (char *)m->alias_text.data);
    parse_softdeps(m, (char *)m->softdep_text.data);
    return m;
err:
    module_index_close(m);
    return NULL;
}

void module_index_close(struct module_index *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->module_count; i++)
        free(m->modules[i].name);
    free(m->modules);
    free(m->aliases);
    free(m->softdeps);
    free(m->dep_text.data);
    free(m->alias_text.data);
    free(m->softdep_text.data);
    free(m);
}

static struct module *find(struct module_index *m, const char *name)
{
    char key[128];

    snprintf(key, sizeof(key), "%s", name);
    normalise(key);
    return bsearch(&(struct module){.name = key}, m->modules, m->module_count, sizeof(*m->modules), by_name);
}

static void hand_out(struct module_index *m, struct module *mod, module_load_fn *load, void *arg, unsigned depth);

static void hand_out_by_name(struct module_index *m, const char *name, module_load_fn *load, void *arg, unsigned depth)
{
    struct module *mod = find(m, name);

    if (mod)
        hand_out(m, mod, load, arg, depth);
}

/* `when` is "pre:" or "post:". */
static void hand_out_soft(struct module_index *m, const struct module *mod, const char *when, module_load_fn *load,
                          void *arg, unsigned depth)
{
    char copy[512], *word, *rest;
    bool wanted = false;

    for (size_t i = 0; i < m->softdep_count; i++) {
        if (strcmp(m->softdeps[i].module, mod->name) != 0)
            continue;
        snprintf(copy, sizeof(copy), "%s", m->softdeps[i].words);
        rest = copy;
        while ((word = strsep(&rest, " \t"))) {
            if (strcmp(word, "pre:") == 0 || strcmp(word, "post:") == 0)
                wanted = strcmp(word, when) == 0;
            else if (wanted && word[0])
                hand_out_by_name(m, word, load, arg, depth);
        }
    }
}

/* modules.dep names what is needed last first. */
static void hand_out_deps(struct module_index *m, const struct module *mod, module_load_fn *load, void *arg,
                          unsigned depth)
{
    const char *end = mod->deps + strlen(mod->deps), *begin;
    char path[256], *name;

    while (end > mod->deps) {
        for (begin = end; begin > mod->deps && begin[-1] != ' '; begin--)
            ;
        if (begin < end && (size_t)(end - begin) < sizeof(path)) {
            snprintf(path, sizeof(path), "%.*s", (int)(end - begin), begin);
            name = name_of_path(path);
            if (name)
                hand_out_by_name(m, name, load, arg, depth);
            free(name);
        }
        end = begin > mod->deps ? begin - 1 : begin;
    }
}

static void hand_out(struct module_index *m, struct module *mod, module_load_fn *load, void *arg, unsigned depth)
{
    if (mod->handed_out || depth > DEPTH_MAX)
        return;
    mod->handed_out = true; /* before its dependencies: a circle must end */
    hand_out_soft(m, mod, "pre:", load, arg, depth + 1);
    hand_out_deps(m, mod, load, arg, depth + 1);
    load(arg, mod->path);
    hand_out_soft(m, mod, "post:", load, arg, depth + 1);
}

bool module_index_load(struct module_index *m, const char *name, module_load_fn *load, void *arg)
{
    struct module *mod = find(m, name);

    if (!mod)
        return false;
    hand_out(m, mod, load, arg, 0);
    return true;
}

/* Patterns are many and nearly all differ in their first letters: fnmatch() is for the few that do not. */
static bool alias_matches(const char *pattern, const char *modalias)
{
    size_t i = 0;

    while (pattern[i] && pattern[i] == modalias[i] && !strchr("*?[\\", pattern[i]))
        i++;
    if (!strchr("*?[\\", pattern[i])) /* strchr finds the NUL as well */
        return false;
    return fnmatch(pattern + i, modalias + i, 0) == 0;
}

bool module_index_load_alias(struct module_index *m, const char *modalias, module_load_fn *load, void *arg)
{
    char wanted[512];
    bool found = false;

    snprintf(wanted, sizeof(wanted), "%s", modalias);
    normalise(wanted);
    for (size_t i = 0; i < m->alias_count; i++)
        if (alias_matches(m->aliases[i].pattern, wanted)) {
            hand_out_by_name(m, m->aliases[i].module, load, arg, 0);
            found = true;
        }
    return found;
}
