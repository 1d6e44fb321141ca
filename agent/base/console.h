/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person sees: lines, and at most one progress display that updates, on every active console at once. Any thread
 * may call these; a console that is slow or gone never holds the work up for long. */
#ifndef SLIPWAY_AGENT_CONSOLE_H
#define SLIPWAY_AGENT_CONSOLE_H

#include "agent/base/progress.h"

/* Writes to descriptor `fd` from now on, beside those added before (at most 8; more are ignored). It stays the
 * caller's and must outlive the console. Without any, everything is dropped. */
void console_add(int fd);

/* Opens each console that the kernel names in /sys/class/tty/console/active, or /dev/console. */
void console_add_active(void);

/* Puts the seconds since the kernel started before each line, or stops doing so. */
void console_timestamps(bool on);

/* One line, without its newline. */
void console_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, to be noticed: something failed, or a person has to act. */
void console_alert(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Something went well: the end of a job. */
void console_success(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Shows how far the work is: in place on a terminal, a line for the part and one for the whole; elsewhere as one line
 * every 10 s. */
void console_progress(const struct progress_report *r);

/* Waits, for a second at most, until the consoles have sent what was written: a serial line is slower than a reboot. */
void console_drain(void);

/* Ends the progress display, so that what comes next begins on a fresh one. */
void console_progress_end(void);

#endif
