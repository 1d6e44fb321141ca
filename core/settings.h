/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a site may set on the machine itself, before there is a network: words `key=value` in a file beside the boot
 * client or behind its name where the firmware starts it. */
#ifndef SLIPWAY_CORE_SETTINGS_H
#define SLIPWAY_CORE_SETTINGS_H

#include "core/base.h"
#include "core/text.h"

#define VLAN_ID_MAX 4094 /* IEEE 802.1Q: 4095 is reserved */

struct settings {
    uint16_t vlan; /* IEEE 802.1Q VLAN to work on, 1 to VLAN_ID_MAX; 0: untagged */
};

/* Reads words that are separated by white space; '#' begins a comment that ends with its line, and the last word for a
 * key counts. Words with other keys are left alone: firmware puts words of its own beside ours. `text` is untrusted and
 * may have any bytes. Returns false, with *s as far as it came, when a known key has a value that it cannot have: the
 * word is in ret_word then, fit for a screen. Keys:
 *   vlan=0..4094 */
bool settings_read(struct settings *s, const char *text, size_t size, struct text *ret_word);

/* Reads a VLAN's number from `n` characters. Returns false, with *ret untouched, when they are no decimal number from 0
 * to VLAN_ID_MAX. */
bool settings_vlan(const char *s, size_t n, uint16_t *ret);

#endif
