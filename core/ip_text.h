/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as people write them. */
#ifndef SLIPWAY_CORE_IP_TEXT_H
#define SLIPWAY_CORE_IP_TEXT_H

#include "core/base.h"

/* Reads four decimal numbers with dots between them, `n` characters in all. Returns false, with *ret untouched, for
 * anything else; a leading zero is refused, since some read an octal number there. */
bool ip4_text_parse(const char *s, size_t n, struct ip4 *ret);

/* Reads an IPv6 address (RFC 4291 section 2.2) of `n` characters, without a zone and without an IPv4 address at its
 * end. Returns false, with *ret untouched, for anything else. */
bool ip6_text_parse(const char *s, size_t n, uint8_t ret[16]);

/* Reads either of them. Returns 4 or 6, or 0 for anything else. */
unsigned ip_text_family(const char *s, size_t n);

/* Reads an address with the length of its network behind a '/', as "192.0.2.5/24": 1 to 32, or to 128 for IPv6. Returns
 * 4 or 6, or 0 for anything else. */
unsigned ip_text_cidr(const char *s, size_t n);

#endif
