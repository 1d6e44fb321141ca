/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_ADVICE_H
#define SLIPWAY_AGENT_ADVICE_H

/* What a person can do about a failure of this reason (docs/protocol.md, "Reasons"): one sentence, never NULL. */
const char *advice_for(const char *reason);

#endif
