/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine may be told to be, value by value (docs/protocol.md, "Identity"): the server asks before it keeps a
 * value, the agent before it writes one. Nothing in a value is ever interpreted; what is refused here is what would end
 * a line, or what the file that it is written to could take for something else. */
#ifndef SLIPWAY_CORE_IDENTITY_TEXT_H
#define SLIPWAY_CORE_IDENTITY_TEXT_H

#include "core/base.h"

#define IDENTITY_NETWORKS 8
#define IDENTITY_USERS 32
#define IDENTITY_LIST 16 /* addresses, keys, groups: of each list */
#define IDENTITY_FIELDS 64

enum identity_text {
    IDENTITY_LINE,      /* one line for people or programs, 256 bytes */
    IDENTITY_COMMAND,   /* one line, 1024 bytes */
    IDENTITY_HOST_NAME, /* labels of RFC 1123 section 2.1 joined by dots, 63 bytes (what Linux takes) */
    IDENTITY_DOMAIN,    /* the same, 253 bytes */
    IDENTITY_LOCALE,    /* de_DE.UTF-8, sr_RS@latin, de-DE */
    IDENTITY_KEYBOARD,  /* de, us-intl, 0407:00000407 */
    IDENTITY_TIME_ZONE, /* Europe/Berlin */
    IDENTITY_MAC,       /* aa:bb:cc:dd:ee:ff */
    IDENTITY_ADDRESS,   /* IPv4 or IPv6 */
    IDENTITY_CIDR,      /* the same with the network's length, 192.0.2.5/24 */
    IDENTITY_USER, /* of a user or a group: letters, digits, '_', '-', '.', 32 bytes, begins with a letter or '_' */
    IDENTITY_FULL_NAME,     /* a line without ':', which divides passwd(5) */
    IDENTITY_PASSWORD_HASH, /* crypt(5), or '*' or '!' for none */
    IDENTITY_SSH_KEY,       /* type, base64, comment; options before the type are refused; 8191 bytes */
    IDENTITY_PRODUCT_KEY,   /* five groups of five letters and digits */
    IDENTITY_FIELD,         /* a field's key: letters, digits, '_', '.', '-', 64 bytes */
};

/* Whether `size` bytes can stand for such a value. The caller has checked that they are UTF-8. An empty text is good
 * for IDENTITY_LINE only. Refused in every value: bytes below 0x20 and 0x7f, and the characters that YAML and XML take
 * for line ends or do not allow (U+0080 to U+009F, U+2028, U+2029, U+FFFE, U+FFFF). */
bool identity_text_valid(enum identity_text what, const char *s, size_t size);

/* What such a value looks like, for a message to people: "an address such as 192.0.2.5/24". */
const char *identity_text_describe(enum identity_text what);

#endif
