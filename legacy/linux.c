/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/linux.h"

#include "core/command_line.h"
#include "core/linux_place.h"
#include "legacy/confirm.h"
#include "legacy/console.h"
#include "legacy/download.h"
#include "legacy/memory_map.h"
#include "legacy/rom_stop.h"

#define BOOT_PARAMS_SIZE 4096
#define E820_ENTRIES_MAX 128
#define LOADER_UNKNOWN 0xff
#define INITRD_ALIGNMENT 4
/* Kernels look for their initrd below 2 GiB; one that looks lower has it moved. */
#define INITRD_HIGHEST 0x7fffffff

/* Offsets in struct boot_params. */
enum {
    SCREEN_CURSOR = 0x00,
    SCREEN_MODE = 0x06,
    SCREEN_COLUMNS = 0x07,
    SCREEN_LINES = 0x0e,
    SCREEN_IS_VGA = 0x0f,
    SCREEN_POINTS = 0x10,
    E820_ENTRIES = 0x1e8,
    LOADER_TYPE = 0x210,
    CODE32_START = 0x214,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21c,
    CMD_LINE_PTR = 0x228,
    E820_TABLE = 0x2d0,
};

/* start.S: switches to the segments that the protocol wants, and jumps; %esi points to the parameters. */
void linux_jump(uint32_t code, const uint8_t *boot_params) __attribute__((noreturn));

static uint8_t boot_params[BOOT_PARAMS_SIZE];
static char command_line[COMMAND_LINE_SIZE];

static void put32(size_t at, uint32_t value)
{
    memcpy(boot_params + at, &value, sizeof(value));
}

/* All initrds as one, each padded: the kernel unpacks one archive after the other. One that lies where the kernel looks
 * stays there. */
static bool join_initrds(const struct linux_image *k, const struct download *files, unsigned count,
                         struct download *ret, struct error_detail *ret_error)
{
    uint64_t size = 0, at = 0;

    if (count == 1 && (uintptr_t)files[0].data + files[0].size - 1 <= k->initrd_addr_max) {
        *ret = files[0];
        return true;
    }
    for (unsigned i = 0; i < count; i++)
        size += (files[i].size + INITRD_ALIGNMENT - 1) & ~(uint64_t)(INITRD_ALIGNMENT - 1);
    if (size == 0)
        return true;
    ret->size = size;
    ret->data = (uint8_t *)(uintptr_t)linux_place_initrd(k, memory_map(), size, ret_error);
    if (!ret->data)
        return false;
    for (unsigned i = 0; i < count; i++) {
        memcpy(ret->data + at, files[i].data, files[i].size);
        at += files[i].size;
        while (at % INITRD_ALIGNMENT)
            ret->data[at++] = 0;
    }
    return true;
}

static void fill_screen(void)
{
    /* 80x25 text on a VGA, cursor at the bottom: what the BIOS was set to. */
    boot_params[SCREEN_CURSOR + 1] = 24;
    boot_params[SCREEN_MODE] = 3;
    boot_params[SCREEN_COLUMNS] = 80;
    boot_params[SCREEN_LINES] = 25;
    boot_params[SCREEN_IS_VGA] = 1;
    boot_params[SCREEN_POINTS] = 16;
}

static void fill_memory_map(void)
{
    const struct memory_ranges *m = memory_map();
    unsigned count = m->count < E820_ENTRIES_MAX ? m->count : E820_ENTRIES_MAX;

    boot_params[E820_ENTRIES] = (uint8_t)count;
    memcpy(boot_params + E820_TABLE, m->map, count * sizeof(*m->map));
}

/* Puts the kernel to `place`, and fills its parameters. */
static void prepare(const struct linux_image *k, uint32_t place, const struct download *kernel,
                    const struct download *initrd)
{
    memset(boot_params, 0, sizeof(boot_params));
    memcpy(boot_params + LINUX_HEADER_OFFSET, kernel->data + LINUX_HEADER_OFFSET, k->header_size);
    boot_params[LOADER_TYPE] = LOADER_UNKNOWN;
    put32(CODE32_START, place);
    put32(RAMDISK_IMAGE, initrd->size ? (uint32_t)(uintptr_t)initrd->data : 0);
    put32(RAMDISK_SIZE, (uint32_t)initrd->size);
    put32(CMD_LINE_PTR, (uint32_t)(uintptr_t)command_line);
    fill_screen();
    fill_memory_map();
    memcpy((void *)(uintptr_t)place, kernel->data + k->code_offset, kernel->size - k->code_offset);
}

static bool download(const struct net_config *net, const struct boot_entry *entry, struct download *files,
                     struct error_detail *ret_error)
{
    files[0].path = entry->linux_path;
    for (unsigned i = 0; i < entry->initrd_count; i++)
        files[i + 1].path = entry->initrd[i];
    return download_all(net, net->boot_server, &download_protocols, files, 1 + entry->initrd_count, INITRD_HIGHEST,
                        ret_error);
}

void linux_boot(const struct pxe_client *client, const struct net_config *net, const struct boot_entry *entry,
                struct error_detail *ret_error)
{
    struct download files[DOWNLOADS_MAX] = {0}, initrd = {0};
    struct linux_image k;
    uint32_t place;

    if (!download(net, entry, files, ret_error) ||
        !linux_image_parse(entry->linux_path, files[0].data, files[0].size, &k, ret_error) ||
        !command_line_write(entry->options, net, client->config.mac, k.cmdline_size, command_line, ret_error))
        return;
    if (entry->initrd_count && !join_initrds(&k, &files[1], entry->initrd_count, &initrd, ret_error))
        return;
    place = linux_place_kernel(&k, memory_map(), ret_error);
    if (place == 0)
        return;
    prepare(&k, place, &files[0], &initrd);
    confirm_send(client);
    console.print("Starting the kernel\n");
    rom_stop();
    linux_jump(place, boot_params);
}
