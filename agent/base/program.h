/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs another program to its end, without a shell. */
#ifndef SLIPWAY_AGENT_PROGRAM_H
#define SLIPWAY_AGENT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/base/failure.h"

#define PROGRAM_NOT_FOUND 127 /* the exit status when it cannot be started */

struct program_result {
    bool in_time;
    bool stopped;
    int status; /* of the exit; -1: killed by `signal` */
    int signal;
    char output[2048]; /* the end of what it printed, both streams; what is no text is '?' */
};

struct program {
    const char *const *argv; /* argv[0]: an absolute path */
    unsigned seconds;        /* then it is killed, with all that it started */
    /* Called in the child before the program starts, may be NULL. System calls only: other threads may have held any
     * lock when it was forked. */
    void (*enter)(void *arg);
    void *arg;
    /* Asked about once a second while the program runs; true kills it. May be NULL. */
    bool (*stopped)(void *arg);
    void *stopped_arg;
    /* Told all that it prints, both streams, as it comes. May be NULL. */
    void (*output)(void *arg, const char *bytes, size_t n);
    void *output_arg;
};

/* Runs it with a plain environment and nothing to read; it is killed when the caller's thread ends before it. Returns 0 with *ret, whatever the program's fate, or -1 with *f
 * (`reason`) when there is no process for it. */
int program_run(const struct program *p, const char *reason, struct program_result *ret, struct failure *f);

/* Looks for a program beside the agent's own file, then where systems keep theirs. Returns false when there is none. */
bool program_find(const char *name, char *ret, size_t size);

/* The last lines of the output on one line, for a message. */
const char *program_last_words(struct program_result *r);

#endif
