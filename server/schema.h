/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database's tables. A change adds SCHEMA_N with the statements that lead from version N - 1 to N; those before never
 * change. Times are milliseconds since 1970. The two partial indexes hold even if the code above them should err: a
 * machine has at most one unfinished job, an image at most one capture. */
#ifndef SLIPWAY_SERVER_SCHEMA_H
#define SLIPWAY_SERVER_SCHEMA_H

#define SCHEMA_1                                                                                                       \
    "BEGIN IMMEDIATE;"                                                                                                 \
    "CREATE TABLE machines(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE,"            \
    " uuid TEXT, known INTEGER NOT NULL, waits INTEGER NOT NULL DEFAULT 1, address TEXT NOT NULL DEFAULT '',"          \
    " inventory TEXT NOT NULL DEFAULT '{}', fields TEXT NOT NULL DEFAULT '{}', last_seen INTEGER);"                    \
    "CREATE TABLE macs(mac TEXT PRIMARY KEY, machine INTEGER NOT NULL REFERENCES machines(id) ON DELETE CASCADE);"     \
    "CREATE INDEX machines_uuid ON machines(uuid);"                                                                    \
    "CREATE INDEX macs_machine ON macs(machine);"                                                                      \
    "CREATE TABLE jobs(id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                          \
    " machine INTEGER REFERENCES machines(id) ON DELETE SET NULL, machine_name TEXT NOT NULL,"                         \
    " kind TEXT NOT NULL, image TEXT NOT NULL, disk TEXT, finish TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued'," \
    " token TEXT NOT NULL UNIQUE, starts INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL DEFAULT 0,"                  \
    " created INTEGER NOT NULL, started INTEGER, ended INTEGER, heard INTEGER NOT NULL,"                               \
    " step TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',"               \
    " bytes_done INTEGER, bytes_total INTEGER, rate INTEGER, seconds_left INTEGER);"                                   \
    "CREATE UNIQUE INDEX jobs_one_per_machine ON jobs(machine)"                                                        \
    " WHERE state IN ('queued', 'running', 'cancelling');"                                                             \
    "CREATE UNIQUE INDEX jobs_one_capture ON jobs(image)"                                                              \
    " WHERE kind = 'capture' AND state IN ('queued', 'running', 'cancelling');"                                        \
    "CREATE TABLE events(id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,"          \
    " time INTEGER NOT NULL, start INTEGER NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, step TEXT NOT NULL,"   \
    " result TEXT, reason TEXT, message TEXT);"                                                                        \
    "CREATE INDEX events_job ON events(job);"                                                                          \
    "CREATE TABLE settings(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"                                            \
    "INSERT INTO settings VALUES('sweep-wanted', 0);"                                                                  \
    "PRAGMA user_version = 1;"                                                                                         \
    "COMMIT;"

/* The last boot file that each machine has confirmed. */
#define SCHEMA_2                                                                                                       \
    "BEGIN IMMEDIATE;"                                                                                                 \
    "CREATE TABLE boots(machine INTEGER PRIMARY KEY REFERENCES machines(id) ON DELETE CASCADE, time INTEGER NOT NULL," \
    " file TEXT NOT NULL, peer TEXT NOT NULL);"                                                                        \
    "PRAGMA user_version = 2;"                                                                                         \
    "COMMIT;"

/* How a job is done: a JSON object. Since version 4 only an import has one. */
#define SCHEMA_3                                                                                                       \
    "BEGIN IMMEDIATE;"                                                                                                 \
    "ALTER TABLE jobs ADD COLUMN options TEXT NOT NULL DEFAULT '{}';"                                                  \
    "PRAGMA user_version = 3;"                                                                                         \
    "COMMIT;"

/* A job is a list of steps, may wait for the production system's word, and is done up to step `done`. What was ordered
 * before becomes a list of one step. A machine's identity is an object without name and fields. */
#define SCHEMA_4                                                                                                       \
    "BEGIN IMMEDIATE;"                                                                                                 \
    "ALTER TABLE machines ADD COLUMN identity TEXT NOT NULL DEFAULT '{}';"                                             \
    "ALTER TABLE jobs ADD COLUMN steps TEXT NOT NULL DEFAULT '[]';"                                                    \
    "ALTER TABLE jobs ADD COLUMN boot_order TEXT NOT NULL DEFAULT '';"                                                 \
    "ALTER TABLE jobs ADD COLUMN confirm_token TEXT NOT NULL DEFAULT '';"                                              \
    "ALTER TABLE jobs ADD COLUMN done INTEGER NOT NULL DEFAULT 0;"                                                     \
    "ALTER TABLE jobs ADD COLUMN continued INTEGER NOT NULL DEFAULT 0;"                                                \
    "UPDATE jobs SET steps = json_array(json_patch(json_patch(json_object('step', kind,"                               \
    "  'image', CASE WHEN json_type(options, '$.source') IS NULL THEN image END), json(options)),"                     \
    "  CASE WHEN disk IS NULL THEN json('{}') WHEN json_type(disk) = 'array' THEN json_object('disks', json(disk))"    \
    "  ELSE json_object('disk', json(disk)) END)) WHERE machine_name <> 'import' OR machine IS NOT NULL;"              \
    "ALTER TABLE jobs DROP COLUMN disk;"                                                                               \
    "DROP INDEX jobs_one_per_machine;"                                                                                 \
    "CREATE UNIQUE INDEX jobs_one_per_machine ON jobs(machine)"                                                        \
    " WHERE state IN ('queued', 'running', 'cancelling', 'confirming');"                                               \
    "PRAGMA user_version = 4;"                                                                                         \
    "COMMIT;"

/* The operating systems that a machine's agent saw last. */
#define SCHEMA_5                                                                                                       \
    "BEGIN IMMEDIATE;"                                                                                                 \
    "ALTER TABLE machines ADD COLUMN systems TEXT NOT NULL DEFAULT '[]';"                                              \
    "PRAGMA user_version = 5;"                                                                                         \
    "COMMIT;"

#endif
