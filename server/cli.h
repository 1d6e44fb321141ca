/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slipway command: what its subcommands share. Exit status: 0 done, 1 refused or failed, 2 called wrongly. */
#ifndef SLIPWAY_SERVER_CLI_H
#define SLIPWAY_SERVER_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLI_FAILED 1
#define CLI_USAGE 2
#define CLI_DISKS 16 /* that an image may have */

struct cli {
    const char *socket; /* of slipwayd */
    bool json;          /* answers as JSON for scripts */
    /* Options of capture and deploy. */
    const char *disks[CLI_DISKS], *finish;
    unsigned disk_count;
    const char *level, *bad_sectors, *grow, *keep, *leave, *sha256, *boot_order;
    bool no_checksum, as_is, logs, no_identity, confirm;
    /* Of image import and export. */
    const char *name, *split, *scratch;
    bool wait;
};

/* One line on stderr, with "slipway: " before it. Return `status`. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends a request; `body` may be NULL and is consumed. The path's %s are names from the command line, which
 * cli_path has escaped. Returns the answer, a new reference, or NULL: the reason has been told on stderr. */
json_t *cli_request(const struct cli *c, const char *method, const char *path, json_t *body);

/* /admin/v1/KIND/NAME or /admin/v1/KIND/NAME/VERB, the name escaped for a URL; the caller frees it. NULL when out of
 * memory. */
char *cli_path(const char *kind, const char *name, const char *verb);

/* Ends a subcommand with its answer: prints it as JSON if asked to, else calls `show` (may be NULL). Consumes `answer`,
 * which is NULL after a failure. Returns the exit status. */
int cli_finish(const struct cli *c, json_t *answer, void (*show)(const json_t *answer));

/* slipway machine import FILE, machine pattern [PATTERN] (NULL: shows it). Return the exit status. */
int cli_room(const struct cli *c, const char *file);
int cli_pattern(const struct cli *c, const char *pattern);

/* Subcommands: words behind the noun, `count` of them. Return the exit status. */
int cli_machine(const struct cli *c, int count, char **words);
int cli_job(const struct cli *c, int count, char **words);
int cli_image(const struct cli *c, int count, char **words);
int cli_image_import(const struct cli *c, const char *file);
int cli_image_export(const struct cli *c, const char *image, const char *file);
int cli_capture(const struct cli *c, int count, char **words);
int cli_deploy(const struct cli *c, int count, char **words);

/* Puts --finish, --boot-order and --confirm into an order for jobs. */
void cli_add_ending(const struct cli *c, json_t *order);

/* Orders jobs (consumes `order`), tells of them and, with --wait, waits. Returns the exit status. */
int cli_order(const struct cli *c, json_t *order);

/* slipway job submit FILE [MACHINE...]. Returns the exit status. */
int cli_submit(const struct cli *c, const char *file, int count, char **machines);

/* What a job has left behind: the list, one file into `to` ("-": standard output, else a file that is not there yet), and at
 * the end of job show the output of its commands. The last two return the exit status. */
void cli_job_show_files(const json_t *answer);
int cli_job_fetch(const struct cli *c, const char *id, const char *name, const char *to);
int cli_job_show_output(const struct cli *c, const char *id);

/* Reads a file of YAML 1.2's core schema, of which JSON is a part. A new reference, or NULL after telling why. */
json_t *cli_yaml(const char *file);

/* Fetches what lies at `path` into `to`. Returns 0, or 1 after telling why. */
int cli_download(const struct cli *c, const char *path, FILE *to);

/* A whole file of at most `max` bytes; the caller frees it, with a NUL behind the last. NULL after telling why. */
char *cli_read_file(const char *file, size_t max, size_t *ret_size);

/* Waits until all jobs of {"jobs": [...]} have ended, telling each change. Returns 0 when all succeeded, else 1. */
int cli_wait(const struct cli *c, const json_t *jobs);

#endif
