/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/loader_search.h"

#include "core/known_loader.h"
#include "efi/boot_option.h"
#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/system.h"

#define VOLUMES_MAX 64

struct volume {
    EFI_HANDLE handle;
    const EFI_DEVICE_PATH *path;
    const HARDDRIVE_DEVICE_PATH *partition;
    bool fixed, visited;
};

struct search {
    struct volume volumes[VOLUMES_MAX];
    unsigned count;
    loader_visitor *visit;
    void *context;
    struct local_boot_search *counts;
};

static const HARDDRIVE_DEVICE_PATH *partition_of(const EFI_DEVICE_PATH *path)
{
    return (const HARDDRIVE_DEVICE_PATH *)device_path_find(path, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP);
}

static bool same_partition(const HARDDRIVE_DEVICE_PATH *a, const HARDDRIVE_DEVICE_PATH *b)
{
    return a->SignatureType == b->SignatureType && a->PartitionNumber == b->PartitionNumber &&
           bytes_equal(a->Signature, b->Signature, sizeof(a->Signature));
}

static bool is_fixed(EFI_HANDLE device)
{
    EFI_BLOCK_IO *block_io = system_protocol(device, &guid_block_io);

    return block_io && !block_io->Media->RemovableMedia;
}

/* Keeps the volumes in the order of their paths. */
static void add_volume(struct search *s, EFI_HANDLE handle)
{
    const EFI_DEVICE_PATH *path = system_protocol(handle, &guid_device_path);
    unsigned at = s->count;

    if (!path || !partition_of(path) || s->count == VOLUMES_MAX)
        return;
    for (; at > 0 && device_path_compare(path, s->volumes[at - 1].path) < 0; at--)
        s->volumes[at] = s->volumes[at - 1];
    s->volumes[at] = (struct volume){handle, path, partition_of(path), is_fixed(handle), false};
    s->counts->partitions += s->volumes[at].fixed;
    s->count++;
}

static void find_volumes(struct search *s)
{
    size_t count;
    EFI_HANDLE *handles = system_handles(&guid_simple_file_system, &count);

    for (size_t i = 0; i < count; i++)
        add_volume(s, handles[i]);
    system_free(handles);
}

static unsigned count_disks(void)
{
    size_t count;
    EFI_HANDLE *handles = system_handles(&guid_block_io, &count);
    unsigned disks = 0;

    for (size_t i = 0; i < count; i++) {
        EFI_BLOCK_IO *b = system_protocol(handles[i], &guid_block_io);

        disks += b && !b->Media->LogicalPartition && !b->Media->RemovableMedia && b->Media->MediaPresent;
    }
    system_free(handles);
    return disks;
}

static bool visit(struct search *s, struct loader *l)
{
    bool end = l->path && s->visit(s->context, l);

    system_free(l->path);
    return end;
}

static bool visit_known_loaders(struct search *s, struct volume *v)
{
    bool end = false;

    if (!v->fixed || v->visited)
        return false;
    v->visited = true;
    for (unsigned i = 0; !end; i++) {
        struct loader l = {.option = LOADER_NO_OPTION};
        char file[64];
        struct text t;

        text_init(&t, file, sizeof(file));
        if (!known_loader(i, &t))
            break;
        l.path = device_path_of_file(v->handle, file);
        end = visit(s, &l);
    }
    return end;
}

/* A boot option's path may begin at the partition (a short-form path), which only the firmware's boot manager
 * understands: the volume with that partition has the whole path. */
static bool is_on(const struct volume *v, const struct boot_option *o)
{
    const HARDDRIVE_DEVICE_PATH *partition = partition_of(o->path);

    return partition ? same_partition(partition, v->partition) : device_path_begins_with(v->path, o->path);
}

static bool visit_option(struct search *s, const struct boot_option *o, uint16_t number)
{
    const EFI_DEVICE_PATH *file = device_path_find(o->path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);
    bool end = false;

    for (unsigned i = 0; i < s->count && !end; i++) {
        struct volume *v = &s->volumes[i];
        struct loader l = {.option = number, .title = o->description, .load_options_size = o->data_size};

        if (!is_on(v, o))
            continue;
        l.load_options = o->data_size ? o->data : NULL;
        if (file)
            l.path = device_path_join(v->handle, file);
        end = file ? visit(s, &l) : visit_known_loaders(s, v);
    }
    return end;
}

static bool names_disk(const struct search *s, const struct boot_option *o)
{
    bool found = partition_of(o->path) != NULL;

    for (unsigned i = 0; i < s->count && !found; i++)
        found = device_path_begins_with(s->volumes[i].path, o->path);
    return found;
}

static bool visit_boot_order(struct search *s)
{
    size_t count;
    uint16_t *order = boot_option_order(&count);
    struct boot_option o;
    bool end = false;

    for (size_t i = 0; i < count && !end; i++) {
        if (!boot_option_read(order[i], &o))
            continue;
        s->counts->options += names_disk(s, &o);
        end = visit_option(s, &o, order[i]);
        boot_option_free(&o);
    }
    system_free(order);
    return end;
}

bool loader_search(loader_visitor *visitor, void *context, struct local_boot_search *counts)
{
    struct search *s = system_allocate(sizeof(*s));
    bool end;

    *counts = (struct local_boot_search){.options = 0};
    if (!s)
        return false;
    s->visit = visitor;
    s->context = context;
    s->counts = counts;
    /* Boot options of disks that the firmware did not need so far must not lose their turn. */
    system_connect_all();
    counts->disks = count_disks();
    find_volumes(s);
    end = visit_boot_order(s);
    for (unsigned i = 0; i < s->count && !end; i++)
        end = visit_known_loaders(s, &s->volumes[i]);
    system_free(s);
    return end;
}
