/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one bounds-checking reader of untrusted bytes, and a writer of the same kind. Neither ever goes past its end: the
 * first attempt sets `failed`, and from then on reads give zero and writes do nothing, so that a caller may check once
 * after a run of steps. Numbers are in network order. */
#ifndef SLIPWAY_CORE_CURSOR_H
#define SLIPWAY_CORE_CURSOR_H

#include "core/base.h"

struct cursor {
    const uint8_t *bytes;
    size_t size;
    size_t at; /* never above size */
    bool failed;
};

/* `bytes` may be NULL when size is 0; they must outlive the cursor. */
void cursor_init(struct cursor *c, const uint8_t *bytes, size_t size);
/* Bytes not read yet; 0 once failed. */
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
struct ip4 cursor_ip4(struct cursor *c);
/* The next n bytes, in place; NULL (and failed) when there are fewer. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);

struct writer {
    uint8_t *bytes;
    size_t size;
    size_t length; /* written so far, never above size */
    bool failed;   /* something did not fit; nothing of it was written */
};

void writer_init(struct writer *w, uint8_t *bytes, size_t size);
void writer_u8(struct writer *w, uint8_t value);
void writer_u16(struct writer *w, uint16_t value);
void writer_u32(struct writer *w, uint32_t value);
void writer_ip4(struct writer *w, struct ip4 value);
void writer_bytes(struct writer *w, const void *bytes, size_t n);
void writer_zeros(struct writer *w, size_t n);

#endif
