/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/boot_entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    const struct efi_vars *v;
    struct boot_entries *ret;
};

static void entry_name(uint16_t number, char ret[16])
{
    snprintf(ret, 16, "Boot%04X", number);
}

static void describe(uint16_t number, const struct load_option *o, struct boot_entry_info *ret)
{
    struct text t;

    *ret = (struct boot_entry_info){.number = number, .boots = load_option_boots(o)};
    text_init(&t, ret->title, sizeof(ret->title));
    load_option_title(o, &t);
    text_init(&t, ret->file, sizeof(ret->file));
    load_option_file(o, &t);
    if (t.cut)
        ret->file[0] = '\0'; /* half a name is no name */
    ret->has_partition = load_option_partition(o, &ret->partition);
    ret->network = load_option_network(o, ret->mac);
}

static void read_entry(void *arg, uint16_t number)
{
    const struct reading *r = arg;
    uint8_t content[EFI_VARS_SIZE_MAX];
    struct load_option o;
    struct failure ignored;
    char name[16];
    size_t size;

    entry_name(number, name);
    if (r->ret->count < BOOT_ORDER_MAX && efi_vars_read(r->v, name, content, sizeof(content), &size, &ignored) == 1 &&
        load_option_parse(content, size, &o))
        describe(number, &o, &r->ret->list[r->ret->count++]);
}

static int by_number(const void *a, const void *b)
{
    return ((const struct boot_entry_info *)a)->number - ((const struct boot_entry_info *)b)->number;
}

static int read_order(const struct efi_vars *v, struct boot_order *ret, struct failure *f)
{
    uint8_t bytes[2 * BOOT_ORDER_MAX];
    size_t size;
    int found = efi_vars_read(v, "BootOrder", bytes, sizeof(bytes), &size, f);

    if (found < 0)
        return -1;
    ret->count = found ? (unsigned)(size / 2) : 0;
    for (unsigned i = 0; i < ret->count; i++)
        ret->numbers[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return 0;
}

int boot_entries_read(const struct efi_vars *v, struct boot_entries *ret, struct failure *f)
{
    struct reading r = {v, ret};

    ret->count = 0;
    if (efi_vars_each(v, "Boot", read_entry, &r, f) != 0)
        return -1;
    qsort(ret->list, ret->count, sizeof(ret->list[0]), by_number);
    return read_order(v, &ret->order, f);
}

static const struct boot_entry_info *find(const struct boot_entries *e, uint16_t number)
{
    for (unsigned i = 0; i < e->count; i++)
        if (e->list[i].number == number)
            return &e->list[i];
    return NULL;
}

static bool is_network(const struct boot_entry_info *i, const uint8_t *mac)
{
    return i && i->boots && i->network && (!mac || memcmp(i->mac, mac, sizeof(i->mac)) == 0);
}

static int network_of(const struct boot_entries *e, int current, const uint8_t *mac)
{
    if (current != BOOT_ORDER_NONE && is_network(find(e, (uint16_t)current), mac))
        return current;
    for (unsigned i = 0; i < e->order.count; i++)
        if (is_network(find(e, e->order.numbers[i]), mac))
            return e->order.numbers[i];
    for (unsigned i = 0; i < e->count; i++)
        if (is_network(&e->list[i], mac))
            return e->list[i].number;
    return BOOT_ORDER_NONE;
}

int boot_entries_network(const struct efi_vars *v, const struct boot_entries *e, const uint8_t *mac)
{
    struct failure ignored;
    uint8_t bytes[2];
    size_t size;
    int current = BOOT_ORDER_NONE, number;

    if (efi_vars_read(v, "BootCurrent", bytes, sizeof(bytes), &size, &ignored) == 1 && size == 2)
        current = bytes[0] | bytes[1] << 8;
    number = network_of(e, current, mac);
    return number == BOOT_ORDER_NONE && mac ? network_of(e, current, NULL) : number;
}

static bool has_guid(const struct boot_entry_info *i, const uint8_t guid[16])
{
    return i->has_partition && i->partition.signature_type == LOAD_OPTION_GUID &&
           memcmp(i->partition.signature, guid, 16) == 0;
}

/* The signature alone: a partition that was moved or resized is still the same. */
static bool same_partition(const struct boot_entry_info *i, const struct load_option_partition *p)
{
    return i->has_partition && i->partition.signature_type == p->signature_type &&
           memcmp(i->partition.signature, p->signature, sizeof(p->signature)) == 0 &&
           (p->signature_type == LOAD_OPTION_GUID || i->partition.number == p->number);
}

/* FAT's names have no case. */
static bool leads_to(const struct boot_entry_info *i, const struct boot_loader *l)
{
    return same_partition(i, &l->partition) && strcasecmp(i->file, l->file) == 0;
}

static bool is_exact(const struct boot_entry_info *i, const struct boot_loader *l)
{
    return i->boots && leads_to(i, l) && i->partition.number == l->partition.number &&
           i->partition.start == l->partition.start && i->partition.size == l->partition.size;
}

static bool is_stale(const struct boot_entry_info *i, const struct boot_entries_request *r)
{
    for (unsigned k = 0; k < r->gone_count; k++)
        if (has_guid(i, r->gone[k]))
            return true;
    return r->loader && same_partition(i, &r->loader->partition) && i->file[0] && !r->exists(r->arg, i->file);
}

static void tell(const struct boot_entries_request *r, const char *what, uint16_t number, const char *title)
{
    char text[256];

    snprintf(text, sizeof(text), "boot entry Boot%04X (%.127s) %s", number, title, what);
    r->note(r->arg, text);
}

static int free_number(const struct boot_entries *e, const struct efi_vars *v)
{
    struct failure ignored;
    char name[16];
    uint8_t byte;
    size_t size;

    for (int n = 0; n < BOOT_ORDER_MAX; n++) {
        entry_name((uint16_t)n, name);
        if (!find(e, (uint16_t)n) && efi_vars_read(v, name, &byte, 1, &size, &ignored) == 0)
            return n;
    }
    return BOOT_ORDER_NONE;
}

static int write_entry(const struct efi_vars *v, uint16_t number, const struct boot_loader *l, struct failure *f)
{
    uint8_t content[1024];
    struct writer w;
    char name[16];

    writer_init(&w, content, sizeof(content));
    load_option_write(&w, l->title, &l->partition, l->file);
    if (w.failed)
        return fail(f, "production", "the boot entry of %s is too long", l->file);
    entry_name(number, name);
    return efi_vars_write(v, name, content, w.length, f);
}

/* Returns the number of the loader's entry, or -1 with *f. */
static int make_entry(const struct efi_vars *v, const struct boot_entries *e, const struct boot_entries_request *r,
                      struct failure *f)
{
    int number = BOOT_ORDER_NONE;

    for (unsigned i = 0; i < e->count; i++)
        if (is_exact(&e->list[i], r->loader))
            return e->list[i].number;
    /* The same file of a partition that has moved: its entry is written anew and so keeps its place. */
    for (unsigned i = 0; i < e->count && number == BOOT_ORDER_NONE; i++)
        if (leads_to(&e->list[i], r->loader))
            number = e->list[i].number;
    if (number == BOOT_ORDER_NONE)
        number = free_number(e, v);
    if (number == BOOT_ORDER_NONE)
        return fail(f, "production", "the firmware has no number left for a boot entry");
    if (write_entry(v, (uint16_t)number, r->loader, f) != 0)
        return -1;
    tell(r, "made", (uint16_t)number, r->loader->title);
    return number;
}

static unsigned first_that_boots(const struct boot_entries *e, const struct boot_order *o)
{
    for (unsigned i = 0; i < o->count; i++) {
        const struct boot_entry_info *info = find(e, o->numbers[i]);
        if (info && info->boots)
            return i;
    }
    return o->count;
}

static int write_order(const struct efi_vars *v, const struct boot_order *o, struct failure *f)
{
    uint8_t bytes[2 * BOOT_ORDER_MAX];

    for (unsigned i = 0; i < o->count; i++) {
        bytes[2 * i] = o->numbers[i] & 0xff;
        bytes[2 * i + 1] = (uint8_t)(o->numbers[i] >> 8);
    }
    return efi_vars_write(v, "BootOrder", bytes, 2 * o->count, f);
}

static int remove_stale(const struct efi_vars *v, const struct boot_entries *e, const struct boot_entries_request *r,
                        int own, struct failure *f)
{
    char name[16];

    for (unsigned i = 0; i < e->count; i++) {
        if (e->list[i].number == own || !is_stale(&e->list[i], r))
            continue;
        entry_name(e->list[i].number, name);
        if (efi_vars_remove(v, name, f) != 0)
            return -1;
        tell(r, "removed: it led nowhere", e->list[i].number, e->list[i].title);
    }
    return 0;
}

static int arrange(const struct efi_vars *v, const struct boot_entries *e, const struct boot_entries_request *r,
                   int own, struct failure *f)
{
    struct boot_order o = e->order;
    int vacant = BOOT_ORDER_NONE, place;

    for (unsigned i = 0; i < e->count; i++) {
        if (e->list[i].number == own || !is_stale(&e->list[i], r))
            continue;
        place = boot_order_remove(&o, e->list[i].number);
        if (vacant == BOOT_ORDER_NONE)
            vacant = place;
    }
    if (own != BOOT_ORDER_NONE)
        boot_order_place(&o, r->wish, first_that_boots(e, &o), (uint16_t)own, boot_entries_network(v, e, r->mac),
                         vacant);
    if (o.count == e->order.count && memcmp(o.numbers, e->order.numbers, o.count * sizeof(o.numbers[0])) == 0)
        return 0;
    return write_order(v, &o, f);
}

int boot_entries_update(const struct efi_vars *v, const struct boot_entries_request *r, int *ret_number,
                        struct failure *f)
{
    struct boot_entries *e = calloc(1, sizeof(*e));
    int own = BOOT_ORDER_NONE, result = -1;

    if (!e)
        return fail(f, "production", "no memory for the boot entries");
    if (boot_entries_read(v, e, f) != 0 || (r->loader && (own = make_entry(v, e, r, f)) < 0))
        goto out;
    /* The order first: a machine that is switched off in between has an entry too many, not one too few. */
    if (arrange(v, e, r, own, f) != 0 || remove_stale(v, e, r, own, f) != 0)
        goto out;
    *ret_number = own;
    result = 0;
out:
    free(e);
    return result;
}

int boot_entries_set_next(const struct efi_vars *v, uint16_t number, struct failure *f)
{
    const uint8_t bytes[2] = {number & 0xff, (uint8_t)(number >> 8)};

    return efi_vars_write(v, "BootNext", bytes, sizeof(bytes), f);
}
