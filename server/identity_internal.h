/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the keys of an identity share. */
#ifndef SLIPWAY_SERVER_IDENTITY_INTERNAL_H
#define SLIPWAY_SERVER_IDENTITY_INTERNAL_H

#include <jansson.h>
#include <stddef.h>

#include "core/identity_text.h"
#include "server/refusal.h"

/* Says what the value of `key` must be. Returns -1. */
int identity_refuse_value(struct refusal *r, const char *key, enum identity_text what);

/* Sets the member, or removes it when the value is "". These three return 0, or -1 with *r. */
int identity_set_text(json_t *object, const char *member, const char *key, enum identity_text what, const char *value,
                      struct refusal *r);
int identity_set_list(json_t *object, const char *member, const char *key, enum identity_text what, size_t max,
                      const char *value, struct refusal *r);
int identity_set_ssh_key(json_t *object, const char *key, const char *number, const char *value, struct refusal *r);

/* Entry `number` (from 1) of the list `name`, borrowed; objects before it are made when they are missing. */
json_t *identity_entry(json_t *object, const char *name, size_t number);

/* Keys of networks: address, vlan, ..., behind "netN." or not. Returns 1 when `key` is none of them. */
int identity_set_network(json_t *identity, const char *key, const char *value, struct refusal *r);
int identity_settle_networks(json_t *identity, struct refusal *r);

/* "user.NAME.MEMBER"; "user.NAME" without a value removes the user. */
int identity_set_user(json_t *identity, const char *key, const char *value, struct refusal *r);

#endif
