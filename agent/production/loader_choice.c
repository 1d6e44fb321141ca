/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/loader_choice.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FOLDERS "\\EFI\\"
#define WINDOWS "\\EFI\\Microsoft\\"

static bool is_in_folder(const char *file, const char *id)
{
    const char *folder = file + strlen(FOLDERS);
    size_t length = strlen(id);

    return length && strcspn(folder, "\\") == length && !strncasecmp(folder, id, length);
}

/* The system's own name where it is clear which one the loader starts, else that of the loader's folder. Windows knows
 * its manager by this name. */
static void make_title(const char *file, const struct system *s, char ret[128])
{
    const char *folder = file + strlen(FOLDERS);

    if (!strncasecmp(file, WINDOWS, strlen(WINDOWS)))
        snprintf(ret, 128, "Windows Boot Manager");
    else if (s && s->name[0])
        snprintf(ret, 128, "%s", s->name);
    else
        snprintf(ret, 128, "%.*s", (int)strcspn(folder, "\\"), folder);
}

bool loader_choose(struct esp *e, const struct system *systems, unsigned count, unsigned disk, char ret_file[64],
                   char ret_title[128])
{
    const struct system *only = NULL;
    unsigned here = 0;

    for (unsigned i = 0; i < count; i++) {
        if (systems[i].disk != disk)
            continue;
        here++;
        only = here == 1 ? &systems[i] : NULL;
        if (esp_find_loader(e, systems[i].id, ret_file) && is_in_folder(ret_file, systems[i].id)) {
            make_title(ret_file, &systems[i], ret_title);
            return true;
        }
    }
    if (!esp_find_loader(e, "", ret_file))
        return false;
    make_title(ret_file, only, ret_title);
    return true;
}
