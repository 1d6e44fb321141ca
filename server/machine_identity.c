/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machine_identity.h"

#include <stdlib.h>

#include "server/identity.h"
#include "server/machines.h"

static json_t *column(const json_t *row, const char *name)
{
    json_t *json = json_loads(row_text(row, name), 0, NULL);

    return json ? json : json_object();
}

static int set_all(json_t *identity, json_t *fields, const json_t *set, struct refusal *r)
{
    const char *key, *text;
    json_t *value;

    if (!json_is_object(set))
        return refuse(r, 400, "bad-request", "\"set\" must be an object");
    json_object_foreach((json_t *)set, key, value)
    {
        text = json_is_null(value) ? "" : json_string_value(value);
        if (!text)
            return refuse(r, 400, "bad-request", "the value of %.80s must be a string", key);
        if (identity_set(identity, fields, key, text, r))
            return -1;
    }
    return identity_settle(identity, r);
}

static int save(struct server *s, int64_t machine, const json_t *identity, const json_t *fields, struct refusal *r)
{
    char *one = json_dumps(identity, JSON_COMPACT), *two = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
    int rc = one && two ? 0 : refuse(r, 500, "internal", "out of memory");

    if (!rc && database_run(s->database, r, "UPDATE machines SET identity = ?, fields = ? WHERE id = ?", "ssi", one,
                            two, machine) < 0)
        rc = -1;
    free(one);
    free(two);
    return rc;
}

int machine_identity_change(struct server *s, int64_t machine, const json_t *row, const json_t *set, struct refusal *r)
{
    json_t *identity = column(row, "identity"), *fields = column(row, "fields");
    int rc = set_all(identity, fields, set, r);

    if (!rc)
        rc = save(s, machine, identity, fields, r);
    json_decref(identity);
    json_decref(fields);
    return rc;
}

json_t *machine_identity_show(const json_t *row)
{
    json_t *identity = column(row, "identity"), *masked = identity_masked(identity);

    json_decref(identity);
    return masked;
}
