/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/retry.h"

void retry_begin(struct retry *r, unsigned failures, const char *back_to, uint64_t now_ms)
{
    static const unsigned pauses_s[] = {5, 10, 20, 30};
    unsigned last = sizeof(pauses_s) / sizeof(pauses_s[0]) - 1;

    *r =
        (struct retry){.deadline_ms = now_ms + pauses_s[failures < last ? failures : last] * 1000u, .back_to = back_to};
}

static enum retry_action show(struct retry *r, uint64_t left_s, struct text *ret_line)
{
    if (left_s == r->shown_s)
        return RETRY_WAIT;
    r->shown_s = left_s;
    text_string(ret_line, "Trying again in ");
    text_unsigned(ret_line, left_s);
    text_string(ret_line, " s. Any key: at once. ESC: back to ");
    text_string(ret_line, r->back_to);
    text_char(ret_line, '.');
    return RETRY_SHOW;
}

enum retry_action retry_step(struct retry *r, enum menu_key key, uint64_t now_ms, struct text *ret_line)
{
    if (key == MENU_KEY_ESCAPE) {
        text_string(ret_line, "Leaving to ");
        text_string(ret_line, r->back_to);
        text_char(ret_line, '.');
        return RETRY_LEAVE;
    }
    if (key == MENU_KEY_NONE && now_ms < r->deadline_ms)
        return show(r, (r->deadline_ms - now_ms + 999) / 1000, ret_line);
    text_string(ret_line, "Trying again.");
    return RETRY_AGAIN;
}
