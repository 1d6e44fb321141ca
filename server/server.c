/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/server.h"

void server_lock(struct server *s)
{
    pthread_mutex_lock(&s->lock);
}

void server_unlock(struct server *s)
{
    pthread_mutex_unlock(&s->lock);
}

void server_changed(struct server *s)
{
    s->changes++;
    pthread_cond_broadcast(&s->changed);
}

int server_setting(struct server *s, const char *name, int64_t *ret, struct refusal *r)
{
    json_t *row = database_row(s->database, r, "SELECT value FROM settings WHERE name = ?", "s", name);

    if (!row)
        return -1;
    *ret = json_integer_value(json_object_get(row, "value"));
    json_decref(row);
    return 0;
}

int server_set_setting(struct server *s, const char *name, int64_t value, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r, "INSERT OR REPLACE INTO settings VALUES(?, ?)", "si", name, value) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}
