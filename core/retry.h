/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pause between a failed attempt and the next: a countdown that a key cuts short. */
#ifndef SLIPWAY_CORE_RETRY_H
#define SLIPWAY_CORE_RETRY_H

#include "core/base.h"
#include "core/menu.h"
#include "core/text.h"

struct retry {
    uint64_t deadline_ms;
    uint64_t shown_s;    /* seconds left, as last shown; 0: nothing yet */
    const char *back_to; /* what ESC leads to: "the firmware" */
};

enum retry_action {
    RETRY_WAIT,  /* nothing to do; ask again within some 20 ms */
    RETRY_SHOW,  /* *ret_line is the countdown, to be shown in place of the last one */
    RETRY_AGAIN, /* begin the next attempt; *ret_line stays on the screen */
    RETRY_LEAVE, /* ESC: give up; *ret_line stays on the screen */
};

/* Begins the pause after `failures` + 1 failed attempts: 5, 10, 20, then 30 s for ever. `back_to` must outlive it. */
void retry_begin(struct retry *r, unsigned failures, const char *back_to, uint64_t now_ms);

/* `key`: pressed since the last call, MENU_KEY_NONE for none. Appends to *ret_line as enum retry_action says. */
enum retry_action retry_step(struct retry *r, enum menu_key key, uint64_t now_ms, struct text *ret_line);

#endif
