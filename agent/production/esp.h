/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The EFI system partition of a disk, looked at. */
#ifndef SLIPWAY_AGENT_ESP_H
#define SLIPWAY_AGENT_ESP_H

#include <stdbool.h>

#include "agent/base/failure.h"
#include "agent/image/manifest.h"

struct esp {
    char folder[64];
    int root;
};

/* Which of the table's partitions is the ESP, NULL when none is. */
const struct manifest_partition *esp_of(const struct manifest *m);

/* Mounts the FAT at `node` for looking. Returns 0, or -1 with *f ("production"). */
int esp_open(struct esp *e, const char *node, struct failure *f);
void esp_close(struct esp *e);

/* Whether there is such a file, by its firmware name: "\EFI\debian\shimx64.efi". `e` is a struct esp. */
bool esp_has_file(void *e, const char *file);

/* Finds what starts the system: in the order of core/known_loader.h, but first in the folder that is called `id` (as in
 * os-release(5); "": not known). Returns false when there is no known loader. */
bool esp_find_loader(struct esp *e, const char *id, char ret[64]);

#endif
