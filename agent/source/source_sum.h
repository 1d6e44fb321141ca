/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file elsewhere must hash to: as its publisher says beside it, in one of the ways that are usual for images. It
 * guards against damage; against a liar only a sum that came another way does. */
#ifndef SLIPWAY_AGENT_SOURCE_SUM_H
#define SLIPWAY_AGENT_SOURCE_SUM_H

#include "agent/source/source.h"

struct source_sum {
    unsigned size; /* bytes of `sum`: 32 (SHA-256), 64 (SHA-512), 0: none */
    uint8_t sum[64];
    char from[300]; /* where it was found, for people */
};

/* Finds the sum of `name` in the text of a checksum file: lines of "<hex>  NAME" or "<hex> *NAME", the BSD form
 * "SHA256 (NAME) = <hex>", or nothing but "<hex>". `size` as in struct source_sum. Returns false when it is not there.
 */
bool source_sum_parse(const char *text, const char *name, unsigned size, uint8_t *ret);

/* Looks beside `where` for WHERE.sha256, SHA256SUMS and SHA512SUMS, in this order. Nothing found is a success with
 * ret->size 0. Returns 0, or -1 with *f: "cancelled", "out-of-memory". */
int source_sum_find(const char *where, const struct progress *p, struct source_sum *ret, struct failure *f);

/* Compares with what was read from `s`, all of it, hashed with sum->size. Returns 0, or -1 with *f ("bad-image"). */
int source_sum_check(const struct source_sum *sum, struct source *s, struct failure *f);

#endif
