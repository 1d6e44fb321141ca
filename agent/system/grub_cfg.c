/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/grub_cfg.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/system/grub_env.h"

#define WORDS 128
#define COMMAND_SIZE 4096

/* The words of one command, without their quotes. */
struct command {
    unsigned count;
    bool cut;
    const char *words[WORDS];
    size_t length;
    char text[COMMAND_SIZE];
};

struct reader {
    const char *at, *end, *env;
    struct grub_cfg *ret;
    struct grub_cfg_entry *entry; /* that the commands belong to, NULL outside of all */
    unsigned depth, entry_depth;  /* braces that are open; of the entry's own */
    unsigned submenu_depth;       /* 0: not in one */
    unsigned places;
};

static void add_char(struct command *c, char value)
{
    if (c->length + 1 < COMMAND_SIZE)
        c->text[c->length++] = value;
    else
        c->cut = true;
}

/* A variable's value, as it stands: the name behind the dollar sign goes through grub_env_expand. */
static void add_variable(struct reader *r, struct command *c)
{
    char name[80] = "$", value[1024];
    size_t n = 1;
    bool braces;

    r->at++;
    braces = r->at < r->end && *r->at == '{';
    while (r->at < r->end && n + 2 < sizeof(name)) {
        char x = *r->at;
        if (!((x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || x == '_' ||
              (braces && (x == '{' || x == '}'))))
            break;
        name[n++] = x;
        r->at++;
        if (x == '}')
            break;
    }
    name[n] = '\0';
    if (n == 1 || !grub_env_expand(r->env, name, value, sizeof(value)))
        return;
    for (const char *v = value; *v; v++)
        add_char(c, *v);
}

static void read_quoted(struct reader *r, struct command *c, char quote)
{
    for (r->at++; r->at < r->end && *r->at != quote; r->at++) {
        if (quote == '"' && *r->at == '$') {
            add_variable(r, c);
            r->at--;
            continue;
        }
        if (quote == '"' && *r->at == '\\' && r->at + 1 < r->end)
            r->at++;
        add_char(c, *r->at);
    }
    r->at += r->at < r->end;
}

static bool ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';';
}

static void read_word(struct reader *r, struct command *c)
{
    size_t start = c->length;

    while (r->at < r->end && !ends_word(*r->at)) {
        if (*r->at == '\'' || *r->at == '"') {
            read_quoted(r, c, *r->at);
        } else if (*r->at == '$') {
            add_variable(r, c);
        } else {
            if (*r->at == '\\' && r->at + 1 < r->end)
                r->at++;
            if (*r->at)
                add_char(c, *r->at);
            r->at++;
        }
    }
    c->text[c->length] = '\0';
    c->length += c->length + 1 < COMMAND_SIZE;
    if (c->count < WORDS)
        c->words[c->count++] = c->text + start;
    else
        c->cut = true;
}

/* Reads up to the end of a line, or a semicolon. */
static void read_command(struct reader *r, struct command *c)
{
    *c = (struct command){0};
    while (r->at < r->end) {
        char x = *r->at;
        if (x == '\n' || x == ';') {
            r->at++;
            return;
        }
        if (x == '#')
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        else if (ends_word(x))
            r->at++;
        else if (x == '\\' && r->at + 1 < r->end && r->at[1] == '\n')
            r->at += 2; /* the command goes on in the next line */
        else
            read_word(r, c);
    }
}

/* "(hd0,gpt2)/vmlinuz" is "/vmlinuz": the device is whatever the system was found on. */
static void take_path(const char *word, char ret[BOOT_ENTRY_PATH])
{
    const char *close = word[0] == '(' ? strchr(word, ')') : NULL;

    if (close)
        word = close + 1;
    if (strlen(word) < BOOT_ENTRY_PATH)
        strcpy(ret, word);
    else
        ret[0] = '\0';
}

static void take_linux(const struct command *c, struct boot_entry *ret)
{
    size_t length = 0;

    ret->options[0] = '\0';
    if (c->cut || c->count < 2)
        return;
    take_path(c->words[1], ret->linux_path);
    for (unsigned i = 2; i < c->count; i++) {
        size_t n = strlen(c->words[i]);
        if (n == 0)
            continue;
        if (length + n + 2 > sizeof(ret->options)) {
            ret->linux_path[0] = '\0'; /* half a command line is worse than none */
            return;
        }
        length += (size_t)sprintf(ret->options + length, "%s%s", length ? " " : "", c->words[i]);
    }
}

static void take_initrd(const struct command *c, struct boot_entry *ret)
{
    ret->initrd_count = 0;
    for (unsigned i = 1; i < c->count && ret->initrd_count < BOOT_ENTRY_INITRDS; i++)
        take_path(c->words[i], ret->initrd[ret->initrd_count++]);
}

static void copy_word(char *ret, size_t size, const char *word)
{
    snprintf(ret, size, "%.*s", (int)size - 1, word);
}

/* menuentry TITLE [--class X] [--id ID | $menuentry_id_option ID] {. That variable belongs to GRUB and is empty here:
 * an empty word. */
static const char *find_id(const struct command *c)
{
    for (unsigned i = 2; i + 1 < c->count; i++)
        if (!strcmp(c->words[i], "--id") || !c->words[i][0])
            return c->words[i + 1];
    return "";
}

static void begin_entry(struct reader *r, const struct command *c)
{
    struct grub_cfg_entry *e;

    if (r->ret->count == GRUB_CFG_ENTRIES)
        return;
    e = &r->ret->entries[r->ret->count++];
    copy_word(e->boot.title, sizeof(e->boot.title), c->count > 1 ? c->words[1] : "");
    copy_word(e->id, sizeof(e->id), find_id(c));
    e->place = r->submenu_depth ? r->places - 1 : r->places++;
    r->entry = e;
    r->entry_depth = r->depth + 1;
}

static void begin_submenu(struct reader *r)
{
    if (!r->submenu_depth) {
        r->places++;
        r->submenu_depth = r->depth + 1;
    }
}

static void count_braces(struct reader *r, const struct command *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (!strcmp(c->words[i], "{"))
            r->depth++;
        if (strcmp(c->words[i], "}") || !r->depth)
            continue;
        if (r->entry && r->depth == r->entry_depth)
            r->entry = NULL;
        if (r->depth == r->submenu_depth)
            r->submenu_depth = 0;
        r->depth--;
    }
}

static bool is_one_of(const char *word, const char *const *names)
{
    while (*names && strcmp(word, *names))
        names++;
    return *names != NULL;
}

static void obey(struct reader *r, const struct command *c)
{
    static const char *const linux_commands[] = {"linux", "linuxefi", "linux16", NULL};
    static const char *const initrd_commands[] = {"initrd", "initrdefi", "initrd16", NULL};
    struct boot_entry *target = r->entry ? &r->entry->boot : r->depth ? NULL : &r->ret->top;

    if (!strcmp(c->words[0], "menuentry") && !r->entry)
        begin_entry(r, c);
    else if (!strcmp(c->words[0], "submenu") && !r->entry)
        begin_submenu(r);
    else if (target && is_one_of(c->words[0], linux_commands))
        take_linux(c, target);
    else if (target && is_one_of(c->words[0], initrd_commands))
        take_initrd(c, target);
    else if (!strcmp(c->words[0], "set") && c->count > 1 && !strncmp(c->words[1], "default=", 8) && c->words[1][8])
        copy_word(r->ret->chosen, sizeof(r->ret->chosen), c->words[1] + 8);
    count_braces(r, c);
}

int grub_cfg_parse(const char *text, size_t size, const char *env, struct grub_cfg *ret)
{
    struct reader r = {.at = text, .end = text + size, .env = env, .ret = ret};
    struct command *c = malloc(sizeof(*c));

    memset(ret, 0, sizeof(*ret));
    ret->entries = calloc(GRUB_CFG_ENTRIES, sizeof(*ret->entries));
    if (!ret->entries || !c) {
        free(c);
        grub_cfg_free(ret);
        return -1;
    }
    while (r.at < r.end) {
        read_command(&r, c);
        if (c->count)
            obey(&r, c);
    }
    free(c);
    return 0;
}

void grub_cfg_free(struct grub_cfg *c)
{
    free(c->entries);
    c->entries = NULL;
    c->count = 0;
}

/* "title", "id", "submenu>title". */
static const struct grub_cfg_entry *find_named(const struct grub_cfg *c, const char *name)
{
    for (unsigned i = 0; i < c->count && name[0]; i++)
        if (!strcmp(c->entries[i].id, name) || !strcmp(c->entries[i].boot.title, name))
            return &c->entries[i];
    return NULL;
}

/* "1", "1>2"; anything else is 0. */
static const struct grub_cfg_entry *find_numbered(const struct grub_cfg *c, const char *number)
{
    char *end;
    unsigned long place = strtoul(number, &end, 10), inside = *end == '>' ? strtoul(end + 1, NULL, 10) : 0;

    for (unsigned i = 0; i < c->count; i++)
        if (c->entries[i].place == place && inside-- == 0)
            return &c->entries[i];
    return NULL;
}

static const struct grub_cfg_entry *find_chosen(const struct grub_cfg *c)
{
    const char *last = strrchr(c->chosen, '>');
    const struct grub_cfg_entry *named = find_named(c, last ? last + 1 : c->chosen);

    return named ? named : find_numbered(c, c->chosen);
}

const struct boot_entry *grub_cfg_default(const struct grub_cfg *c)
{
    const struct grub_cfg_entry *e = find_chosen(c);

    if (c->top.linux_path[0])
        return &c->top;
    return e && e->boot.linux_path[0] ? &e->boot : NULL;
}
