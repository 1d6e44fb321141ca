/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buffer.h"
#include "agent/net/mac.h"
#include "agent/production/boot_entries.h"
#include "agent/production/esp.h"
#include "agent/production/guid.h"
#include "agent/production/loader_choice.h"
#include "agent/production/production_firmware.h"
#include "core/net_config.h"

#define CMDLINE_LIMIT 65536

struct efi_work {
    const struct production_work *base;
    struct efi_vars vars;
    enum boot_order_wish wish;
    uint8_t mac[6];
    bool has_mac;
    unsigned gone_count;
    uint8_t gone[PRODUCTION_PAST][16];
    int next; /* the entry of the first disk that has a loader */
};

/* One disk's EFI system partition. */
struct efi_disk {
    struct efi_work *work;
    unsigned disk;
    struct esp esp;
};

static void note(void *arg, const char *text)
{
    const struct efi_disk *d = arg;

    production_note(d->work->base, "%s", text);
}

static bool has_file(void *arg, const char *file)
{
    struct efi_disk *d = arg;

    return esp_has_file(&d->esp, file);
}

/* The job's wish, then the site's. */
static enum boot_order_wish find_wish(const struct production_work *w)
{
    enum boot_order_wish wish = BOOT_ORDER_NETWORK_FIRST;
    struct buffer cmdline = {0};
    char word[32] = "";

    if (w->request->boot_order && w->request->boot_order[0])
        snprintf(word, sizeof(word), "%s", w->request->boot_order);
    else if (buffer_read_file(&cmdline, "/proc/cmdline", CMDLINE_LIMIT))
        cmdline_value((const char *)cmdline.data, "slipway.boot_order", word, sizeof(word));
    free(cmdline.data);
    if (word[0] && !boot_order_parse(word, &wish))
        production_note(w, "boot order \"%s\" means nothing: it is network-first, disk-first or keep", word);
    return wish;
}

static bool has_partition(const struct disk_partitions *p, const uint8_t guid[16])
{
    uint8_t now[16];

    for (unsigned i = 0; i < p->view.count; i++)
        if (guid_parse(p->view.part_uuids[i], now) && !memcmp(now, guid, sizeof(now)))
            return true;
    return false;
}

static void find_gone(struct efi_work *w)
{
    const struct production_past *past = w->base->request->past;

    for (unsigned i = 0; past && i < past->count; i++)
        if (!has_partition(&w->base->partitions, past->guids[i]))
            memcpy(w->gone[w->gone_count++], past->guids[i], 16);
}

/* Returns false for a partition that firmware could not tell from others. */
static bool describe_partition(const struct manifest *m, const struct manifest_partition *p,
                               struct load_option_partition *ret)
{
    *ret = (struct load_option_partition){
        .number = p->number, .start = p->start / m->sector_size, .size = p->size / m->sector_size};
    if (!strcmp(m->table, "mbr")) {
        uint32_t signature = (uint32_t)strtoul(m->disk_uuid, NULL, 16);
        for (unsigned i = 0; i < 4; i++)
            ret->signature[i] = (uint8_t)(signature >> (8 * i));
        ret->signature_type = LOAD_OPTION_MBR;
        return signature != 0;
    }
    ret->signature_type = LOAD_OPTION_GUID;
    return guid_parse(p->uuid, ret->signature);
}

static bool find_loader(struct efi_disk *d, const struct manifest_partition *partition, struct boot_loader *ret)
{
    const struct production_work *w = d->work->base;

    return describe_partition(&w->partitions.tables[d->disk], partition, &ret->partition) &&
           loader_choose(&d->esp, w->systems, w->system_count, d->disk, ret->file, ret->title);
}

static int update(struct efi_disk *d, const struct boot_loader *loader, struct failure *f)
{
    struct efi_work *w = d->work;
    const bool deployed = w->base->request->deployed;
    const struct boot_entries_request r = {.loader = loader,
                                           .gone = w->gone,
                                           .gone_count = w->gone_count,
                                           .exists = has_file,
                                           .arg = d,
                                           .wish = deployed ? w->wish : BOOT_ORDER_KEEP,
                                           .mac = w->has_mac ? w->mac : NULL,
                                           .note = note};
    int number;

    if (boot_entries_update(&w->vars, &r, &number, f))
        return -1;
    if (w->next == BOOT_ORDER_NONE)
        w->next = number;
    return 0;
}

/* -1 when the entries of this disk cannot be put right. */
static int take_disk(struct efi_work *w, unsigned disk, struct failure *f)
{
    const struct manifest *m = &w->base->partitions.tables[disk];
    const struct manifest_partition *p = esp_of(m);
    const char *node = p ? disk_partitions_node(&w->base->partitions, disk, p->number) : NULL;
    struct efi_disk d = {.work = w, .disk = disk};
    struct boot_loader loader;
    int result;

    if (!node) {
        production_note(w->base, "%s has no EFI system partition, so no boot entry", w->base->partitions.disks[disk]);
        return update(&d, NULL, f);
    }
    if (esp_open(&d.esp, node, f))
        return -1;
    if (find_loader(&d, p, &loader)) {
        result = update(&d, &loader, f);
    } else {
        production_note(w->base, "%s: no known loader on its EFI system partition, so no boot entry",
                        w->base->partitions.disks[disk]);
        result = update(&d, NULL, f);
    }
    esp_close(&d.esp);
    return result;
}

static int take_disks(struct efi_work *w, struct failure *f)
{
    bool next = w->base->request->how == FINISH_BOOTNEXT;
    char text[18];
    struct failure why;

    for (unsigned i = 0; i < w->base->partitions.disk_count; i++) {
        if (!take_disk(w, i, &why))
            continue;
        if (next) {
            *f = why;
            return -1;
        }
        production_note(w->base, "boot entries: %s", why.message);
    }
    if (!next)
        return 0;
    if (w->next == BOOT_ORDER_NONE)
        return fail(f, "production", "bootnext: no disk of this job has a loader that the firmware could start");
    if (boot_entries_set_next(&w->vars, (uint16_t)w->next, f))
        return -1;
    snprintf(text, sizeof(text), "Boot%04X", (unsigned)w->next);
    production_note(w->base, "the firmware's next start is %s (BootNext)", text);
    return 0;
}

int production_efi(const struct production_work *base, struct failure *f)
{
    struct efi_work *w = calloc(1, sizeof(*w));
    int result;

    if (!w)
        return fail(f, "production", "no memory for boot entries");
    w->base = base;
    w->next = BOOT_ORDER_NONE;
    w->wish = find_wish(base);
    w->has_mac = base->request->boot_mac && mac_parse(base->request->boot_mac, w->mac);
    find_gone(w);
    result = efi_vars_open(&w->vars, EFI_VARS_FOLDER, f);
    if (!result) {
        result = take_disks(w, f);
        efi_vars_close(&w->vars);
    } else if (base->request->how != FINISH_BOOTNEXT) {
        production_note(base, "boot entries: %s", f->message);
        result = 0;
    }
    free(w);
    return result;
}
