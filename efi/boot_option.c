/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/boot_option.h"

#include "core/load_option.h"
#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/system.h"

#define VARIABLE_MAX 0x10000
#define VARIABLE_ATTRIBUTES (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS)
/* Numbers that no firmware reaches by counting up: "SW". */
#define OWN_FIRST 0x5357
#define OWN_COUNT 8

static const CHAR16 own_title[] = u"Local disk (Slipway)";

/* Freed with system_free; NULL when it is missing or unreasonably large. */
static uint8_t *read_variable(const CHAR16 *name, size_t *ret_size)
{
    EFI_RUNTIME_SERVICES *runtime = system_table->RuntimeServices;
    UINTN size = 0;
    uint8_t *ret;

    *ret_size = 0;
    if (runtime->GetVariable((CHAR16 *)name, (EFI_GUID *)&guid_global_variable, NULL, &size, NULL) !=
            EFI_BUFFER_TOO_SMALL ||
        size > VARIABLE_MAX)
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

static bool parse(struct boot_option *o, size_t size)
{
    struct load_option parsed;

    if (!load_option_parse(o->variable, size, &parsed) || !load_option_boots(&parsed))
        return false;
    o->description = (const CHAR16 *)parsed.title;
    o->path = (const EFI_DEVICE_PATH *)parsed.path;
    o->data = parsed.data;
    o->data_size = parsed.data_size;
    return true;
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

static EFI_STATUS write_variable(const CHAR16 *name, const void *data, size_t size)
{
    return system_table->RuntimeServices->SetVariable((CHAR16 *)name, (EFI_GUID *)&guid_global_variable,
                                                      VARIABLE_ATTRIBUTES, size, (void *)data);
}

/* The variable is not there, or is Slipway's own. */
static bool is_own(const CHAR16 *name)
{
    size_t size;
    uint8_t *variable = read_variable(name, &size);
    bool own = !variable || (size >= LOAD_OPTION_HEADER + sizeof(own_title) &&
                             bytes_equal(variable + LOAD_OPTION_HEADER, own_title, sizeof(own_title)));

    system_free(variable);
    return own;
}

/* Flash wears: what is there already is not written again. */
static EFI_STATUS update_variable(const CHAR16 *name, const uint8_t *data, size_t size)
{
    size_t old_size;
    uint8_t *old = read_variable(name, &old_size);
    bool same = old && old_size == size && bytes_equal(old, data, size);

    system_free(old);
    return same ? EFI_SUCCESS : write_variable(name, data, size);
}

EFI_STATUS boot_option_write_own(const EFI_DEVICE_PATH *path, uint16_t *ret_number)
{
    size_t path_size = device_path_size(path, SIZE_MAX), size = LOAD_OPTION_HEADER + sizeof(own_title) + path_size;
    uint8_t *variable = system_allocate(size);
    EFI_STATUS status = EFI_OUT_OF_RESOURCES;
    CHAR16 name[9];

    if (!variable)
        return status;
    variable[0] = LOAD_OPTION_ACTIVE;
    variable[4] = path_size & 0xff;
    variable[5] = path_size >> 8;
    memcpy(variable + LOAD_OPTION_HEADER, own_title, sizeof(own_title));
    memcpy(variable + LOAD_OPTION_HEADER + sizeof(own_title), path, path_size);
    for (uint16_t number = OWN_FIRST; number < OWN_FIRST + OWN_COUNT; number++) {
        option_name(number, name);
        if (!is_own(name))
            continue;
        *ret_number = number;
        status = update_variable(name, variable, size);
        break;
    }
    system_free(variable);
    return status;
}

EFI_STATUS boot_option_set_next(uint16_t number)
{
    return write_variable(u"BootNext", &number, sizeof(number));
}
