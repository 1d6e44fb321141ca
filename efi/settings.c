/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/settings.h"

#include <efi.h>

#include "efi/device_path.h"
#include "efi/guids.h"
#include "efi/system.h"

#define TEXT_MAX 4096
#define PATH_MAX 256

static const CHAR16 file_name[] = u"slipway.conf";

/* The path of file_name in the folder of this program. Returns false when that has none, or too long a one. */
static bool path_beside(const EFI_DEVICE_PATH *self, CHAR16 ret[PATH_MAX])
{
    const EFI_DEVICE_PATH *node = device_path_find(self, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP);
    size_t folder = 0, max, name_size = sizeof(file_name) / sizeof(file_name[0]);

    if (!node)
        return false;
    max = ((node->Length[0] | (size_t)node->Length[1] << 8) - sizeof(*node)) / sizeof(CHAR16);
    for (size_t i = 0; i < max && i < PATH_MAX; i++) {
        memcpy(&ret[i], (const uint8_t *)node + sizeof(*node) + i * sizeof(CHAR16), sizeof(CHAR16));
        if (ret[i] == 0)
            break;
        if (ret[i] == '\\' || ret[i] == '/')
            folder = i + 1;
    }
    if (folder + name_size > PATH_MAX)
        return false;
    memcpy(ret + folder, file_name, sizeof(file_name));
    return true;
}

/* At most `max` bytes of the file; 0 when there is none. */
static size_t read_file(EFI_FILE *root, CHAR16 *path, char *ret, size_t max)
{
    EFI_FILE *file;
    UINTN size = max;

    if (root->Open(root, &file, path, EFI_FILE_MODE_READ, 0) != EFI_SUCCESS)
        return 0;
    if (file->Read(file, &size, ret) != EFI_SUCCESS)
        size = 0;
    file->Close(file);
    return size;
}

static size_t read_beside(EFI_LOADED_IMAGE *self, char *ret, size_t max)
{
    EFI_FILE_IO_INTERFACE *volume = system_protocol(self->DeviceHandle, &guid_simple_file_system);
    CHAR16 path[PATH_MAX];
    EFI_FILE *root;
    size_t size;

    if (!volume || !self->FilePath || !path_beside(self->FilePath, path) ||
        volume->OpenVolume(volume, &root) != EFI_SUCCESS)
        return 0;
    size = read_file(root, path, ret, max);
    root->Close(root);
    return size;
}

/* What is no ASCII separates words: options may be anything but text. */
static size_t read_options(const EFI_LOADED_IMAGE *self, char *ret, size_t max)
{
    const uint8_t *options = self->LoadOptions;
    size_t size = options ? self->LoadOptionsSize / 2 : 0;

    if (size > max)
        size = max;
    for (size_t i = 0; i < size; i++)
        ret[i] = options[2 * i] < 0x80 && options[2 * i + 1] == 0 ? (char)options[2 * i] : ' ';
    return size;
}

static bool take(struct settings *s, const char *text, size_t size, const char *source, struct error_detail *ret_error)
{
    char word[64];
    struct text t;

    text_init(&t, word, sizeof(word));
    if (settings_read(s, text, size, &t))
        return true;
    error_begin(ret_error, SLIPWAY_E07, &t);
    text_string(&t, word);
    text_string(&t, source);
    return false;
}

bool settings_load(struct settings *ret, struct error_detail *ret_error)
{
    EFI_LOADED_IMAGE *self = system_loaded_image();
    char *text = system_allocate(TEXT_MAX);
    bool good;

    *ret = (struct settings){0};
    if (!text)
        return true;
    good = take(ret, text, read_beside(self, text, TEXT_MAX), " in slipway.conf", ret_error) &&
           take(ret, text, read_options(self, text, TEXT_MAX), " in the load options", ret_error);
    system_free(text);
    return good;
}
