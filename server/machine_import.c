/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machine_import.h"

#include "server/log.h"
#include "server/machine_identity.h"
#include "server/machines.h"
#include "server/names.h"
#include "server/pxe.h"

#define ROWS_MAX 10000

struct tally {
    json_int_t added, changed;
    json_t *lines; /* MAC: the line that it is in */
};

static json_t *find(struct server *s, const char *mac, struct refusal *r)
{
    return database_row(s->database, r, "SELECT machines.* FROM macs JOIN machines ON machine = id WHERE mac = ?", "s",
                        mac);
}

/* Returns the machine's number, or -1 with *r. */
static int64_t add(struct server *s, const char *mac, const char *name, struct refusal *r)
{
    int64_t id;

    if (database_run(s->database, r, "INSERT INTO machines(name, known, waits) VALUES(?, 1, 0)", "s", name) < 0)
        return -1;
    id = database_inserted(s->database);
    return database_run(s->database, r, "INSERT INTO macs VALUES(?, ?)", "si", mac, id) < 0 ? -1 : id;
}

static int64_t put(struct server *s, const json_t *machine, const char *mac, const char *name, struct refusal *r)
{
    int64_t id = row_integer(machine, "id");

    if (machines_check_name(s, name, id, r))
        return -1;
    if (id == 0)
        return add(s, mac, name, r);
    return database_run(s->database, r, "UPDATE machines SET name = ?, known = 1 WHERE id = ?", "si", name, id) < 0
               ? -1
               : id;
}

/* A line that was copied and not changed would rename the machine of the one before. */
static int note_mac(struct tally *t, const char *mac, const json_t *row, struct refusal *r)
{
    const json_t *before = json_object_get(t->lines, mac);

    if (before)
        return refuse(r, 400, "bad-request", "%s is in line %lld already", mac, (long long)json_integer_value(before));
    json_object_set_new(t->lines, mac, json_integer(row_integer(row, "line")));
    return 0;
}

static int take_row(struct server *s, const json_t *row, struct tally *t, struct refusal *r)
{
    const char *name = row_text(row, "name");
    const json_t *set = json_object_get(row, "set");
    char mac[MAC_TEXT];
    json_t *machine;
    int64_t id;

    if (!name_mac(row_text(row, "mac"), mac))
        return refuse(r, 400, "bad-request", "'%.60s' is no MAC address (like 52:54:00:12:34:56)",
                      row_text(row, "mac"));
    if (note_mac(t, mac, row, r))
        return -1;
    machine = find(s, mac, r);
    if (!machine)
        return -1;
    id = put(s, machine, mac, name, r);
    if (id > 0 && set && machine_identity_change(s, id, machine, set, r))
        id = -1;
    if (json_is_null(machine))
        t->added++;
    else
        t->changed++;
    json_decref(machine);
    return id > 0 ? 0 : -1;
}

static int take_rows(struct server *s, const json_t *rows, struct tally *t, struct refusal *r)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        struct refusal why = {0};

        if (take_row(s, row, t, &why))
            return refuse(r, why.status, why.code, "line %lld: %.450s", (long long)row_integer(row, "line"),
                          why.message);
    }
    return 0;
}

static int take_all(struct server *s, const json_t *rows, struct tally *t, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (take_rows(s, rows, t, r)) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

json_t *machines_import(struct server *s, const json_t *body, struct refusal *r)
{
    const json_t *rows = json_object_get(body, "rows");
    struct tally t = {0};
    int rc;

    if (!json_is_array(rows) || json_array_size(rows) == 0 || json_array_size(rows) > ROWS_MAX) {
        refuse(r, 400, "bad-request", "\"rows\" must be an array of 1 to %d machines", ROWS_MAX);
        return NULL;
    }
    t.lines = json_object();
    rc = take_all(s, rows, &t, r);
    json_decref(t.lines);
    if (rc)
        return NULL;
    log_line("%lld machines imported, %lld new", (long long)(t.added + t.changed), (long long)t.added);
    pxe_write_all(s);
    return json_pack("{s:I, s:I}", "added", t.added, "changed", t.changed);
}
