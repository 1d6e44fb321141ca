/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that the ROM did not send: why there was silence. One record for the program, as the ROM has one UDP. */
#ifndef SLIPWAY_LEGACY_SEND_FAILURE_H
#define SLIPWAY_LEGACY_SEND_FAILURE_H

#include "core/error.h"

/* Before questions whose silence is to be told. */
void send_failure_forget(void);

/* What udp_send returned; 0, it was sent, changes nothing. */
void send_failure_note(uint16_t status);

/* Appends the status that was noted last to error->received; nothing when there is none. */
void send_failure_tell(struct error_detail *error);

#endif
