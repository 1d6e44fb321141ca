/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_GUID_H
#define SLIPWAY_AGENT_GUID_H

#include <stdbool.h>
#include <stdint.h>

/* A GUID's text as the bytes that GPT and firmware keep: its first three groups are little-endian (UEFI specification,
 * appendix A). Returns false for what is none. */
bool guid_parse(const char *text, uint8_t ret[16]);

#endif
