/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PXE ROM's API says when a call fails: the status word of PXE 2.1, chapter 3. */
#ifndef SLIPWAY_CORE_PXENV_STATUS_H
#define SLIPWAY_CORE_PXENV_STATUS_H

#include "core/error.h"
#include "core/text.h"

#define PXENV_STATUS_FAILURE 0x01 /* for calls that fail without saying why */

/* Appends the status as people find it in documents: "PXENV_STATUS_UDP_OPEN (19)", the number in hexadecimal. One that
 * the specification does not have is "PXENV_STATUS_? (d4)": from 0xd0 on they are vendors' own. */
void pxenv_status_text(struct text *t, uint16_t status);

/* The error that a download is told as which failed with this status. */
enum pxe_error pxenv_status_error(uint16_t status);

#endif
