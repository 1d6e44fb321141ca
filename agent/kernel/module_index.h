/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What depmod knows about a folder of kernel modules: modules.alias, modules.dep and modules.softdep. */
#ifndef SLIPWAY_AGENT_MODULE_INDEX_H
#define SLIPWAY_AGENT_MODULE_INDEX_H

#include <stdbool.h>

struct module_index;

/* Reads the three files in `dir` (such as /lib/modules/6.1.0-18-amd64). A missing or malformed file counts as empty,
 * line by line. Returns NULL when out of memory. */
struct module_index *module_index_open(const char *dir);
void module_index_close(struct module_index *m);

/* Hands out a module to load: `path` is relative to the folder. */
typedef void module_load_fn(void *arg, const char *path);

/* Hands out `name` and what must be loaded around it, in order: soft dependencies before it, dependencies, itself, soft
 * dependencies after it. Each module is handed out once in the life of the index. Returns false when there is no such
 * module ('-' and '_' are the same). */
bool module_index_load(struct module_index *m, const char *name, module_load_fn *load, void *arg);

/* The same for every module whose alias matches `modalias` ("pci:v00001AF4d...", "fs-ext4"). Returns false when none
 * does. */
bool module_index_load_alias(struct module_index *m, const char *modalias, module_load_fn *load, void *arg);

#endif
