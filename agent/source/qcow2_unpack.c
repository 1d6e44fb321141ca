/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/qcow2.h"

#include <zlib.h>
#include <zstd.h>

/* What follows the stream within its last sector belongs to others: only the cluster's bytes count. */
static bool unpack_deflate(const struct qcow2 *q, const struct qcow2_piece *p, const void *data, void *ret)
{
    z_stream z = {.next_in = (Bytef *)data, .avail_in = p->length, .next_out = ret, .avail_out = q->cluster_size};
    int result;

    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return false;
    result = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return (result == Z_STREAM_END || result == Z_BUF_ERROR || result == Z_OK) && z.avail_out == 0;
}

static bool unpack_zstd_cluster(const struct qcow2 *q, const struct qcow2_piece *p, const void *data, void *ret)
{
    ZSTD_inBuffer in = {data, p->length, 0};
    ZSTD_outBuffer out = {ret, q->cluster_size, 0};
    ZSTD_DStream *z = ZSTD_createDStream();
    size_t left = 1, before;

    if (!z)
        return false;
    do {
        before = in.pos + out.pos;
        left = ZSTD_decompressStream(z, &out, &in);
    } while (!ZSTD_isError(left) && left && out.pos < out.size && in.pos + out.pos > before);
    ZSTD_freeDStream(z);
    return !ZSTD_isError(left) && out.pos == out.size;
}

bool qcow2_unpack(const struct qcow2 *q, const struct qcow2_piece *p, const void *data, void *ret)
{
    return p->kind == QCOW2_ZSTD ? unpack_zstd_cluster(q, p, data, ret) : unpack_deflate(q, p, data, ret);
}
