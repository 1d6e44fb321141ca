/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An error as a person reads it: number and title, who answered, what was received, cause and cure. */
#ifndef SLIPWAY_CORE_ERROR_REPORT_H
#define SLIPWAY_CORE_ERROR_REPORT_H

#include "core/error.h"

/* Appends line `line` (from 0, the headline) of the report for a screen of `columns` (at least 40) columns; long values
 * are broken at blanks and go on under their beginning. No line end. Returns false, with nothing appended, behind the
 * last line. */
bool error_report_line(const struct error_detail *error, unsigned columns, unsigned line, struct text *t);

#endif
