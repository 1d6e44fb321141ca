/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/kernel_version.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* '~' and "rc" (with the separator before it) come before the end, the end before anything else. */
static int rank(const char *s)
{
    const char *word = *s == '-' || *s == '.' || *s == '_' ? s + 1 : s;

    if (*s == '~' || !strncmp(word, "rc", 2))
        return -1;
    if (*s == '\0')
        return 0;
    return 1;
}

static int compare_numbers(const char **a, const char **b)
{
    size_t na, nb;
    int order;

    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    na = strspn(*a, "0123456789");
    nb = strspn(*b, "0123456789");
    order = na != nb ? (na < nb ? -1 : 1) : strncmp(*a, *b, na);
    *a += na;
    *b += nb;
    return order;
}

/* A number is newer than a word, a word newer than a separator: 6.1.1 is after 6.1-x. */
static int kind(char c)
{
    return is_digit(c) ? 2 : is_letter(c) ? 1 : 0;
}

int kernel_version_compare(const char *a, const char *b)
{
    while (*a || *b) {
        int order = rank(a) - rank(b);
        if (order)
            return order;
        if (rank(a) < 0) {
            a += !is_letter(*a);
            b += !is_letter(*b);
        }
        if (is_digit(*a) && is_digit(*b)) {
            order = compare_numbers(&a, &b);
        } else {
            order = kind(*a) != kind(*b) ? kind(*a) - kind(*b) : (unsigned char)*a - (unsigned char)*b;
            a++;
            b++;
        }
        if (order)
            return order;
    }
    return 0;
}
