/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a request is refused: the HTTP status, a word for programs and a sentence for people (docs/protocol.md,
 * "Errors"). */
#ifndef SLIPWAY_SERVER_REFUSAL_H
#define SLIPWAY_SERVER_REFUSAL_H

struct refusal {
    int status; /* 400 and above */
    char code[32];
    char message[512];
};

/* Fills *r and returns -1, so that a caller can `return refuse(r, 409, "image-exists", "...", ...)`. */
int refuse(struct refusal *r, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A failed system call while `doing` something: a full or over-quota file system is 507 store-full, anything else is
 * 500 internal. Takes errno as `error`. Returns -1. */
int refuse_errno(struct refusal *r, int error, const char *doing);

#endif
