/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/identity_internal.h"

#include <stdlib.h>
#include <string.h>

/* The value itself is not told: it may be a password. */
int identity_refuse_value(struct refusal *r, const char *key, enum identity_text what)
{
    return refuse(r, 400, "bad-request", "%.100s must be %s", key, identity_text_describe(what));
}

int identity_set_text(json_t *object, const char *member, const char *key, enum identity_text what, const char *value,
                      struct refusal *r)
{
    if (!value[0]) {
        json_object_del(object, member);
        return 0;
    }
    if (!identity_text_valid(what, value, strlen(value)))
        return identity_refuse_value(r, key, what);
    return json_object_set_new(object, member, json_string(value))
               ? refuse(r, 400, "bad-request", "%.100s is not UTF-8", key)
               : 0;
}

/* Entry `number` (from 1) of the list `name`, objects before it made when they are missing. */
json_t *identity_entry(json_t *object, const char *name, size_t number)
{
    json_t *list = json_object_get(object, name);

    if (!list) {
        list = json_array();
        json_object_set_new(object, name, list);
    }
    while (json_array_size(list) < number)
        json_array_append_new(list, json_object());
    return json_array_get(list, number - 1);
}

/* Values with commas between them become the list `member` of `object`. */
int identity_set_list(json_t *object, const char *member, const char *key, enum identity_text what, size_t max,
                      const char *value, struct refusal *r)
{
    char *copy = strdup(value), *rest = copy, *word;
    json_t *list = json_array();
    int rc = copy ? 0 : refuse(r, 500, "internal", "out of memory");

    while (!rc && value[0] && (word = strsep(&rest, ","))) {
        if (!identity_text_valid(what, word, strlen(word)))
            rc = identity_refuse_value(r, key, what);
        else if (json_array_size(list) == max)
            rc = refuse(r, 400, "bad-request", "%.100s: at most %zu", key, max);
        else
            json_array_append_new(list, json_string(word));
    }
    if (!rc && json_array_size(list) > 0)
        json_object_set(object, member, list);
    else if (!rc)
        json_object_del(object, member);
    json_decref(list);
    free(copy);
    return rc;
}

/* "key" or "key.N": the N-th of the public keys in `object`. An ssh key may have commas, so each has a key of its own.
 */
int identity_set_ssh_key(json_t *object, const char *key, const char *number, const char *value, struct refusal *r)
{
    json_t *list = json_object_get(object, "authorized_keys");
    size_t n = number[0] == '.' ? strtoul(number + 1, NULL, 10) : 1, count = json_array_size(list);

    if ((number[0] && (number[0] != '.' || strspn(number + 1, "0123456789") != strlen(number + 1))) || n < 1 ||
        n > IDENTITY_LIST)
        return refuse(r, 400, "bad-request", "%.100s: ssh keys are numbered from 1 to %d", key, IDENTITY_LIST);
    if (value[0] && !identity_text_valid(IDENTITY_SSH_KEY, value, strlen(value)))
        return identity_refuse_value(r, key, IDENTITY_SSH_KEY);
    if (!value[0]) {
        json_array_remove(list, n - 1);
        if (json_array_size(list) == 0)
            json_object_del(object, "authorized_keys");
        return 0;
    }
    if (n > count + 1)
        return refuse(r, 400, "bad-request", "%.100s: there are %zu ssh keys before it", key, count);
    if (!list) {
        list = json_array();
        json_object_set_new(object, "authorized_keys", list);
    }
    return (n == count + 1 ? json_array_append_new(list, json_string(value))
                           : json_array_set_new(list, n - 1, json_string(value)))
               ? refuse(r, 400, "bad-request", "%.100s is not UTF-8", key)
               : 0;
}
