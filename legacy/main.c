/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slipway.0: learn from the ROM and the network what to boot, boot it; when that fails, say why and begin again. */
#include "core/boot_entry.h"
#include "core/pxe_client.h"
#include "legacy/client.h"
#include "legacy/clock.h"
#include "legacy/confirm.h"
#include "legacy/console.h"
#include "legacy/disk.h"
#include "legacy/download.h"
#include "legacy/failure.h"
#include "legacy/linux.h"
#include "legacy/memory_map.h"
#include "legacy/pxe.h"
#include "legacy/real.h"
#include "legacy/rom_packets.h"
#include "legacy/udp.h"

#define NBP_ADDRESS 0x7c00
#define BASE_MEMORY_KIB ((struct real_pointer){.segment = 0x40, .offset = 0x13}) /* BIOS data area */
#define FILE_HIGHEST 0xfffff000

static struct pxe_client client;
static struct boot_entry entry;
static struct rom_packets rom;

void slipway_main(void);

/* start.S: enters a boot program as the ROM entered this one. */
void nbp_jump(const uint8_t *nbp, size_t size) __attribute__((noreturn));

static void print_greeting(void)
{
    char line[128];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Slipway " SLIPWAY_VERSION " (BIOS)  ");
    text_mac(&t, rom.mac, ':');
    text_string(&t, "  started from the network by ");
    text_string(&t, pxe_api_name());
    text_char(&t, '\n');
    console_print(line);
}

static void print_lease(void)
{
    char line[400];
    struct text t;

    text_init(&t, line, sizeof(line));
    pxe_client_summary(&client, &t);
    console_print(line);
    console_print("\n");
}

/* Another network boot program. Returns only when it does not fit. */
static void boot_nbp(const struct download *file, struct error_detail *ret_error)
{
    uint32_t base_memory = *(const volatile uint16_t *)real_address(BASE_MEMORY_KIB) * 1024u;
    struct text t;

    if (base_memory <= NBP_ADDRESS || file->size > base_memory - NBP_ADDRESS || file->size == 0) {
        *ret_error = (struct error_detail){.code = PXE_E79};
        text_init(&t, ret_error->received, sizeof(ret_error->received));
        text_string(&t, "a program of ");
        text_unsigned(&t, file->size);
        text_string(&t, " bytes; there are ");
        text_unsigned(&t, base_memory > NBP_ADDRESS ? base_memory - NBP_ADDRESS : 0);
        text_string(&t, " bytes of base memory for it");
        return;
    }
    confirm_send(&client);
    udp_close();
    nbp_jump(file->data, file->size);
}

static void boot_file(struct error_detail *ret_error)
{
    struct download file = {.path = client.plan.file};
    struct net_config net = client.net;

    net.boot_server = client.plan.server;
    memory_map()->taken_count = 0;
    if (!download_all(&net, net.boot_server, &file, 1, FILE_HIGHEST, ret_error))
        return;
    if (!boot_entry_is_conf(client.plan.file))
        boot_nbp(&file, ret_error);
    else if (boot_entry_parse(client.plan.file, file.data, file.size, &entry, ret_error))
        linux_boot(&client, &net, &entry, ret_error);
    if (ip4_is_zero(ret_error->server))
        ret_error->server = net.boot_server;
}

/* One way from nothing to a system. Returns only when it failed. */
static void attempt(bool use_cached, struct error_detail *ret_error)
{
    if (!client_run(&rom, use_cached, &client)) {
        *ret_error = client.error;
        return;
    }
    print_lease();
    if (client.plan.kind == BOOT_FILE)
        boot_file(ret_error);
    else
        disk_boot(client.plan.local_boot, ret_error);
}

void slipway_main(void)
{
    struct error_detail error = {.code = PXE_E99, .received = "the ROM has no !PXE and no PXENV+ structure"};
    bool has_rom = pxe_find(), use_cached;

    clock_init();
    console_init();
    if (has_rom)
        rom_packets_read(&rom);
    print_greeting();
    use_cached = rom.has_lease;
    for (unsigned failures = 0;; failures++) {
        if (has_rom)
            attempt(use_cached, &error);
        if (!failure_show(&error, failures))
            return;
        /* What the ROM has heard may be what was wrong. */
        use_cached = false;
    }
}
