/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tftp_internal.h"

#define BLKSIZE_MIN 8 /* RFC 2348 */

static void refuse_option(struct tftp *t, const char *name, const struct tftp_option *o, uint16_t asked,
                          struct tftp_output *out)
{
    struct text text = tftp_blame(t, PXE_E36);

    text_string(&text, "OACK with ");
    text_string(&text, name);
    text_char(&text, ' ');
    text_untrusted(&text, o->text, o->text_size < 32 ? o->text_size : 32);
    text_string(&text, ", asked for ");
    text_unsigned(&text, asked);
    tftp_fail_and_tell(t, TFTP_ERROR_OPTIONS, "option was not asked for like that", out);
}

/* A server may lower what was asked for, never raise it (RFC 2348, 7440). */
static bool is_lowered(const struct tftp_option *o, uint16_t least, uint16_t asked)
{
    return o->is_number && o->value >= least && o->value <= asked;
}

static bool accept_options(struct tftp *t, const struct tftp_oack *oack, struct tftp_output *out)
{
    if (t->plain)
        return true;
    if (oack->blksize.present) {
        if (!is_lowered(&oack->blksize, BLKSIZE_MIN, t->config.blksize)) {
            refuse_option(t, "blksize", &oack->blksize, t->config.blksize, out);
            return false;
        }
        t->blksize = (uint16_t)oack->blksize.value;
    }
    if (oack->windowsize.present && t->config.windowsize > 1) {
        if (!is_lowered(&oack->windowsize, 1, t->config.windowsize)) {
            refuse_option(t, "windowsize", &oack->windowsize, t->config.windowsize, out);
            return false;
        }
        t->windowsize = (uint16_t)oack->windowsize.value;
    }
    return true;
}

/* Zero is what a server echoes that does not know the size (RFC 2349 asks with a zero). */
static bool accept_size(struct tftp *t, const struct tftp_option *tsize, struct tftp_output *out)
{
    if (t->plain || !tsize->is_number || tsize->value == 0)
        return true;
    t->has_size = out->size_known = true;
    t->size = tsize->value;
    if (t->size <= t->config.max_size)
        return true;
    out->size_known = false;
    tftp_fail_too_big(t, "announced ", t->size, t->config.max_size, out);
    return false;
}

void tftp_take_oack(struct tftp *t, struct cursor *c, uint16_t src_port, uint64_t now_ms, struct tftp_output *out)
{
    struct tftp_oack oack;

    if (t->state != TFTP_REQUESTING) {
        if (t->next_block == 1)
            tftp_repeat_ack(t, now_ms, out);
        return;
    }
    tftp_begin_receiving(t, src_port);
    tftp_read_oack(c, &oack);
    if (!accept_options(t, &oack, out) || !accept_size(t, &oack.tsize, out))
        return;
    tftp_note_progress(t, now_ms);
    tftp_send_ack(t, now_ms, out);
}
