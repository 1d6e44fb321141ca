/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CSV as spreadsheets write it (RFC 4180): cells with commas, quotes and line ends in them stand in quotes. Where the first
 * line has semicolons and no comma, semicolons stand between the cells. */
#ifndef SLIPWAY_SERVER_CLI_CSV_H
#define SLIPWAY_SERVER_CLI_CSV_H

#include <jansson.h>

/* Reads the text of a file: an array of {"line": N, "cells": ["..."]}, blank lines left out. A new reference, or NULL with
 * *ret_line and *ret_problem (for people): a quote that does not end, characters behind one, bytes that are not UTF-8. A
 * byte order mark at the beginning is no cell's. `text` is written to. */
json_t *cli_csv_parse(char *text, unsigned *ret_line, const char **ret_problem);

#endif
