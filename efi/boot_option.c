/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/boot_option.h"

#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/system.h"

#define ACTIVE 0x00000001
#define CATEGORY 0x00001f00 /* 0: boot */
#define HEADER_SIZE 6       /* attributes, length of the path list */
#define VARIABLE_MAX 0x10000

/* Freed with system_free; NULL when it is missing or unreasonably large. */
static uint8_t *read_variable(const CHAR16 *name, size_t *ret_size)
{
    EFI_RUNTIME_SERVICES *runtime = system_table->RuntimeServices;
    UINTN size = 0;
    uint8_t *ret;

    *ret_size = 0;
    if (runtime->GetVariable((CHAR16 *)name, (EFI_GUID *)&guid_global_variable, NULL, &size, NULL) !=
            EFI_BUFFER_TOO_SMALL || size > VARIABLE_MAX)
        return NULL;
    ret = system_allocate(size);
    if (!ret)
        return NULL;
    if (runtime->GetVariable((CHAR16 *)name, (EFI_GUID *)&guid_global_variable, NULL, &size, ret) != EFI_SUCCESS) {
        system_free(ret);
        return NULL;
    }
    *ret_size = size;
    return ret;
}

uint16_t *boot_option_order(size_t *ret_count)
{
    size_t size;
    uint16_t *ret = (uint16_t *)read_variable(u"BootOrder", &size);

    *ret_count = size / sizeof(*ret);
    return ret;
}

static void option_name(uint16_t number, CHAR16 name[9])
{
    static const char digits[] = "0123456789ABCDEF";
    static const char prefix[] = "Boot";

    for (unsigned i = 0; i < 4; i++) {
        name[i] = prefix[i];
        name[4 + i] = digits[number >> (12 - 4 * i) & 0xf];
    }
    name[8] = 0;
}

/* EFI_LOAD_OPTION: u32 attributes, u16 path list size, description with NUL, path list, optional data. */
static bool parse(struct boot_option *o, size_t size)
{
    uint32_t attributes;
    uint16_t path_size;
    size_t at = HEADER_SIZE;

    if (size < HEADER_SIZE)
        return false;
    memcpy(&attributes, o->variable, sizeof(attributes));
    memcpy(&path_size, o->variable + 4, sizeof(path_size));
    o->description = (const CHAR16 *)(o->variable + at);
    while (size - at >= 2 && (o->variable[at] || o->variable[at + 1]))
        at += 2;
    if (size - at < 2 || size - at - 2 < path_size)
        return false;
    o->path = (const EFI_DEVICE_PATH *)(o->variable + at + 2);
    o->data = o->variable + at + 2 + path_size;
    o->data_size = size - at - 2 - path_size;
    return device_path_size(o->path, path_size) && (attributes & ACTIVE) && !(attributes & CATEGORY);
}

bool boot_option_read(uint16_t number, struct boot_option *ret)
{
    CHAR16 name[9];
    size_t size;

    option_name(number, name);
    *ret = (struct boot_option){.variable = read_variable(name, &size)};
    if (ret->variable && parse(ret, size))
        return true;
    boot_option_free(ret);
    return false;
}

void boot_option_free(struct boot_option *o)
{
    system_free(o->variable);
    o->variable = NULL;
}
