/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as the server gives it (docs/protocol.md, "Job"). */
#ifndef SLIPWAY_AGENT_JOB_H
#define SLIPWAY_AGENT_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/bad_sectors.h"
#include "agent/disk.h"
#include "agent/failure.h"
#include "agent/identity_data.h"
#include "agent/manifest.h"

#define JOB_KEEP 128

enum job_kind { JOB_CAPTURE, JOB_DEPLOY };
enum job_finish { FINISH_REBOOT, FINISH_POWEROFF, FINISH_HOLD };

/* How a capture or a deploy is done; zeros are the defaults. */
struct job_options {
    int level;                          /* zstd; capture */
    enum bad_sector_policy bad_sectors; /* capture */
    int grow;                           /* as in struct deploy_layout; deploy */
    unsigned keep[JOB_KEEP], keep_count;
};

/* A disk image that is in no store; deploy. */
struct job_source {
    char url[1001];  /* "": none */
    char sha256[65]; /* "": look beside it */
    bool unchecked;
};

struct job {
    uint64_t id;
    char token[65];
    enum job_kind kind;
    char image[65]; /* "" when there is a source */
    struct job_source source;
    struct job_options options;
    unsigned rule_count; /* 0: the only disk */
    struct disk_rule rules[MANIFEST_DISKS];
    enum job_finish finish;
    struct identity_data identity;
    unsigned starts;
};

/* Reads a job object. Returns 0, or -1 with *f (reason "internal"): something is missing, of the wrong type or out of
 * bounds, and the message names it. id, token and starts are read first: when they are good, *ret holds them even after
 * a failure (else id is 0), so that the server can be told. The caller releases with job_release(), also then. */
int job_parse(const json_t *object, struct job *ret, struct failure *f);

/* Once for all copies of a job; zeros are fine. */
void job_release(struct job *job);

/* The words of the protocol. */
const char *job_kind_name(enum job_kind kind);
const char *job_finish_name(enum job_finish finish);

#endif
