/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the PXE ROM, before an operating system starts. */
#ifndef SLIPWAY_LEGACY_ROM_STOP_H
#define SLIPWAY_LEGACY_ROM_STOP_H

/* Closes the ROM's UDP, then its stack and driver go, by the calls that PXE 2.1 (chapter 3) or an older ROM has for
 * it. A call that fails is told on the console, and the rest is called nevertheless: a card that still receives would
 * write into the next system's memory. Nothing of the ROM works afterwards. */
void rom_stop(void);

#endif
