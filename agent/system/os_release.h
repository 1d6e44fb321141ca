/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_OS_RELEASE_H
#define SLIPWAY_AGENT_OS_RELEASE_H

#include <stddef.h>

#define OS_RELEASE_LIMIT (64u * 1024)

/* What os-release(5) says of a system; "" for what it does not say. */
struct os_release {
    char id[64];      /* ID, "linux" without one */
    char version[64]; /* VERSION_ID */
    char edition[64]; /* VARIANT */
    char name[128];   /* PRETTY_NAME, else NAME, else the ID */
};

/* Reads `size` bytes of untrusted text, as a shell would assign them, but evaluates nothing. Lines that are none of the
 * above are ignored, values that are too long are cut, control characters become '?'. */
void os_release_parse(const char *text, size_t size, struct os_release *ret);

#endif
