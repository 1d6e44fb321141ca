/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's memory: one SQLite file. A row comes back as a JSON object with a member for each column, so that the
 * callers need no struct for each query. Not shared between threads: callers hold the server's lock. */
#ifndef SLIPWAY_SERVER_DATABASE_H
#define SLIPWAY_SERVER_DATABASE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "server/refusal.h"

struct database;

#define DATABASE_VERSION 5

/* Opens or creates `path`. Returns NULL with *r when it cannot be opened, or is of a newer version than this program.
 */
struct database *database_open(const char *path, struct refusal *r);
void database_close(struct database *db);

/* Parameters of a query follow `types`, one letter each: 'i' int64_t, 's' const char * (NULL is stored as NULL).
 * Every failure is logged with the statement and fills *r (500 internal). */

/* Runs one statement for its effect. Returns how many rows it changed, or -1. */
int database_run(struct database *db, struct refusal *r, const char *sql, const char *types, ...);

/* All rows as an array of objects, a new reference, or NULL. */
json_t *database_rows(struct database *db, struct refusal *r, const char *sql, const char *types, ...);

/* The first row (a new reference) or JSON null when there is none, or NULL when the query failed. */
json_t *database_row(struct database *db, struct refusal *r, const char *sql, const char *types, ...);

/* The id of the row inserted last. */
int64_t database_inserted(struct database *db);

/* A transaction. `durable`: its commit is flushed to the disk before database_commit returns; otherwise a power cut may
 * take the last moments back (progress reports), but never tears anything. Return 0, or -1 with *r. */
int database_begin(struct database *db, bool durable, struct refusal *r);
int database_commit(struct database *db, struct refusal *r);
void database_rollback(struct database *db);

#endif
