/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/identity_text.h"

#include "core/ip_text.h"

#define LABEL_MAX 63

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    while (*set && *set != c)
        set++;
    return *set != '\0';
}

/* Letters, digits and the characters of `more`, at least one. */
static bool made_of(const char *s, size_t n, const char *more)
{
    for (size_t i = 0; i < n; i++)
        if (!is_letter(s[i]) && !is_digit(s[i]) && !is_one_of(s[i], more))
            return false;
    return n > 0;
}

/* Whether there is a character at the beginning that would end a line of YAML, or that XML does not allow. */
static bool is_forbidden(const uint8_t *s, size_t n)
{
    if (s[0] < 0x20 || s[0] == 0x7f)
        return true;
    if (n >= 2 && s[0] == 0xc2 && s[1] < 0xa0)
        return true;
    if (n < 3)
        return false;
    return (s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9)) ||
           (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe);
}

static bool is_line(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_forbidden((const uint8_t *)s + i, n - i))
            return false;
    return true;
}

static bool is_label(const char *s, size_t n)
{
    return n <= LABEL_MAX && made_of(s, n, "-") && s[0] != '-' && s[n - 1] != '-';
}

static bool is_domain(const char *s, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i <= n; i++)
        if (i == n || s[i] == '.') {
            if (!is_label(s + start, i - start))
                return false;
            start = i + 1;
        }
    return true;
}

static bool is_locale(const char *s, size_t n)
{
    return made_of(s, n, "_.@-") && is_letter(s[0]);
}

static bool is_keyboard(const char *s, size_t n)
{
    return made_of(s, n, "_-,:");
}

/* Its parts become a path below /usr/share/zoneinfo: no dots, no empty part. */
static bool is_time_zone(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == '/' && (i == 0 || i + 1 == n || s[i + 1] == '/'))
            return false;
    return made_of(s, n, "_+-/") && is_letter(s[0]);
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_mac(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i % 3 == 2 ? s[i] != ':' : !is_hex(s[i]))
            return false;
    return n == 17;
}

static bool is_address(const char *s, size_t n)
{
    return ip_text_family(s, n) != 0;
}

static bool is_cidr(const char *s, size_t n)
{
    return ip_text_cidr(s, n) != 0;
}

static bool is_user(const char *s, size_t n)
{
    return made_of(s, n, "_.-") && (is_letter(s[0]) || s[0] == '_');
}

static bool is_full_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == ':')
            return false;
    return is_line(s, n) && n > 0;
}

static bool is_password_hash(const char *s, size_t n)
{
    if (n == 1)
        return s[0] == '*' || s[0] == '!';
    return made_of(s, n, "$./=,_-+") && s[0] == '$';
}

static bool is_ssh_key(const char *s, size_t n)
{
    size_t type = 0, key = 0;

    while (type < n && s[type] != ' ')
        type++;
    while (type + 1 + key < n && s[type + 1 + key] != ' ')
        key++;
    return type < n && is_line(s, n) && made_of(s, type, "@.-") && is_letter(s[0]) && made_of(s + type + 1, key, "+/=");
}

static bool is_product_key(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i % 6 == 5 ? s[i] != '-' : !is_letter(s[i]) && !is_digit(s[i]))
            return false;
    return n == 29;
}

static bool is_field(const char *s, size_t n)
{
    return made_of(s, n, "_.-");
}

static bool is_command(const char *s, size_t n)
{
    return n > 0 && is_line(s, n);
}

static const struct {
    size_t max;
    bool (*valid)(const char *s, size_t n);
    const char *description;
} kinds[] = {
    [IDENTITY_LINE] = {256, is_line, "one line of at most 256 bytes"},
    [IDENTITY_COMMAND] = {1024, is_command, "one line of at most 1024 bytes"},
    [IDENTITY_HOST_NAME] = {63, is_domain, "a host name of at most 63 letters, digits, '-' and '.'"},
    [IDENTITY_DOMAIN] = {253, is_domain, "a domain such as example.org"},
    [IDENTITY_LOCALE] = {32, is_locale, "a locale such as de_DE.UTF-8"},
    [IDENTITY_KEYBOARD] = {32, is_keyboard, "a keyboard such as de"},
    [IDENTITY_TIME_ZONE] = {64, is_time_zone, "a time zone such as Europe/Berlin"},
    [IDENTITY_MAC] = {17, is_mac, "a MAC address such as 52:54:00:12:34:56"},
    [IDENTITY_ADDRESS] = {45, is_address, "an address such as 192.0.2.1 or 2001:db8::1"},
    [IDENTITY_CIDR] = {49, is_cidr, "an address with its network's length such as 192.0.2.5/24"},
    [IDENTITY_USER] = {32, is_user, "a name of at most 32 letters, digits, '_', '.' and '-'"},
    [IDENTITY_FULL_NAME] = {256, is_full_name, "one line of at most 256 bytes without ':'"},
    [IDENTITY_PASSWORD_HASH] = {384, is_password_hash, "a hash of crypt(5), or '*' or '!' for none"},
    [IDENTITY_SSH_KEY] = {8191, is_ssh_key, "a public key such as 'ssh-ed25519 AAAA... comment'"},
    [IDENTITY_PRODUCT_KEY] = {29, is_product_key, "five groups of five letters and digits, joined by '-'"},
    [IDENTITY_FIELD] = {64, is_field, "at most 64 letters, digits, '_', '.' and '-'"},
};

bool identity_text_valid(enum identity_text what, const char *s, size_t size)
{
    if (size > kinds[what].max || (size == 0 && what != IDENTITY_LINE))
        return false;
    return kinds[what].valid(s, size);
}

const char *identity_text_describe(enum identity_text what)
{
    return kinds[what].description;
}
