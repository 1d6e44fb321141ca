/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel from an untrusted server. */
#include <stdlib.h>
#include <string.h>

#include "core/linux_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linux_image image;
    struct error_detail error;

    if (!linux_image_parse("boot/vmlinuz", data, size, &image, &error)) {
        require(error.code == SLIPWAY_E02);
        require(memchr(error.received, 0, sizeof(error.received)) != NULL);
        return 0;
    }
    /* What the caller copies lies in the file, and fits where it goes. */
    require(LINUX_HEADER_OFFSET + image.header_size <= size && LINUX_HEADER_OFFSET + image.header_size <= 0x290);
    require(image.code_offset < size && size - image.code_offset <= image.init_size);
    require(image.alignment != 0 && (image.alignment & (image.alignment - 1)) == 0);
    return 0;
}
