/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_INSPECT_PRINT_H
#define SLIPWAY_AGENT_INSPECT_PRINT_H

#include <stdio.h>

#include "agent/image/manifest.h"

/* Writes what a manifest says to `out`, for people, in 80 columns: names and labels from a disk are made safe for a
 * terminal and cut. What is empty (an image's name, when it describes a disk) is left out. */
void inspect_print(FILE *out, const struct manifest *m);

#endif
