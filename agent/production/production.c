/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/production.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/kernel/modules.h"
#include "agent/layout/bios_boot.h"
#include "agent/production/efi_vars.h"
#include "agent/production/guid.h"
#include "agent/production/kexec.h"
#include "agent/production/production_firmware.h"

void production_note(const struct production_work *w, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (w->progress->note)
        w->progress->note(w->progress->arg, text);
}

const struct system *production_system_on(const struct production_work *w, unsigned disk)
{
    for (unsigned i = 0; i < w->system_count; i++)
        if (w->systems[i].disk == disk)
            return &w->systems[i];
    return NULL;
}

int production_supported(enum job_finish how, const char *firmware, struct failure *f)
{
    if (how == FINISH_BOOTNEXT && strcmp(firmware, "uefi"))
        return fail(f, "production", "this machine has a BIOS, which knows no BootNext: finish with reboot or kexec");
    return 0;
}

void production_remember(const char *const *disks, unsigned count, struct production_past *ret)
{
    struct disk_partitions p;
    struct failure ignored;

    ret->count = 0;
    for (unsigned d = 0; d < count; d++) {
        if (disk_partitions_open(&p, &disks[d], 1, &ignored))
            continue;
        for (unsigned i = 0; i < p.view.count && ret->count < PRODUCTION_PAST; i++)
            ret->count += guid_parse(p.view.part_uuids[i], ret->guids[ret->count]);
        disk_partitions_close(&p);
    }
}

int production_bios(const struct production_work *w, struct failure *f)
{
    const char *path = w->partitions.disks[0];
    struct disk_io d;
    char why[160];
    int result;

    if (disk_io_open(&d, path, DISK_IO_READ, f))
        return -1;
    result = bios_boot_check(&d, &w->partitions.tables[0], why, f);
    disk_io_close(&d);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (w->request->how == FINISH_REBOOT && production_system_on(w, 0))
        return fail(f, "production", "the BIOS cannot boot %s: %s", path, why);
    production_note(w, "the BIOS could not boot %s: %s", path, why);
    return 0;
}

static int prepare(struct production_work *w, struct failure *f)
{
    const struct production_request *r = w->request;
    struct failure why;

    if (systems_find(&w->volumes.view, w->systems, &w->system_count, &why))
        production_note(w, "%s", why.message);
    if (efi_vars_exist()) {
        if ((r->deployed || r->how == FINISH_BOOTNEXT) && production_efi(w, f))
            return -1;
    } else if (r->deployed && r->how != FINISH_KEXEC && production_bios(w, f)) {
        return -1;
    }
    return r->how == FINISH_KEXEC ? kexec_prepare(w, f) : 0;
}

static int prepare_with_volumes(struct production_work *w, struct failure *f)
{
    struct failure second;
    int result;

    if (system_volumes_open(&w->volumes, &w->partitions.view, false, "production", f))
        return -1;
    result = prepare(w, f);
    if (!system_volumes_close(&w->volumes, &second) || result)
        return result;
    *f = second;
    return -1;
}

int production_prepare(const struct production_request *r, const struct progress *p, struct failure *f)
{
    bool wants = r->how == FINISH_BOOTNEXT || r->how == FINISH_KEXEC;
    struct production_work *w;
    int result;

    if (!wants && !r->deployed)
        return 0;
    if (r->disk_count == 0)
        return wants ? fail(f, "production", "the job worked on no disk that could be started") : 0;
    w = calloc(1, sizeof(*w));
    if (!w)
        return fail(f, "production", "no memory to make the way into production ready");
    w->request = r;
    w->progress = p;
    modules_load("efivarfs");
    result = disk_partitions_open(&w->partitions, r->disks, r->disk_count, f);
    if (!result) {
        result = prepare_with_volumes(w, f);
        disk_partitions_close(&w->partitions);
    }
    if (result)
        snprintf(f->reason, sizeof(f->reason), "production");
    free(w);
    return result;
}
