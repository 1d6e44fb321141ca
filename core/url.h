/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http:// URLs as boot files name them (RFC 3986, RFC 9110 4.2.1), and paths beside a boot entry. */
#ifndef SLIPWAY_CORE_URL_H
#define SLIPWAY_CORE_URL_H

#include "core/base.h"
#include "core/text.h"

#define URL_HOST_MAX 254 /* a DNS name of 253 characters with its NUL */

struct url {
    char host[URL_HOST_MAX];
    struct ip4 address; /* the host where it is a dotted address; zero: a name */
    uint16_t port;      /* 80 when the URL has none */
    const char *path;   /* in the URL that was parsed: begins with '/' (or is "", which means "/") */
};

/* True when `s` begins with a scheme ("http://", "https://", "ftp://" ...) and so cannot be a path of a TFTP server. */
bool url_is_url(const char *s);

/* True when `s` begins with "http://" in any case. */
bool url_is_http(const char *s);

/* Takes an http:// URL apart. Returns false, *ret undefined, when it is no http:// URL or malformed: a host that is
 * empty, not a dotted IPv4 address though it has digits and dots only, an IPv6 address, or has a character other than
 * letters, digits, '-', '_' and '.'; user information; a port outside 1..65535; a fragment; a byte that RFC 3986 allows
 * in no URL (blanks, control characters, everything above ASCII); a '?' right behind the host. */
bool url_parse(const char *s, struct url *ret);

/* Appends what `reference` means in an entry that was loaded as `base`, a URL or a path of a TFTP server; t->cut tells
 * whether it fitted. The reference is the first `n` bytes of `reference`, without NUL.
 *   a URL                    itself
 *   base is a URL            its server and "/...", or the folder of the base and the reference, without "." and ".."
 *                            (RFC 3986 5.2); bytes that a URL must not have become %XX
 *   base is a path           "/..." itself, else the folder of the base and the reference */
void url_resolve(struct text *t, const char *base, const char *reference, size_t n);

#endif
