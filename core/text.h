/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes text into a fixed buffer. The buffer is always NUL-terminated; what does not fit is cut and remembered. */
#ifndef SLIPWAY_CORE_TEXT_H
#define SLIPWAY_CORE_TEXT_H

#include "core/base.h"

struct text {
    char *buf;
    size_t size;   /* bytes in buf, NUL included; at least 1 */
    size_t length; /* bytes written, NUL not included */
    bool cut;      /* something did not fit */
};

void text_init(struct text *t, char *buf, size_t size);
void text_char(struct text *t, char c);
void text_string(struct text *t, const char *s);
/* Bytes from the network for a screen: control characters and invalid UTF-8 become '?', stops at NUL or at n. */
void text_untrusted(struct text *t, const void *bytes, size_t n);
void text_unsigned(struct text *t, uint64_t value);
/* Lower-case hexadecimal, padded with zeros to `digits` (1 to 16). */
void text_hex(struct text *t, uint64_t value, unsigned digits);
void text_ip4(struct text *t, struct ip4 a);
/* aa:bb:cc:dd:ee:ff with `separator` between the bytes. */
void text_mac(struct text *t, const uint8_t mac[6], char separator);

#endif
