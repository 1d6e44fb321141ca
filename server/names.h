/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be a name: every string from outside that becomes a path, a host name or a key passes here first. */
#ifndef SLIPWAY_SERVER_NAMES_H
#define SLIPWAY_SERVER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_TEXT 18
#define UUID_TEXT 37
#define CHUNK_ID 32
#define CHUNK_HEX 65
#define TOKEN_TEXT 65
#define IMAGE_DISKS 16 /* at most, of one image */

/* A host name of one label, RFC 1123 section 2.1: 1 to 63 letters, digits and '-', no '-' at either end. Returns NULL
 * when it is one, else what is wrong with it, for people. */
const char *name_host_problem(const char *s);

/* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
bool name_is_image(const char *s);

/* [A-Za-z0-9._-]+\.caibx, at most 64 bytes, no leading dot. */
bool name_is_index(const char *s);

/* The manifest of a further disk of an image: disk2.json to disk16.json (docs/image-format.md, "Several disks"). */
bool name_is_disk_manifest(const char *s);

/* A key of a machine's fields: [A-Za-z0-9_.-]{1,64}. */
bool name_is_field(const char *s);

/* A reason or step: [a-z-]{1,31}. */
bool name_is_word(const char *s);

/* Text for one line: valid for slipway.cfg and terminals, no control characters, at most `max` bytes. */
bool name_is_line(const char *s, unsigned max);

/* aa:bb:cc:dd:ee:ff or aa-bb-..., any case, into lower case with colons. False when it is none. */
bool name_mac(const char *s, char ret[MAC_TEXT]);

/* Lower-cases a UUID. False when it is none, or all zeros or all ones (firmware that was never given one). */
bool name_uuid(const char *s, char ret[UUID_TEXT]);

/* 64 lower-case hexadecimal digits into 32 bytes, and back. */
bool name_chunk_id(const char *s, uint8_t ret[CHUNK_ID]);
void name_chunk_hex(const uint8_t id[CHUNK_ID], char ret[CHUNK_HEX]);

#endif
