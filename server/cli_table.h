/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for people: columns as wide as their widest cell. Text from the network is made safe for a terminal. */
#ifndef SLIPWAY_SERVER_CLI_TABLE_H
#define SLIPWAY_SERVER_CLI_TABLE_H

#include <jansson.h>
#include <stddef.h>

#define TABLE_COLUMNS 10
#define CELL_MAX 160

struct table {
    char (*cells)[TABLE_COLUMNS][CELL_MAX];
    size_t rows, room;
    unsigned columns, next;
};

/* Begins a table with these headings (ends with NULL). */
void table_begin(struct table *t, const char *const *headings);
/* The next cell, row by row; control characters become '?'. */
void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the table and releases it. */
void table_print(struct table *t);

/* Like printf; control characters but line ends become '?'. */
void cli_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A member as text: "" when it is missing or null. */
const char *member(const json_t *object, const char *name);

/* 1048576 as "1.0 MiB", into `ret`, which is also returned. */
#define SIZE_TEXT 24
char *size_text(json_int_t bytes, char ret[SIZE_TEXT]);

#endif
