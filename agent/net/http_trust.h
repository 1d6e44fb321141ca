/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which https servers are believed to be who they say: those with a certificate of an authority that this system knows
 * (automation brings Debian's), or the site itself names in HTTP_TRUST_FOLDER. $SSL_CERT_FILE stands in for both. */
#ifndef SLIPWAY_AGENT_HTTP_TRUST_H
#define SLIPWAY_AGENT_HTTP_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>

/* The site's own authorities, PEM files of any name. */
#define HTTP_TRUST_FOLDER "/etc/slipway/ca"

/* Lets a transfer accept those and no others. */
void http_trust(CURL *c);

/* Whether a transfer failed because of the server's certificate, or for want of anybody to trust: another try would be
 * the same. */
bool http_is_distrust(CURLcode code);

/* What to tell then, in front of libcurl's own words. */
#define HTTP_DISTRUST_TEXT                                                                                             \
    "the server's certificate is not to be trusted (of no known authority, for another name, or out of date)"

#endif
