/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the commands for people, read in one place so that one name means one thing everywhere. */
#ifndef SLIPWAY_AGENT_CMD_OPTIONS_H
#define SLIPWAY_AGENT_CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/imaging/imaging.h"

#define CMD_KEEP 128

struct cmd_options {
    const char *store, *image, *token, *source, *sha256, *scratch;
    long threads, level;
    uint64_t split; /* bytes; 0: not given */
    int grow;
    unsigned keep[CMD_KEEP], keep_count;
    unsigned leave; /* bits of anonymous_item */
    bool yes, json, no_checksum, zero_bad_sectors, anonymous, logs;
    char **words; /* what is no option */
    unsigned word_count;
};

enum cmd_parsed {
    CMD_GO,
    CMD_HELP,  /* --help was given and answered: exit status 0 */
    CMD_WRONG, /* told on stderr: exit status 2 */
};

/* Reads the command line of the command argv[0]. `allowed` names its options, each between spaces (" store image ");
 * --json and --help belong to every command. Without --token the environment's SLIPWAY_TOKEN counts. `usage` is what
 * --help prints. */
enum cmd_parsed cmd_options_read(struct cmd_options *o, int argc, char **argv, const char *allowed, const char *usage);

/* Tells on stderr what is wrong with the command line of `command`. Returns exit status 2. */
int cmd_wrong(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads "650M", "2G", "1000000": bytes, K, M, G and T being powers of 1024. False for anything else, 0 and what does
 * not fit. */
bool cmd_size_parse(const char *text, uint64_t *ret);

#endif
