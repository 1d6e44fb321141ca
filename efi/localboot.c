/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/localboot.h"

#include "efi/boot_option.h"
#include "efi/console.h"
#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/image.h"
#include "efi/loader_search.h"
#include "efi/local_past.h"
#include "efi/system.h"

#define TITLE_MAX 40
#define FILE_MAX 48
/* A serial port's buffer must be empty before the machine is reset. */
#define DRAIN_US 100000

static bool gave_up;

static void say(const char *line)
{
    console.print(line);
    console.print("\n");
}

static void note(struct local_boot_search *s, const EFI_DEVICE_PATH *path, EFI_STATUS status)
{
    const EFI_DEVICE_PATH *file = device_path_find(path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);
    struct text t;

    text_init(&t, s->last, sizeof(s->last));
    if (file)
        device_path_text16(&t, ((const FILEPATH_DEVICE_PATH *)file)->PathName, FILE_MAX);
    text_string(&t, ": ");
    text_string(&t, system_status_name(status));
}

/* The loaded image, NULL when there is none that could be started. */
static EFI_HANDLE load(struct local_boot_search *s, const struct loader *l)
{
    EFI_HANDLE image;
    EFI_STATUS status = image_load_path(l->path, &image);

    if (status == EFI_SUCCESS && !image_is_slipway(image))
        return image;
    if (status == EFI_SUCCESS)
        image_unload(image);
    else if (status != EFI_NOT_FOUND)
        note(s, l->path, status);
    return NULL;
}

static void announce(const struct loader *l, const char *how)
{
    char line[640];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Local boot: ");
    device_path_text(&t, l->path);
    if (l->option != LOADER_NO_OPTION) {
        text_string(&t, " (Boot");
        text_hex(&t, l->option, 4);
        text_string(&t, " \"");
        device_path_text16(&t, l->title, TITLE_MAX);
        text_string(&t, "\")");
    }
    text_string(&t, how);
    say(line);
}

static bool start(void *context, const struct loader *l)
{
    EFI_HANDLE image = load(context, l);
    EFI_LOADED_IMAGE *loaded;

    if (!image)
        return false;
    loaded = system_protocol(image, &guid_loaded_image);
    loaded->LoadOptions = (void *)l->load_options;
    loaded->LoadOptionsSize = l->load_options_size;
    announce(l, "");
    note(context, l->path, image_start(image));
    return false;
}

/* BootNext names the loader's boot option, and the past knows. */
static EFI_STATUS arrange_next(const struct loader *l)
{
    uint16_t number = l->option;
    EFI_STATUS status = EFI_SUCCESS;

    if (l->option == LOADER_NO_OPTION)
        status = boot_option_write_own(l->path, &number);
    if (status == EFI_SUCCESS)
        status = local_past_mark_next();
    if (status == EFI_SUCCESS)
        status = boot_option_set_next(number);
    return status;
}

static bool boot_next(void *context, const struct loader *l)
{
    EFI_HANDLE image = load(context, l);
    EFI_STATUS status;

    if (!image)
        return false;
    image_unload(image);
    status = arrange_next(l);
    if (status == EFI_SUCCESS) {
        announce(l, ": BootNext is set, resetting the machine");
        system_boot->Stall(DRAIN_US);
        system_table->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
        status = EFI_DEVICE_ERROR;
    }
    console.print("The firmware refuses BootNext: ");
    say(system_status_name(status));
    return true;
}

static struct local_boot_choice choose(enum local_boot_policy said)
{
    static const char built_in[] = SLIPWAY_LOCAL_BOOT;
    struct local_boot_past past;
    struct local_boot_choice choice;
    char why[128];
    struct text t;

    local_past_read(&past);
    past.gave_up = gave_up;
    text_init(&t, why, sizeof(why));
    choice = local_boot_choose(said, local_boot_policy((const uint8_t *)built_in, sizeof(built_in) - 1), &past, &t);
    if (why[0])
        say(why);
    if (choice.came_back) {
        gave_up = true;
        local_past_forget_next();
    }
    return choice;
}

bool localboot_run(enum local_boot_policy said, struct error_detail *ret_error)
{
    enum local_boot_policy policy = choose(said).policy;
    struct local_boot_search s;
    struct text t;

    /* Without the mark a firmware that comes back would be sent away for ever. */
    if (policy == LOCAL_BOOT_EXIT && local_past_mark_end() == EFI_SUCCESS) {
        say("Local boot: leaving it to the firmware's boot order");
        return true;
    }
    if (policy != LOCAL_BOOT_NEXT || loader_search(boot_next, &s, &s))
        loader_search(start, &s, &s);
    error_begin(ret_error, SLIPWAY_E03, &t);
    local_boot_describe(&s, &t);
    return false;
}
