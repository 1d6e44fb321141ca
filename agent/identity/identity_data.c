/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/identity_data.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/ip_text.h"
#include "core/settings.h"

/* A member that is a text: where it goes. */
struct text_member {
    const char *name;
    size_t offset;
    enum identity_text what;
};

static int bad(struct failure *f, const char *where, const char *member)
{
    return fail(f, "internal", "the server sent an identity that this agent does not understand: \"%.40s%.64s\"", where,
                member);
}

static const json_t *get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

/* jansson has checked the UTF-8; a NUL in it is no printable character. */
static bool take_text(const json_t *value, enum identity_text what, const char **ret)
{
    const char *s = json_string_value(value);
    size_t length = json_string_length(value);

    if (!s || !identity_text_valid(what, s, length))
        return false;
    *ret = s;
    return true;
}

/* An empty text is one that is not given. */
static int take_members(const json_t *object, const struct text_member *members, size_t count, void *ret,
                        const char *where, struct failure *f)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = get(object, members[i].name);
        const char **text = (const char **)((char *)ret + members[i].offset);

        *text = "";
        if (value && !(json_is_string(value) && json_string_length(value) == 0) &&
            !take_text(value, members[i].what, text))
            return bad(f, where, members[i].name);
    }
    return 0;
}

static int take_list(const json_t *object, const char *name, enum identity_text what, const char **ret, size_t room,
                     unsigned *ret_count, const char *where, struct failure *f)
{
    const json_t *list = get(object, name), *entry;
    size_t i;

    *ret_count = 0;
    if (list && (!json_is_array(list) || json_array_size(list) > room))
        return bad(f, where, name);
    json_array_foreach(list, i, entry)
    {
        if (!take_text(entry, what, &ret[i]))
            return bad(f, where, name);
        (*ret_count)++;
    }
    return 0;
}

static int take_bool(const json_t *object, const char *name, bool *ret, const char *where, struct failure *f)
{
    const json_t *value = get(object, name);

    *ret = json_is_true(value);
    return !value || json_is_boolean(value) ? 0 : bad(f, where, name);
}

static int take_vlan(const json_t *object, unsigned *ret, const char *where, struct failure *f)
{
    const json_t *value = get(object, "vlan");
    json_int_t n = json_integer_value(value);

    *ret = (unsigned)n;
    return !value || (json_is_integer(value) && n >= 1 && n <= VLAN_ID_MAX) ? 0 : bad(f, where, "vlan");
}

static bool one_of_each_family(const struct identity_network *n)
{
    return n->gateway_count < 2 || ip_text_family(n->gateways[0], strlen(n->gateways[0])) !=
                                       ip_text_family(n->gateways[1], strlen(n->gateways[1]));
}

static int parse_network(const json_t *o, struct identity_network *n, const char *where, struct failure *f)
{
    static const struct text_member texts[] = {{"mac", offsetof(struct identity_network, mac), IDENTITY_MAC}};

    if (!json_is_object(o))
        return bad(f, where, "");
    if (take_members(o, texts, 1, n, where, f) || take_bool(o, "dhcp4", &n->dhcp4, where, f) ||
        take_bool(o, "dhcp6", &n->dhcp6, where, f) || take_vlan(o, &n->vlan, where, f) ||
        take_list(o, "addresses", IDENTITY_CIDR, n->addresses, IDENTITY_LIST, &n->address_count, where, f) ||
        take_list(o, "gateways", IDENTITY_ADDRESS, n->gateways, 2, &n->gateway_count, where, f) ||
        take_list(o, "dns", IDENTITY_ADDRESS, n->dns, IDENTITY_LIST, &n->dns_count, where, f) ||
        take_list(o, "search", IDENTITY_DOMAIN, n->search, IDENTITY_LIST, &n->search_count, where, f))
        return -1;
    return one_of_each_family(n) ? 0 : bad(f, where, "gateways");
}

static int parse_networks(const json_t *list, struct identity_data *d, struct failure *f)
{
    const json_t *entry;
    char where[32];
    size_t i;

    if (list && (!json_is_array(list) || json_array_size(list) > IDENTITY_NETWORKS))
        return bad(f, "", "networks");
    json_array_foreach(list, i, entry)
    {
        snprintf(where, sizeof(where), "networks[%zu].", i);
        if (parse_network(entry, &d->networks[i], where, f))
            return -1;
        d->network_count++;
    }
    return 0;
}

static bool is_named_twice(const struct identity_data *d, const char *name)
{
    for (unsigned i = 0; i < d->user_count; i++)
        if (strcasecmp(d->users[i].name, name) == 0)
            return true;
    return false;
}

static int parse_user(const json_t *o, struct identity_user *u, const char *where, struct failure *f)
{
    static const struct text_member texts[] = {
        {"name", offsetof(struct identity_user, name), IDENTITY_USER},
        {"full_name", offsetof(struct identity_user, full_name), IDENTITY_FULL_NAME},
        {"password_hash", offsetof(struct identity_user, password_hash), IDENTITY_PASSWORD_HASH},
        {"password", offsetof(struct identity_user, password), IDENTITY_LINE}};

    if (!json_is_object(o))
        return bad(f, where, "");
    if (take_members(o, texts, sizeof(texts) / sizeof(texts[0]), u, where, f) ||
        take_list(o, "groups", IDENTITY_USER, u->groups, IDENTITY_LIST, &u->group_count, where, f) ||
        take_list(o, "authorized_keys", IDENTITY_SSH_KEY, u->authorized_keys, IDENTITY_LIST, &u->key_count, where, f))
        return -1;
    return u->name[0] ? 0 : bad(f, where, "name");
}

static int parse_users(const json_t *list, struct identity_data *d, struct failure *f)
{
    const json_t *entry;
    char where[32];
    size_t i;

    if (list && (!json_is_array(list) || json_array_size(list) > IDENTITY_USERS))
        return bad(f, "", "users");
    json_array_foreach(list, i, entry)
    {
        snprintf(where, sizeof(where), "users[%zu].", i);
        if (parse_user(entry, &d->users[i], where, f))
            return -1;
        if (is_named_twice(d, d->users[i].name))
            return bad(f, where, "name");
        d->user_count++;
    }
    return 0;
}

static int parse_join(const json_t *o, struct identity_data *d, struct failure *f)
{
    static const struct text_member texts[] = {
        {"domain", offsetof(struct identity_data, join_domain), IDENTITY_DOMAIN},
        {"user", offsetof(struct identity_data, join_user), IDENTITY_LINE},
        {"password", offsetof(struct identity_data, join_password), IDENTITY_LINE},
        {"ou", offsetof(struct identity_data, join_ou), IDENTITY_LINE}};

    if (o && !json_is_object(o))
        return bad(f, "", "join");
    if (take_members(o, texts, sizeof(texts) / sizeof(texts[0]), d, "join.", f))
        return -1;
    return o && json_object_size(o) > 0 && !d->join_domain[0] ? bad(f, "join.", "domain") : 0;
}

static int parse_fields(const json_t *o, struct identity_data *d, struct failure *f)
{
    struct identity_field *field;
    const char *key;
    json_t *value;

    if (o && (!json_is_object(o) || json_object_size(o) > IDENTITY_FIELDS))
        return bad(f, "", "fields");
    json_object_foreach((json_t *)o, key, value)
    {
        field = &d->fields[d->field_count];
        field->key = key;
        if (!identity_text_valid(IDENTITY_FIELD, key, strlen(key)) || !take_text(value, IDENTITY_LINE, &field->value))
            return bad(f, "fields.", key);
        d->field_count++;
    }
    return 0;
}

static int parse_texts(const json_t *object, struct identity_data *d, struct failure *f)
{
    static const struct text_member texts[] = {
        {"host_name", offsetof(struct identity_data, host_name), IDENTITY_HOST_NAME},
        {"domain", offsetof(struct identity_data, domain), IDENTITY_DOMAIN},
        {"locale", offsetof(struct identity_data, locale), IDENTITY_LOCALE},
        {"keyboard", offsetof(struct identity_data, keyboard), IDENTITY_KEYBOARD},
        {"time_zone", offsetof(struct identity_data, time_zone), IDENTITY_TIME_ZONE},
        {"product_key", offsetof(struct identity_data, product_key), IDENTITY_PRODUCT_KEY},
        {"first_boot", offsetof(struct identity_data, first_boot), IDENTITY_COMMAND}};

    return take_members(object, texts, sizeof(texts) / sizeof(texts[0]), d, "", f);
}

int identity_data_parse(const json_t *object, struct identity_data *ret, struct failure *f)
{
    memset(ret, 0, sizeof(*ret));
    if (json_is_null(object))
        object = NULL;
    if (object && !json_is_object(object))
        return bad(f, "", "identity");
    ret->object = json_incref((json_t *)object);
    if (parse_texts(object, ret, f) || take_bool(object, "aclient", &ret->aclient, "", f) ||
        parse_join(get(object, "join"), ret, f) || parse_networks(get(object, "networks"), ret, f) ||
        parse_users(get(object, "users"), ret, f) || parse_fields(get(object, "fields"), ret, f))
        return -1;
    return take_list(object, "authorized_keys", IDENTITY_SSH_KEY, ret->authorized_keys, IDENTITY_LIST, &ret->key_count,
                     "", f);
}

void identity_data_release(struct identity_data *d)
{
    json_decref(d->object);
    memset(d, 0, sizeof(*d));
}
