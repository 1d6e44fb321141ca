/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of a file that is heard in pieces, from several passes of the server through it. */
#include "core/mtftp_internal.h"

#define BLKSIZE_LEAST 512
#define AHEAD_MOST 1024 /* so many blocks lost at once still leave the pass unbroken */
#define BEHIND_MOST 64  /* so late a block may come */
#define NUMBER_MOST 65535

static void pass_begin(struct mtftp *m, uint16_t port, uint64_t block)
{
    m->pass_port = port;
    m->pass_from = m->pass_at = block;
}

uint64_t mtftp_place(struct mtftp *m, const struct mtftp_block *b)
{
    uint16_t ahead = (uint16_t)(b->number - (uint16_t)m->pass_at);
    uint16_t behind = (uint16_t)((uint16_t)m->pass_at - b->number);

    if (b->port == m->pass_port && ahead <= AHEAD_MOST)
        return m->pass_at += ahead;
    if (b->port == m->pass_port && behind <= BEHIND_MOST && behind < m->pass_at)
        return m->pass_at - behind;
    /* Another pass. Once the numbers have wrapped, what is heard of one says no longer where it is. */
    if (m->highest > NUMBER_MOST)
        return 0;
    if (m->state != MTFTP_MASTER && b->number != 0)
        pass_begin(m, b->port, b->number);
    return b->number;
}

/* FNV-1a, 64 bits: not against forgers, who could answer in the server's place anyway. */
static uint64_t hash(const uint8_t *data, size_t size)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * 0x100000001b3u;
    return h;
}

static bool fail_block(struct mtftp *m, enum pxe_error code, uint64_t block, const char *what, uint64_t number,
                       struct mtftp_output *out)
{
    struct text text = mtftp_blame(m, code);

    text_string(&text, "block ");
    text_unsigned(&text, block);
    text_string(&text, what);
    text_unsigned(&text, number);
    text_string(&text, ": ");
    mtftp_append_file(m, &text);
    mtftp_fail(m, out);
    return false;
}

/* Sizes say where the file ends; the sizes of one file agree. */
static bool accept_size(struct mtftp *m, uint64_t block, size_t size, struct mtftp_output *out)
{
    uint64_t end;

    if (m->blksize == 0)
        m->blksize = size > BLKSIZE_LEAST ? size : BLKSIZE_LEAST;
    if (size > m->blksize)
        return fail_block(m, PXE_E3F, block, " is larger than blocks are, ", m->blksize, out);
    end = (block - 1) * m->blksize + size;
    if (m->last != 0 && (block == m->last ? end != m->size : block > m->last || size < m->blksize))
        return fail_block(m, PXE_E39, block, " contradicts that the last one is ", m->last, out);
    if (size < m->blksize && m->last == 0 && block <= m->highest)
        return fail_block(m, PXE_E39, block, " is a last one, but there was ", m->highest, out);
    if (end > m->config.max_size || (block - 1) / 8 >= m->config.bitmap_size)
        return fail_block(m, PXE_E3A, block, " lies above the limit of ", m->config.max_size, out);
    if (size < m->blksize) {
        m->last = block;
        m->size = end;
    }
    return true;
}

/* A client that came in the middle takes the first number it hears as it is. That was wrong when the file has more than
 * 65535 blocks, or has changed since: both show where a pass comes to this block again. */
static bool check_seam(struct mtftp *m, const struct mtftp_block *b, uint64_t block, struct mtftp_output *out)
{
    if (block != m->seam || b->port != m->pass_port || block <= m->pass_from)
        return true;
    if (hash(b->data, b->size) != m->seam_hash)
        return fail_block(m, PXE_E39, block, " differs from what was heard before, after blocks: ", m->received, out);
    m->seam = 0;
    return true;
}

bool mtftp_store(struct mtftp *m, const struct mtftp_block *b, uint64_t block, uint64_t now_ms,
                 struct mtftp_output *out)
{
    uint8_t bit = (uint8_t)(1u << (block - 1) % 8);
    uint8_t *byte;

    if (!accept_size(m, block, b->size, out))
        return false;
    byte = &m->config.bitmap[(block - 1) / 8];
    if (*byte & bit)
        return check_seam(m, b, block, out);
    *byte |= bit;
    if (m->received == 0 && block != 1) {
        m->seam = block;
        m->seam_hash = hash(b->data, b->size);
    }
    m->received++;
    if (block > m->highest)
        m->highest = block;
    m->progress_ms = now_ms;
    if (b->size > 0)
        out->data = b->data;
    out->data_size = b->size;
    out->data_offset = (block - 1) * m->blksize;
    return true;
}

bool mtftp_is_complete(const struct mtftp *m)
{
    return m->last != 0 && m->received == m->last && m->seam == 0;
}

uint64_t mtftp_missed(const struct mtftp *m)
{
    return (m->last != 0 ? m->last : m->highest) - m->received;
}
