/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands for people say, as text or, with --json, as JSON lines on stdout (docs/slipway-agent.8, "JSON
 * LINES"): objects with "type" progress, note, finding, and one result at the end. */
#ifndef SLIPWAY_AGENT_CMD_OUTPUT_H
#define SLIPWAY_AGENT_CMD_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

/* Call once, before anything else of this file: `command` is for the messages. From here on SIGINT and SIGTERM ask the
 * work to end; a second one ends the program. */
void cmd_output_begin(const char *command, bool json);

/* What the imaging engine reports to. */
const struct progress *cmd_output_progress(void);

/* For store_open and other waits for a server. */
int cmd_output_retry(void *arg, const char *message, unsigned pause_seconds);

/* Something that was found: an object of "type": "finding" for JSON, which is taken over, and its text for people. Any
 * thread may call it. */
void cmd_output_finding(json_t *object, const char *text);

/* Whether the output is JSON: then nothing else may be printed on stdout. */
bool cmd_output_is_json(void);

/* The end. `result` is 0 or -1 with *f. `extra` (may be NULL) is taken over and becomes part of the JSON result;
 * `text` says in one line what was done, or is NULL. Returns the exit status. */
int cmd_output_end(int result, const struct failure *f, json_t *extra, const char *text);

#endif
