/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/linux_image.h"

#define SECTOR 512
#define SYSSIZE_UNIT 16
#define PROTOCOL_MIN 0x020c
#define LOADED_HIGH 1
#define HEADER_END_MAX 0x290 /* of boot_params: what follows is not the setup header's */

/* Offsets in the file. */
enum {
    SETUP_SECTORS = 0x1f1,
    SYSSIZE = 0x1f4,
    BOOT_FLAG = 0x1fe,
    JUMP_SIZE = 0x201,
    MAGIC = 0x202,
    VERSION = 0x206,
    LOADFLAGS = 0x211,
    INITRD_ADDR_MAX = 0x22c,
    ALIGNMENT = 0x230,
    RELOCATABLE = 0x234,
    CMDLINE_SIZE = 0x238,
    PREF_ADDRESS = 0x258,
    INIT_SIZE = 0x260,
    HEADER_END_MIN = 0x264,
};

static uint32_t read16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t read32(const uint8_t *p)
{
    return read16(p) | read16(p + 2) << 16;
}

static bool fail(const char *path, const char *what, size_t size, struct error_detail *ret_error)
{
    struct text t;

    error_begin(ret_error, SLIPWAY_E02, &t);
    text_untrusted(&t, path, text_length(path, SIZE_MAX));
    text_string(&t, ": ");
    text_string(&t, what);
    text_string(&t, ", ");
    text_unsigned(&t, size);
    text_string(&t, " bytes");
    return false;
}

bool linux_image_parse(const char *path, const uint8_t *data, size_t size, struct linux_image *ret,
                       struct error_detail *ret_error)
{
    uint32_t sectors, header_end;
    uint64_t code_size;

    if (size < HEADER_END_MAX || read16(data + BOOT_FLAG) != 0xaa55 || !bytes_equal(data + MAGIC, "HdrS", 4))
        return fail(path, "no Linux kernel", size, ret_error);
    header_end = MAGIC + data[JUMP_SIZE];
    if (read16(data + VERSION) < PROTOCOL_MIN || !(data[LOADFLAGS] & LOADED_HIGH) || header_end < HEADER_END_MIN ||
        header_end > HEADER_END_MAX)
        return fail(path, "a Linux kernel with an old or unknown header", size, ret_error);
    sectors = data[SETUP_SECTORS] ? data[SETUP_SECTORS] : 4;
    ret->code_offset = (sectors + 1) * SECTOR;
    code_size = (uint64_t)read32(data + SYSSIZE) * SYSSIZE_UNIT;
    /* syssize counts the last, partial unit as a whole one. */
    if (code_size < SYSSIZE_UNIT || size < ret->code_offset || size - ret->code_offset <= code_size - SYSSIZE_UNIT)
        return fail(path, "a truncated Linux kernel", size, ret_error);
    ret->header_size = header_end - LINUX_HEADER_OFFSET;
    ret->init_size = read32(data + INIT_SIZE);
    ret->pref_address = read32(data + PREF_ADDRESS) | (uint64_t)read32(data + PREF_ADDRESS + 4) << 32;
    ret->alignment = read32(data + ALIGNMENT);
    ret->relocatable = data[RELOCATABLE];
    ret->initrd_addr_max = read32(data + INITRD_ADDR_MAX);
    ret->cmdline_size = read32(data + CMDLINE_SIZE);
    if (ret->alignment == 0 || (ret->alignment & (ret->alignment - 1)) != 0 || ret->init_size < size - ret->code_offset)
        return fail(path, "a Linux kernel with a damaged header", size, ret_error);
    return true;
}
