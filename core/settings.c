/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/settings.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

bool settings_vlan(const char *s, size_t n, uint16_t *ret)
{
    unsigned value = 0;

    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        value = value * 10 + (unsigned)(s[i] - '0');
    }
    if (value > VLAN_ID_MAX)
        return false;
    *ret = (uint16_t)value;
    return true;
}

static bool read_word(struct settings *s, const char *word, size_t n)
{
    static const char vlan[] = "vlan=";
    size_t key = sizeof(vlan) - 1;

    if (n < key || !bytes_equal(word, vlan, key))
        return true;
    return settings_vlan(word + key, n - key, &s->vlan);
}

bool settings_read(struct settings *s, const char *text, size_t size, struct text *ret_word)
{
    for (size_t at = 0; at < size;) {
        size_t start;

        if (is_space(text[at])) {
            at++;
            continue;
        }
        start = at;
        while (at < size && !is_space(text[at]))
            at++;
        if (text[start] == '#') {
            while (at < size && text[at] != '\n')
                at++;
        } else if (!read_word(s, text + start, at - start)) {
            text_untrusted(ret_word, text + start, at - start);
            return false;
        }
    }
    return true;
}
