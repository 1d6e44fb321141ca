/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer file of Windows Setup (unattend.xml) for a generalised system: what a machine is told to be, in the passes
 * "specialize" and "oobeSystem". Elements, their places and their order are those of Microsoft's "Unattended Windows
 * Setup Reference". */
#ifndef SLIPWAY_AGENT_WINDOWS_ANSWER_H
#define SLIPWAY_AGENT_WINDOWS_ANSWER_H

#include "agent/base/buffer.h"
#include "agent/identity/identity.h"

/* The command that a first logon runs, unless Windows Setup has already: */
#define WINDOWS_FIRST_BOOT "slipway-first-boot.cmd"

/* `arch` as struct system has it. What Windows has no word for is left out, with a line on the console: an unknown time
 * zone, locale or keyboard, a VLAN, a user without a password of his own. Returns 0 with the document, whose text the
 * caller frees, or -1 with *f (reason "identity"): the host name is none for Windows, the architecture is not known, or
 * a value cannot stand in XML. */
int windows_answer_make(const struct identity *id, const char *arch, struct buffer *ret, struct failure *f);

#endif
