/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine is told to be (docs/protocol.md, "Identity"): parsed and checked, never interpreted. */
#ifndef SLIPWAY_AGENT_IDENTITY_DATA_H
#define SLIPWAY_AGENT_IDENTITY_DATA_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/base/failure.h"
#include "core/identity_text.h"

/* Strings are NUL-terminated UTF-8 of one line, never NULL ("" = not given), and belong to struct identity_data's
 * `object`. Each is what core/identity_text.h says of its kind. */
struct identity_network {
    const char *mac; /* "52:54:00:..", "": the MAC that the machine booted from */
    bool dhcp4, dhcp6;
    const char *addresses[IDENTITY_LIST]; /* with the network's length, IPv4 and IPv6 */
    unsigned address_count;
    const char *gateways[2]; /* at most one of each family */
    unsigned gateway_count;
    const char *dns[IDENTITY_LIST];
    unsigned dns_count;
    const char *search[IDENTITY_LIST];
    unsigned search_count;
    unsigned vlan; /* 1 to 4094; 0: none */
};

struct identity_user {
    const char *name; /* never "" */
    const char *full_name;
    const char *password_hash; /* crypt(5), '*' or '!' */
    const char *password;      /* for Windows, which has no other way */
    const char *groups[IDENTITY_LIST];
    unsigned group_count;
    const char *authorized_keys[IDENTITY_LIST];
    unsigned key_count;
};

struct identity_field {
    const char *key, *value; /* the value may be "" */
};

struct identity_data {
    json_t *object; /* owns the strings */
    const char *host_name, *domain, *locale, *keyboard, *time_zone, *product_key;
    const char *first_boot; /* a command line, for the deployed system's own shell */
    const char *join_domain, *join_user, *join_password, *join_ou;
    bool aclient; /* also write what the suite called AClient.cfg */
    struct identity_network networks[IDENTITY_NETWORKS];
    unsigned network_count;
    struct identity_user users[IDENTITY_USERS]; /* no two with the same name, whatever its case */
    unsigned user_count;
    const char *authorized_keys[IDENTITY_LIST]; /* root's */
    unsigned key_count;
    struct identity_field fields[IDENTITY_FIELDS];
    unsigned field_count;
};

/* Reads an identity object; NULL or JSON null is one in which nothing is given. Members that are not known are left
 * alone. *ret holds a reference to `object` until identity_data_release(), also after a failure, and may be copied.
 * Returns 0, or -1 with *f (reason "internal"), the member named: of the wrong type, too long, too many, or not what
 * core/identity_text.h says. */
int identity_data_parse(const json_t *object, struct identity_data *ret, struct failure *f);

/* Gives the reference back; zeros are fine. Once for all copies. */
void identity_data_release(struct identity_data *d);

#endif
