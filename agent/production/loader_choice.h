/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_LOADER_CHOICE_H
#define SLIPWAY_AGENT_LOADER_CHOICE_H

#include "agent/production/esp.h"
#include "agent/system/system.h"

/* Chooses what starts the systems of disk `disk` (the others among `systems` do not matter) from its EFI system
 * partition: a loader in the folder of one of them, else the first known one; and what a person is to find in the
 * firmware's menu. Returns false when there is no known loader. */
bool loader_choose(struct esp *e, const struct system *systems, unsigned count, unsigned disk, char ret_file[64],
                   char ret_title[128]);

#endif
