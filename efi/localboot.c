/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/localboot.h"

#include "efi/boot_option.h"
#include "efi/console.h"
#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/image.h"
#include "efi/system.h"

/* shim before the loader that it starts: without it Secure Boot refuses. The firmware's fallback comes last, because
 * an installer puts it there too. */
static const char *const known_loaders[] = {
    "\\EFI\\debian\\shimx64.efi",
    "\\EFI\\debian\\grubx64.efi",
    "\\EFI\\ubuntu\\shimx64.efi",
    "\\EFI\\ubuntu\\grubx64.efi",
    "\\EFI\\fedora\\shimx64.efi",
    "\\EFI\\fedora\\grubx64.efi",
    "\\EFI\\Microsoft\\Boot\\bootmgfw.efi",
    "\\EFI\\systemd\\systemd-bootx64.efi",
    "\\EFI\\BOOT\\BOOTX64.EFI",
};

struct search {
    EFI_HANDLE *volumes; /* file systems that the firmware can read */
    size_t volume_count;
    unsigned partitions; /* of them on disks that stay in the machine */
    char last[96];       /* what became of the last loader that was there */
};

static const HARDDRIVE_DEVICE_PATH *partition_of(const EFI_DEVICE_PATH *path)
{
    return path ? (const HARDDRIVE_DEVICE_PATH *)device_path_find(path, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP) : NULL;
}

static bool same_partition(const HARDDRIVE_DEVICE_PATH *a, const HARDDRIVE_DEVICE_PATH *b)
{
    return a->SignatureType == b->SignatureType && a->PartitionNumber == b->PartitionNumber &&
           bytes_equal(a->Signature, b->Signature, sizeof(a->Signature));
}

static void note(struct search *s, EFI_DEVICE_PATH *path, EFI_STATUS status)
{
    const EFI_DEVICE_PATH *file = device_path_find(path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);
    struct text t;

    text_init(&t, s->last, sizeof(s->last));
    if (file)
        device_path_text16(&t, ((const FILEPATH_DEVICE_PATH *)file)->PathName, 50);
    text_string(&t, ": ");
    text_string(&t, system_status_name(status));
}

static void announce(EFI_DEVICE_PATH *path)
{
    char line[600];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Local boot: ");
    device_path_text(&t, path);
    text_char(&t, '\n');
    console_print(line);
}

/* Starts the loader at `path`, if it is there. Takes `path` over. */
static void try_loader(struct search *s, EFI_DEVICE_PATH *path, const void *options, size_t options_size)
{
    EFI_LOADED_IMAGE *loaded;
    EFI_HANDLE image;
    EFI_STATUS status;

    if (!path)
        return;
    status = image_load_path(path, &image);
    if (status == EFI_SUCCESS && image_is_slipway(image)) {
        image_unload(image);
    } else if (status == EFI_SUCCESS) {
        loaded = system_protocol(image, &guid_loaded_image);
        loaded->LoadOptions = (void *)options;
        loaded->LoadOptionsSize = options_size;
        announce(path);
        note(s, path, image_start(image));
    } else if (status != EFI_NOT_FOUND) {
        note(s, path, status);
    }
    system_free(path);
}

/* A boot option's path may begin at the partition (a short-form path), which only the firmware's boot manager
 * understands: find the volume by its partition and put its whole path in front. */
static void try_option(struct search *s, const struct boot_option *o)
{
    const HARDDRIVE_DEVICE_PATH *partition = partition_of(o->path);
    const EFI_DEVICE_PATH *file = device_path_find(o->path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);

    if (!partition || !file)
        return;
    for (size_t i = 0; i < s->volume_count; i++) {
        const HARDDRIVE_DEVICE_PATH *p = partition_of(system_protocol(s->volumes[i], &guid_device_path));

        if (p && same_partition(p, partition))
            try_loader(s, device_path_join(s->volumes[i], file), o->data_size ? o->data : NULL, o->data_size);
    }
}

static void try_boot_order(struct search *s)
{
    size_t count;
    uint16_t *order = boot_option_order(&count);
    struct boot_option o;

    for (size_t i = 0; i < count; i++) {
        if (!boot_option_read(order[i], &o))
            continue;
        try_option(s, &o);
        boot_option_free(&o);
    }
    system_free(order);
}

static bool is_fixed_disk(EFI_HANDLE volume)
{
    EFI_BLOCK_IO *block_io = system_protocol(volume, &guid_block_io);

    return partition_of(system_protocol(volume, &guid_device_path)) && block_io && !block_io->Media->RemovableMedia;
}

static void try_known_loaders(struct search *s)
{
    for (size_t i = 0; i < s->volume_count; i++) {
        if (!is_fixed_disk(s->volumes[i]))
            continue;
        s->partitions++;
        for (size_t k = 0; k < sizeof(known_loaders) / sizeof(known_loaders[0]); k++)
            try_loader(s, device_path_of_file(s->volumes[i], known_loaders[k]), NULL, 0);
    }
}

static void describe(const struct search *s, struct error_detail *ret_error)
{
    struct text t;

    *ret_error = (struct error_detail){.code = SLIPWAY_E03};
    text_init(&t, ret_error->received, sizeof(ret_error->received));
    if (s->last[0]) {
        text_string(&t, s->last);
    } else {
        text_unsigned(&t, s->partitions);
        text_string(&t, " readable partitions on local disks, none with a loader");
    }
}

void localboot_run(struct error_detail *ret_error)
{
    struct search s = {.partitions = 0};

    /* Boot options of disks that the firmware did not need so far must not lose their turn. */
    system_connect_all();
    s.volumes = system_handles(&guid_simple_file_system, &s.volume_count);
    try_boot_order(&s);
    try_known_loaders(&s);
    system_free(s.volumes);
    describe(&s, ret_error);
}
