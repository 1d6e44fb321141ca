/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/program.h"

#include "core/failure.h"
#include "legacy/a20.h"
#include "legacy/client.h"
#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/disk.h"
#include "legacy/memory_map.h"
#include "legacy/pxe.h"
#include "legacy/rom_packets.h"
#include "legacy/udp.h"

static struct pxe_client client;
static struct rom_packets rom;

static void print_greeting(const char *name)
{
    char line[128];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, name);
    text_string(&t, "  ");
    text_mac(&t, rom.mac, ':');
    text_string(&t, "  started from the network by ");
    text_string(&t, pxe_api_name());
    console_heading(line);
}

static void boot_file(const struct program *p, struct error_detail *ret_error)
{
    struct download file = {.path = client.plan.file, .mtftp = &client.plan.mtftp};
    struct net_config net = client.net;

    net.boot_server = client.plan.server;
    memory_map()->taken_count = 0;
    if (!download_all(&net, net.boot_server, p->protocols, &file, 1, PROGRAM_MEMORY_END, ret_error))
        return;
    p->start(&client, &net, &file, ret_error);
    if (ip4_is_zero(ret_error->server))
        ret_error->server = net.boot_server;
}

/* One way from nothing to a system. Returns only when it failed. */
static void attempt(const struct program *p, bool use_cached, struct error_detail *ret_error)
{
    if (!client_run(p, &rom, use_cached, &client)) {
        *ret_error = client.error;
        return;
    }
    if (client.plan.kind == BOOT_FILE)
        boot_file(p, ret_error);
    else
        disk_boot(client.plan.local_boot, ret_error);
}

void program_run(const struct program *p)
{
    struct error_detail error = {.code = PXE_E99, .received = "the ROM has no !PXE and no PXENV+ structure"};
    bool has_rom = pxe_find(), use_cached;

    clock_init();
    console_init();
    if (!a20_enable()) {
        console.print("Address line 20 stays off: the memory above 1 MiB is out of reach. Back to the ROM.\n");
        return;
    }
    if (has_rom)
        rom_packets_read(&rom);
    print_greeting(p->name);
    use_cached = rom.has_lease;
    for (unsigned failures = 0;; failures++) {
        if (has_rom)
            attempt(p, use_cached, &error);
        if (!failure_show(&console, &error, failures, "the ROM")) {
            udp_close();
            return;
        }
        /* What the ROM has heard may be what was wrong. */
        use_cached = false;
    }
}
