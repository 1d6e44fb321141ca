/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A grub.cfg with its environment block: the block, a NUL, the script. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/system/grub_cfg.h"
#include "agent/system/grub_env.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_entry(const struct boot_entry *e)
{
    require(strlen(e->title) < sizeof(e->title) && strlen(e->linux_path) < sizeof(e->linux_path));
    require(strlen(e->options) < sizeof(e->options) && e->initrd_count <= BOOT_ENTRY_INITRDS);
    for (unsigned i = 0; i < e->initrd_count; i++)
        require(strlen(e->initrd[i]) < sizeof(e->initrd[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    const char *env = end ? (const char *)data : "";
    size_t at = end ? (size_t)(end - data) + 1 : 0;
    char *text = malloc(size - at + 1);
    const struct boot_entry *chosen;
    struct grub_cfg cfg;

    if (size > at)
        memcpy(text, data + at, size - at);
    if (grub_cfg_parse(text, size - at, env, &cfg) == 0) {
        require(cfg.count <= GRUB_CFG_ENTRIES);
        for (unsigned i = 0; i < cfg.count; i++)
            check_entry(&cfg.entries[i].boot);
        check_entry(&cfg.top);
        chosen = grub_cfg_default(&cfg);
        require(!chosen || chosen->linux_path[0]);
        grub_cfg_free(&cfg);
    }
    free(text);
    return 0;
}
