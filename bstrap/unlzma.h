/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZMA (Igor Pavlov's LZMA specification, 2015): a raw stream without header, lc = lp = pb = 0, with an end marker. */
#ifndef SLIPWAY_BSTRAP_UNLZMA_H
#define SLIPWAY_BSTRAP_UNLZMA_H

#include "core/base.h"

/* Unpacks `packed` to `ret`, and returns the size. Both are trusted: this is for data that was linked in. Not for more
 * than one stream at a time. */
size_t unlzma(const uint8_t *packed, uint8_t *ret);

#endif
