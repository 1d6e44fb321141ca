/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/identity_internal.h"

#include <stdio.h>
#include <string.h>

#include "server/machines.h"

#define USERS "users"

static const struct {
    const char *key;
    enum identity_text what;
} user_texts[] = {
    {"full_name", IDENTITY_FULL_NAME},
    {"password_hash", IDENTITY_PASSWORD_HASH},
    {"password", IDENTITY_LINE},
};

static json_t *find_user(json_t *identity, const char *name, size_t *ret_index)
{
    json_t *user;
    size_t i;

    json_array_foreach(json_object_get(identity, USERS), i, user)
    {
        *ret_index = i;
        if (strcasecmp(row_text(user, "name"), name) == 0)
            return user;
    }
    return NULL;
}

static json_t *make_user(json_t *identity, const char *name, struct refusal *r)
{
    size_t count = json_array_size(json_object_get(identity, USERS));
    json_t *user;

    if (count == IDENTITY_USERS) {
        refuse(r, 400, "bad-request", "a machine has at most %d users", IDENTITY_USERS);
        return NULL;
    }
    user = identity_entry(identity, USERS, count + 1);
    json_object_set_new(user, "name", json_string(name));
    return user;
}

static int set_user_member(json_t *user, const char *member, const char *key, const char *value, struct refusal *r)
{
    static const char ssh[] = "authorized_key";

    for (size_t i = 0; i < sizeof(user_texts) / sizeof(user_texts[0]); i++)
        if (strcmp(user_texts[i].key, member) == 0)
            return identity_set_text(user, member, key, user_texts[i].what, value, r);
    if (strcmp(member, "groups") == 0)
        return identity_set_list(user, "groups", key, IDENTITY_USER, IDENTITY_LIST, value, r);
    if (strncmp(member, ssh, strlen(ssh)) == 0)
        return identity_set_ssh_key(user, key, member + strlen(ssh), value, r);
    return refuse(r, 400, "bad-request",
                  "%.100s: a user has full_name, password_hash, password, groups and authorized_key", key);
}

/* "user.NAME.MEMBER"; "user.NAME" without a value removes the user. A name may have dots: the member is behind the last
 * one, but for the number of an ssh key. */
int identity_set_user(json_t *identity, const char *key, const char *value, struct refusal *r)
{
    char name[128];
    const char *start = key + strlen("user."), *ssh = strstr(start, ".authorized_key");
    const char *member = ssh ? ssh : strrchr(start, '.');
    size_t length = member && value[0] ? (size_t)(member - start) : 0, index;
    json_t *user = find_user(identity, start, &index);

    if (user && !value[0]) {
        json_array_remove(json_object_get(identity, USERS), index);
        return 0;
    }
    length = member ? (size_t)(member - start) : 0;
    if (!member || length >= sizeof(name) || !identity_text_valid(IDENTITY_USER, start, length))
        return refuse(r, 400, "bad-request", "%.100s: users are written user.NAME.MEMBER=VALUE, NAME %s", key,
                      identity_text_describe(IDENTITY_USER));
    snprintf(name, sizeof(name), "%.*s", (int)length, start);
    user = find_user(identity, name, &index);
    if (!user && value[0])
        user = make_user(identity, name, r);
    else if (!user)
        return 0;
    return user ? set_user_member(user, member + 1, key, value, r) : -1;
}
