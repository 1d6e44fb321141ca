/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cursor.h"

void cursor_init(struct cursor *c, const uint8_t *bytes, size_t size)
{
    c->bytes = bytes;
    c->size = size;
    c->at = 0;
    c->failed = false;
}

size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : c->size - c->at;
}

const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
    const uint8_t *start;

    if (c->failed || n > c->size - c->at) {
        c->failed = true;
        return NULL;
    }
    start = c->bytes + c->at;
    c->at += n;
    return start;
}

uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 1);

    return b ? b[0] : 0;
}

uint16_t cursor_u16(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 2);

    return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

uint32_t cursor_u32(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);

    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

struct ip4 cursor_ip4(struct cursor *c)
{
    const uint8_t *b = cursor_bytes(c, 4);

    return b ? (struct ip4){{b[0], b[1], b[2], b[3]}} : (struct ip4){{0, 0, 0, 0}};
}

void writer_init(struct writer *w, uint8_t *bytes, size_t size)
{
    w->bytes = bytes;
    w->size = size;
    w->length = 0;
    w->failed = false;
}

/* Room for n more bytes, or NULL. */
static uint8_t *writer_take(struct writer *w, size_t n)
{
    uint8_t *start;

    if (w->failed || n > w->size - w->length) {
        w->failed = true;
        return NULL;
    }
    start = w->bytes + w->length;
    w->length += n;
    return start;
}

void writer_bytes(struct writer *w, const void *bytes, size_t n)
{
    uint8_t *to = writer_take(w, n);

    if (to && n > 0)
        memcpy(to, bytes, n);
}

void writer_zeros(struct writer *w, size_t n)
{
    uint8_t *to = writer_take(w, n);

    if (to && n > 0)
        memset(to, 0, n);
}

void writer_u8(struct writer *w, uint8_t value)
{
    writer_bytes(w, &value, 1);
}

void writer_u16(struct writer *w, uint16_t value)
{
    uint8_t b[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    writer_bytes(w, b, sizeof(b));
}

void writer_u32(struct writer *w, uint32_t value)
{
    uint8_t b[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

    writer_bytes(w, b, sizeof(b));
}

void writer_ip4(struct writer *w, struct ip4 value)
{
    writer_bytes(w, value.b, sizeof(value.b));
}
