/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd_options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/anonymous/anonymous_items.h"

static const struct option names[] = {
    {"store", required_argument, NULL, 's'},  {"image", required_argument, NULL, 'i'},
    {"token", required_argument, NULL, 't'},  {"threads", required_argument, NULL, 'n'},
    {"level", required_argument, NULL, 'l'},  {"bad-sectors", required_argument, NULL, 'b'},
    {"anonymous", no_argument, NULL, 'a'},    {"leave", required_argument, NULL, 'v'},
    {"logs", no_argument, NULL, 'L'},         {"source", required_argument, NULL, 'o'},
    {"sha256", required_argument, NULL, 'c'}, {"no-checksum", no_argument, NULL, 'C'},
    {"grow", required_argument, NULL, 'g'},   {"keep", required_argument, NULL, 'k'},
    {"split", required_argument, NULL, 'p'},  {"scratch", required_argument, NULL, 'd'},
    {"yes", no_argument, NULL, 'y'},          {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

int cmd_wrong(const char *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "slipway-agent %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nslipway-agent %s --help tells more.\n", command);
    return 2;
}

bool cmd_size_parse(const char *text, uint64_t *ret)
{
    static const char units[] = "KMGT";
    unsigned long long number;
    const char *unit;
    char *end;
    unsigned shift = 0;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (*end) {
        unit = strchr(units, toupper((unsigned char)*end));
        if (!unit || end[1])
            return false;
        shift = 10 * (unsigned)(unit - units + 1);
    }
    if (errno || number == 0 || number > (uint64_t)INT64_MAX >> shift)
        return false;
    *ret = (uint64_t)number << shift;
    return true;
}

static bool read_number(const char *text, long max, long *ret)
{
    char *end;

    *ret = strtol(text, &end, 10);
    return isdigit((unsigned char)*text) && !*end && *ret >= 1 && *ret <= max;
}

static bool read_grow(const char *text, int *ret)
{
    long number;

    if (!strcmp(text, "none")) {
        *ret = DEPLOY_GROW_NONE;
        return true;
    }
    if (!strcmp(text, "auto")) {
        *ret = DEPLOY_GROW_AUTO;
        return true;
    }
    if (!read_number(text, CMD_KEEP, &number))
        return false;
    *ret = (int)number;
    return true;
}

static bool read_keep(struct cmd_options *o, const char *text)
{
    char *copy = strdup(text), *rest = copy, *word;
    bool good = copy != NULL;
    long number;

    while (good && (word = strsep(&rest, ","))) {
        good = o->keep_count < CMD_KEEP && read_number(word, CMD_KEEP, &number);
        if (good)
            o->keep[o->keep_count++] = (unsigned)number;
    }
    free(copy);
    return good;
}

static bool read_leave(struct cmd_options *o, const char *text)
{
    char *copy = strdup(text), *rest = copy, *word;
    bool good = copy != NULL;
    unsigned item;

    while (good && (word = strsep(&rest, ","))) {
        item = anonymous_item_parse(word);
        o->leave |= item;
        good = item != 0;
    }
    free(copy);
    return good;
}

static bool read_sha256(struct cmd_options *o, const char *text)
{
    uint8_t sum[32];

    o->sha256 = text;
    return chunk_id_parse(text, sum);
}

static bool read_value(struct cmd_options *o, int c, const char *value)
{
    const char **texts[128] = {
        ['s'] = &o->store, ['i'] = &o->image, ['t'] = &o->token, ['o'] = &o->source, ['d'] = &o->scratch};

    switch (c) {
    case 'n':
        return read_number(value, 4, &o->threads);
    case 'l':
        return read_number(value, 19, &o->level);
    case 'b':
        o->zero_bad_sectors = !strcmp(value, "zero");
        return o->zero_bad_sectors || !strcmp(value, "fail");
    case 'c':
        return read_sha256(o, value);
    case 'g':
        return read_grow(value, &o->grow);
    case 'k':
        return read_keep(o, value);
    case 'p':
        return cmd_size_parse(value, &o->split);
    case 'a':
        return o->anonymous = true;
    case 'v':
        return read_leave(o, value);
    case 'L':
        return o->logs = true;
    case 'C':
        return o->no_checksum = true;
    case 'y':
        return o->yes = true;
    case 'j':
        return o->json = true;
    default:
        *texts[c] = value;
        return value[0] != '\0';
    }
}

static bool is_allowed(const char *allowed, const char *name)
{
    char word[32];

    snprintf(word, sizeof(word), " %s ", name);
    return !strcmp(name, "json") || !strcmp(name, "help") || strstr(allowed, word);
}

/* getopt then refuses, and completes, as if there were no others. */
static void filter_names(const char *allowed, struct option ret[NAMES])
{
    size_t count = 0;

    for (size_t i = 0; i < NAMES - 1; i++)
        if (is_allowed(allowed, names[i].name))
            ret[count++] = names[i];
    ret[count] = names[NAMES - 1];
}

enum cmd_parsed cmd_options_read(struct cmd_options *o, int argc, char **argv, const char *allowed, const char *usage)
{
    struct option own[NAMES];
    int c, which = -1;

    *o = (struct cmd_options){0};
    filter_names(allowed, own);
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":", own, &which)) != -1) {
        if (c == 'h') {
            fputs(usage, stdout);
            return CMD_HELP;
        }
        if (c == ':')
            return cmd_wrong(argv[0], "%s needs a value", argv[optind - 1]), CMD_WRONG;
        if (c == '?')
            return cmd_wrong(argv[0], "%s is no option of it", argv[optind - 1]), CMD_WRONG;
        if (!read_value(o, c, optarg))
            return cmd_wrong(argv[0], "\"%s\" is no value for --%s", optarg, own[which].name), CMD_WRONG;
    }
    if (!o->token)
        o->token = getenv("SLIPWAY_TOKEN"); /* which other users do not see in the list of processes */
    o->words = argv + optind;
    o->word_count = (unsigned)(argc - optind);
    return CMD_GO;
}
