/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine is to be (docs/protocol.md, "Identity"), kept as the object that agents get, without name and fields.
 * Administrators write it by keys: docs/operations.md, "Identity". Each value is one that core/identity_text.h takes.
 */
#ifndef SLIPWAY_SERVER_IDENTITY_H
#define SLIPWAY_SERVER_IDENTITY_H

#include <jansson.h>

#include "server/refusal.h"

/* Sets, or with "" removes, what `key` stands for in `identity` or `fields`. Returns 0, or -1 with *r (400
 * bad-request): no such key, or no such value. */
int identity_set(json_t *identity, json_t *fields, const char *key, const char *value, struct refusal *r);

/* After the last key: whether everything goes together, and what follows from what is given. Returns 0, or -1 with *r.
 */
int identity_settle(json_t *identity, struct refusal *r);

/* For the agent: a card that has no address of its own, and was not told to ask for one, asks for one (IPv4). */
void identity_complete(json_t *identity);

/* A copy for people, secrets as "(set)": hashes, passwords, product key. */
json_t *identity_masked(const json_t *identity);

#endif
