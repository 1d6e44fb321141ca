/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_SERVER_CLI_AGENT_H
#define SLIPWAY_SERVER_CLI_AGENT_H

/* Called every ten seconds while the agent works. */
typedef void cli_alive(void *arg);

/* Runs slipway-agent with `words` (NULL behind the last; words[0] is its command) on this terminal and waits for it:
 * $SLIPWAY_AGENT, the one beside this program, or the one in PATH. `token`, unless NULL, is passed so that other users
 * do not see it. `alive` may be NULL. Ctrl-C is left to the agent. Returns its exit status, 1 after telling why it
 * could not be run. */
int cli_agent_run(const char *const *words, const char *token, cli_alive *alive, void *arg);

#endif
