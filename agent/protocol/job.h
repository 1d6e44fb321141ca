/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as the server gives it (docs/protocol.md, "Job"). */
#ifndef SLIPWAY_AGENT_JOB_H
#define SLIPWAY_AGENT_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/bad_sectors.h"
#include "agent/disk/disk.h"
#include "agent/identity/identity_data.h"
#include "agent/image/manifest.h"

#define JOB_KEEP 128
#define JOB_STEPS 64
#define JOB_LEAVE 16

enum job_finish { FINISH_REBOOT, FINISH_POWEROFF, FINISH_HOLD, FINISH_BOOTNEXT, FINISH_KEXEC };
enum step_kind { STEP_CAPTURE, STEP_DEPLOY, STEP_RUN, STEP_PUT, STEP_GET, STEP_WAIT };

/* How a capture or a deploy is done; zeros are the defaults. */
struct job_options {
    int level;                          /* zstd; capture */
    enum bad_sector_policy bad_sectors; /* capture */
    bool as_is, logs;                   /* capture: keep the identity; remove logs, too */
    const char *leave[JOB_LEAVE];       /* capture: things of the identity that stay; the job's */
    unsigned leave_count;
    int grow; /* as in struct deploy_layout; deploy */
    unsigned keep[JOB_KEEP], keep_count;
    bool no_identity; /* deploy */
};

/* A disk image that is in no store; deploy. */
struct job_source {
    char url[1001];  /* "": none */
    char sha256[65]; /* "": look beside it */
    bool unchecked;
};

/* Members that belong to other kinds are zeros. Pointers are into the job's own object. */
struct job_step {
    enum step_kind kind;
    /* capture, deploy */
    char image[65]; /* "" when there is a source */
    struct job_source source;
    struct job_options options;
    unsigned rule_count; /* 0: the only disk */
    struct disk_rule rules[MANIFEST_DISKS];
    /* run, put, get */
    bool in_system; /* else in automation */
    /* run */
    const char *command; /* may have several lines */
    unsigned timeout;    /* seconds */
    bool success[256];   /* which exit codes are good */
    /* put, get */
    const char *path;     /* from the root; without ".." */
    const char *content;  /* put: base64 */
    unsigned mode;        /* put */
    uint32_t user, group; /* put */
    const char *name;     /* get: of the file at the server, [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
    /* wait */
    unsigned seconds; /* 0: until somebody lets it go on */
};

struct job {
    json_t *object; /* owns the strings */
    uint64_t id;
    char token[65];
    unsigned starts;
    struct job_step *steps;
    unsigned step_count;
    unsigned done; /* so many steps were done by an earlier start of the agent */
    struct identity_data identity;
    enum job_finish finish;
    char boot_order[16]; /* "network-first", "disk-first", "keep"; "" */
    bool confirm;
    char confirm_token[65]; /* "" without confirm */
};

/* Reads a job object. Returns 0, or -1 with *f (reason "internal"): something is missing, of the wrong type or out of
 * bounds, and the message names it. id, token and starts are read first: when they are good, *ret holds them even after
 * a failure (else id is 0), so that the server can be told. The caller releases with job_release(), also then. */
int job_parse(const json_t *object, struct job *ret, struct failure *f);

/* Once for all copies of a job; zeros are fine. */
void job_release(struct job *job);

/* For people: what a step captures or deploys (the image's name, or where it comes from), else "". */
const char *job_step_image(const struct job_step *step);

/* The words of the protocol. */
const char *job_step_word(enum step_kind kind);
const char *job_finish_name(enum job_finish finish);

#endif
