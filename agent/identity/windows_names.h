/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows' own names for what the rest of the world names otherwise. */
#ifndef SLIPWAY_AGENT_WINDOWS_NAMES_H
#define SLIPWAY_AGENT_WINDOWS_NAMES_H

#include <stdbool.h>

#include "agent/base/failure.h"

#define WINDOWS_NAME_MAX 32

/* The time zone of Windows ("W. Europe Standard Time") that the IANA zone ("Europe/Berlin") belongs to, by the
 * windowsZones of Unicode's CLDR; NULL: not in our table. */
const char *windows_time_zone(const char *iana);

/* "de_DE.UTF-8", "sr_RS@latin" or "de-DE" as "de-DE", "sr-Latn-RS". Returns false for what names no language and
 * country
 * ("C", "POSIX"). */
bool windows_locale(const char *locale, char ret[WINDOWS_NAME_MAX]);

/* The input locale, "0407:00000407", of a keyboard as Linux names it ("de", "us", "ch-fr"), or what has that form
 * already; NULL: not in our table. */
const char *windows_keyboard(const char *keyboard);

/* Whether Windows takes it as a computer's name: letters, digits and '-', 15 at most (NetBIOS), not digits only, '-'
 * neither first nor last. */
bool windows_name_valid(const char *name);

/* Says what such a name is; returns -1 with *f (reason "identity"). */
int windows_name_refuse(const char *name, struct failure *f);

#endif
