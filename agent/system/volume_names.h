/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_VOLUME_NAMES_H
#define SLIPWAY_AGENT_VOLUME_NAMES_H

/* What a file system is called by; "" for what it has not. */
struct volume_names {
    char uuid[64], label[256];
};

/* Asks libblkid about a device node or file. What cannot be read has no names. */
void volume_names_read(const char *path, struct volume_names *ret);

#endif
