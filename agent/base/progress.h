/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the imaging engine tells how far it is. The engine counts; whoever listens draws a bar or posts an event. */
#ifndef SLIPWAY_AGENT_PROGRESS_H
#define SLIPWAY_AGENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress_report {
    const char *step;               /* "capture", "deploy" */
    const char *what;               /* "partition 2 of 3, ext4" */
    uint64_t done, total;           /* bytes of the whole step */
    uint64_t part_done, part_total; /* bytes of `what`, used or not; part_total 0: not known */
    uint64_t moved;                 /* bytes sent or fetched over the network */
    uint64_t rate;                  /* bytes per second over the last few seconds */
    uint32_t seconds_left;          /* UINT32_MAX: not known yet */
};

struct progress {
    /* Called at most once a second from one of the engine's threads, and once at the end. */
    void (*report)(void *arg, const struct progress_report *r);
    /* Asked often; true stops the engine, which then fails with the reason "cancelled". */
    bool (*cancelled)(void *arg);
    /* A line for people, for example why a partition is taken raw. */
    void (*note)(void *arg, const char *text);
    void *arg;
};

/* Tells a line for people, cut at 511 bytes, to who listens. */
__attribute__((format(printf, 2, 3))) void progress_note(const struct progress *p, const char *format, ...);

#endif
