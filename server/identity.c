/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/identity_internal.h"

/* A key that is one text. `object` is the member that it is in, NULL: the identity itself. */
static const struct {
    const char *key, *object, *member;
    enum identity_text what;
} texts[] = {
    {"domain", NULL, "domain", IDENTITY_DOMAIN},
    {"locale", NULL, "locale", IDENTITY_LOCALE},
    {"keyboard", NULL, "keyboard", IDENTITY_KEYBOARD},
    {"time_zone", NULL, "time_zone", IDENTITY_TIME_ZONE},
    {"product_key", NULL, "product_key", IDENTITY_PRODUCT_KEY},
    {"first_boot", NULL, "first_boot", IDENTITY_COMMAND},
    {"join.domain", "join", "domain", IDENTITY_DOMAIN},
    {"join.user", "join", "user", IDENTITY_LINE},
    {"join.password", "join", "password", IDENTITY_LINE},
    {"join.ou", "join", "ou", IDENTITY_LINE},
};

/* The member object `name`, made when it is missing. */
static json_t *sub_object(json_t *object, const char *name)
{
    json_t *sub = json_object_get(object, name);

    if (!sub) {
        sub = json_object();
        json_object_set_new(object, name, sub);
    }
    return sub;
}

static int set_field(json_t *fields, const char *key, const char *value, struct refusal *r)
{
    const char *name = key + strlen("field.");

    if (!identity_text_valid(IDENTITY_FIELD, name, strlen(name)))
        return refuse(r, 400, "bad-request", "'%.80s' cannot be a field: %s", name,
                      identity_text_describe(IDENTITY_FIELD));
    if (identity_set_text(fields, name, key, IDENTITY_LINE, value, r))
        return -1;
    return json_object_size(fields) <= IDENTITY_FIELDS
               ? 0
               : refuse(r, 400, "bad-request", "a machine has at most %d fields", IDENTITY_FIELDS);
}

static int set_aclient(json_t *identity, const char *value, struct refusal *r)
{
    if (value[0] && strcmp(value, "true") && strcmp(value, "false"))
        return refuse(r, 400, "bad-request", "aclient must be true or false");
    if (strcmp(value, "true") == 0)
        return json_object_set_new(identity, "aclient", json_true());
    json_object_del(identity, "aclient");
    return 0;
}

int identity_set(json_t *identity, json_t *fields, const char *key, const char *value, struct refusal *r)
{
    static const char ssh[] = "authorized_key";
    int rc;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(texts[i].key, key) == 0)
            return identity_set_text(texts[i].object ? sub_object(identity, texts[i].object) : identity,
                                     texts[i].member, key, texts[i].what, value, r);
    if (strncmp(key, "user.", 5) == 0)
        return identity_set_user(identity, key, value, r);
    if (strncmp(key, "field.", 6) == 0)
        return set_field(fields, key, value, r);
    if (strcmp(key, "aclient") == 0)
        return set_aclient(identity, value, r);
    if (strncmp(key, ssh, strlen(ssh)) == 0)
        return identity_set_ssh_key(identity, key, key + strlen(ssh), value, r);
    rc = identity_set_network(identity, key, value, r);
    return rc <= 0 ? rc
                   : refuse(r, 400, "bad-request", "'%.100s' is no key; a field of your own is field.%.60s=VALUE", key,
                            key);
}

int identity_settle(json_t *identity, struct refusal *r)
{
    json_t *join = json_object_get(identity, "join");

    if (identity_settle_networks(identity, r))
        return -1;
    if (join && json_object_size(join) == 0)
        json_object_del(identity, "join");
    else if (join && !json_object_get(join, "domain"))
        return refuse(r, 400, "bad-request", "join.user, join.password and join.ou need join.domain");
    if (json_array_size(json_object_get(identity, "networks")) == 0)
        json_object_del(identity, "networks");
    if (json_array_size(json_object_get(identity, "users")) == 0)
        json_object_del(identity, "users");
    return 0;
}

static void mask(json_t *object, const char *member)
{
    if (json_object_get(object, member))
        json_object_set_new(object, member, json_string("(set)"));
}

json_t *identity_masked(const json_t *identity)
{
    json_t *copy = json_deep_copy(identity), *user;
    size_t i;

    mask(copy, "product_key");
    mask(json_object_get(copy, "join"), "password");
    json_array_foreach(json_object_get(copy, "users"), i, user)
    {
        mask(user, "password_hash");
        mask(user, "password");
    }
    return copy;
}
