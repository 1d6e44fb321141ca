/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tftp_packet.h"

static void write_string(struct writer *w, const char *s)
{
    writer_bytes(w, s, text_length(s, SIZE_MAX) + 1);
}

static void write_option(struct writer *w, const char *name, uint64_t value)
{
    char digits[21];
    struct text t;

    text_init(&t, digits, sizeof(digits));
    text_unsigned(&t, value);
    write_string(w, name);
    write_string(w, digits);
}

void tftp_write_rrq(struct writer *w, const char *file, uint16_t blksize, uint16_t windowsize)
{
    writer_u16(w, TFTP_RRQ);
    write_string(w, file);
    write_string(w, "octet");
    if (blksize == 0)
        return;
    write_option(w, "blksize", blksize);
    write_option(w, "tsize", 0);
    if (windowsize > 1)
        write_option(w, "windowsize", windowsize);
}

void tftp_write_ack(struct writer *w, uint16_t block)
{
    writer_u16(w, TFTP_ACK);
    writer_u16(w, block);
}

void tftp_write_error(struct writer *w, enum tftp_error_code code, const char *message)
{
    writer_u16(w, TFTP_ERROR);
    writer_u16(w, (uint16_t)code);
    write_string(w, message);
}

enum pxe_error tftp_error_meaning(unsigned code)
{
    if (code == TFTP_ERROR_NOT_FOUND)
        return PXE_E3B;
    return code == TFTP_ERROR_ACCESS ? PXE_E3C : PXE_E36;
}

void tftp_tell_error(struct text *t, unsigned code, struct cursor *c)
{
    size_t size = cursor_left(c);

    text_string(t, "error ");
    text_unsigned(t, code);
    text_string(t, " \"");
    text_untrusted(t, cursor_bytes(c, size), size < 64 ? size : 64);
    text_string(t, "\"");
}

void tftp_tell_malformed(struct text *t, const uint8_t *data, size_t size)
{
    text_string(t, "a packet of ");
    text_unsigned(t, size);
    text_string(t, " bytes:");
    for (size_t i = 0; i < size && i < 8; i++) {
        text_char(t, ' ');
        text_hex(t, data[i], 2);
    }
}

/* The bytes before the next NUL, or before the end of the packet. */
static const uint8_t *take_string(struct cursor *c, size_t *ret_size)
{
    size_t left = cursor_left(c), size = 0;
    const uint8_t *s = cursor_bytes(c, 0);

    while (size < left && s[size] != 0)
        size++;
    cursor_bytes(c, size < left ? size + 1 : size);
    *ret_size = size;
    return s;
}

/* RFC 2347: names are case-insensitive. `name` is in lower case. */
static bool name_is(const uint8_t *s, size_t n, const char *name)
{
    if (n != text_length(name, SIZE_MAX))
        return false;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = s[i] >= 'A' && s[i] <= 'Z' ? (uint8_t)(s[i] + 'a' - 'A') : s[i];

        if (c != (uint8_t)name[i])
            return false;
    }
    return true;
}

static struct tftp_option read_option(const uint8_t *s, size_t n)
{
    struct tftp_option o = {.present = true, .is_number = n > 0, .text = s, .text_size = n};

    for (size_t i = 0; i < n && o.is_number; i++) {
        unsigned digit = (unsigned)s[i] - '0';

        if (digit > 9)
            o.is_number = false;
        else if (o.value > (UINT64_MAX - 9) / 10)
            o.value = UINT64_MAX;
        else
            o.value = o.value * 10 + digit;
    }
    return o;
}

void tftp_read_oack(struct cursor *c, struct tftp_oack *ret)
{
    *ret = (struct tftp_oack){0};
    while (cursor_left(c) > 0) {
        size_t name_size, value_size;
        const uint8_t *name = take_string(c, &name_size), *value;

        if (cursor_left(c) == 0)
            return;
        value = take_string(c, &value_size);
        if (name_is(name, name_size, "blksize"))
            ret->blksize = read_option(value, value_size);
        else if (name_is(name, name_size, "tsize"))
            ret->tsize = read_option(value, value_size);
        else if (name_is(name, name_size, "windowsize"))
            ret->windowsize = read_option(value, value_size);
    }
}
