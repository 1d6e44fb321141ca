/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/module_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zstd.h>

#include "agent/base/buffer.h"

#define MODULE_SIZE_MAX (64u << 20)

static bool is_compressed(const char *path)
{
    size_t length = strlen(path);

    return length > 4 && strcmp(path + length - 4, ".zst") == 0;
}

/* Debian's kernel cannot decompress modules itself (CONFIG_MODULE_DECOMPRESS), so finit_module is of no use here. */
static int decompress(const struct buffer *frame, struct buffer *ret)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame->data, frame->size);
    uint8_t *data;

    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size == 0)
        return EBADMSG;
    if (size > MODULE_SIZE_MAX)
        return EFBIG;
    data = realloc(ret->data, size);
    if (!data)
        return ENOMEM;
    ret->data = data;
    ret->room = size;
    ret->size = ZSTD_decompress(data, size, frame->data, frame->size);
    return ret->size == size ? 0 : EBADMSG;
}

int module_file_read(const char *path, struct buffer *ret)
{
    struct buffer frame = {0};
    int error;

    if (!is_compressed(path))
        return buffer_read_file(ret, path, MODULE_SIZE_MAX) ? 0 : errno;
    error = buffer_read_file(&frame, path, MODULE_SIZE_MAX) ? decompress(&frame, ret) : errno;
    free(frame.data);
    return error;
}

int module_file_load(const char *path)
{
    struct buffer module = {0};
    int error = module_file_read(path, &module);

    if (error == 0 && syscall(SYS_init_module, module.data, module.size, "") != 0)
        error = errno;
    free(module.data);
    return error;
}
