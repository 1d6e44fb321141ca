/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/log.h"
#include "server/schema.h"

struct database {
    sqlite3 *sqlite;
};

static int failed(struct database *db, struct refusal *r, const char *sql)
{
    log_line("database: %s (%s)", sqlite3_errmsg(db->sqlite), sql);
    return refuse(r, 500, "internal", "the server's database failed: %s", sqlite3_errmsg(db->sqlite));
}

static int migrate(struct database *db, struct refusal *r)
{
    static const char *const schemas[DATABASE_VERSION] = {SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5};
    json_t *row = database_row(db, r, "PRAGMA user_version", "");
    json_int_t version = json_integer_value(json_object_get(row, "user_version"));

    if (!row)
        return -1;
    json_decref(row);
    if (version > DATABASE_VERSION)
        return refuse(r, 500, "internal", "the database has version %lld, this slipwayd knows up to %d", version,
                      DATABASE_VERSION);
    for (; version < DATABASE_VERSION; version++) {
        if (sqlite3_exec(db->sqlite, schemas[version], NULL, NULL, NULL) != SQLITE_OK) {
            failed(db, r, "schema");
            database_rollback(db);
            return -1;
        }
    }
    return 0;
}

/* Passwords and tokens lie in it: nobody else may read it, nor what SQLite writes beside it, which gets the same mode. */
static int make_private(const char *path, struct refusal *r)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc;

    if (fd < 0)
        return refuse_errno(r, errno, path);
    rc = fchmod(fd, 0600) ? refuse_errno(r, errno, path) : 0;
    close(fd);
    return rc;
}

struct database *database_open(const char *path, struct refusal *r)
{
    struct database *db = calloc(1, sizeof(*db));
    json_t *mode;

    if (!db) {
        refuse(r, 500, "internal", "out of memory");
        return NULL;
    }
    if (make_private(path, r))
        goto err_close;
    if (sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        failed(db, r, path);
        goto err_close;
    }
    sqlite3_busy_timeout(db->sqlite, 5000);
    mode = database_row(db, r, "PRAGMA journal_mode = WAL", "");
    if (!mode)
        goto err_close;
    json_decref(mode);
    if (database_run(db, r, "PRAGMA foreign_keys = ON", "") < 0 || migrate(db, r))
        goto err_close;
    return db;

err_close:
    database_close(db);
    return NULL;
}

void database_close(struct database *db)
{
    sqlite3_close(db->sqlite);
    free(db);
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
    for (int i = 0; types[i]; i++) {
        int rc = types[i] == 'i' ? sqlite3_bind_int64(stmt, i + 1, va_arg(args, int64_t))
                                 : sqlite3_bind_text(stmt, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);

        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static json_t *row_object(sqlite3_stmt *stmt)
{
    json_t *row = json_object();

    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        json_t *value = json_null();

        if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER)
            value = json_integer(sqlite3_column_int64(stmt, i));
        else if (sqlite3_column_type(stmt, i) != SQLITE_NULL)
            value = json_string((const char *)sqlite3_column_text(stmt, i));
        json_object_set_new(row, sqlite3_column_name(stmt, i), value);
    }
    return row;
}

static json_t *query(struct database *db, struct refusal *r, const char *sql, const char *types, va_list args)
{
    sqlite3_stmt *stmt = NULL;
    json_t *rows = json_array();
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = bind(stmt, types, args);
    if (rc == SQLITE_OK) {
        while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
            json_array_append_new(rows, row_object(stmt));
    }
    if (rc != SQLITE_DONE) {
        failed(db, r, sql);
        json_decref(rows);
        rows = NULL;
    }
    sqlite3_finalize(stmt);
    return rows;
}

int database_run(struct database *db, struct refusal *r, const char *sql, const char *types, ...)
{
    json_t *rows;
    va_list args;

    va_start(args, types);
    rows = query(db, r, sql, types, args);
    va_end(args);
    if (!rows)
        return -1;
    json_decref(rows);
    return sqlite3_changes(db->sqlite);
}

json_t *database_rows(struct database *db, struct refusal *r, const char *sql, const char *types, ...)
{
    json_t *rows;
    va_list args;

    va_start(args, types);
    rows = query(db, r, sql, types, args);
    va_end(args);
    return rows;
}

json_t *database_row(struct database *db, struct refusal *r, const char *sql, const char *types, ...)
{
    json_t *rows, *row;
    va_list args;

    va_start(args, types);
    rows = query(db, r, sql, types, args);
    va_end(args);
    if (!rows)
        return NULL;
    row = json_array_size(rows) > 0 ? json_incref(json_array_get(rows, 0)) : json_null();
    json_decref(rows);
    return row;
}

int64_t database_inserted(struct database *db)
{
    return sqlite3_last_insert_rowid(db->sqlite);
}

int database_begin(struct database *db, bool durable, struct refusal *r)
{
    if (database_run(db, r, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "") < 0)
        return -1;
    return database_run(db, r, "BEGIN IMMEDIATE", "") < 0 ? -1 : 0;
}

int database_commit(struct database *db, struct refusal *r)
{
    if (database_run(db, r, "COMMIT", "") >= 0)
        return 0;
    database_rollback(db);
    return -1;
}

void database_rollback(struct database *db)
{
    sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}
