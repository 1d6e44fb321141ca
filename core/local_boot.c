/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/local_boot.h"

static const struct {
    const char *word;
    enum local_boot_policy policy;
} words[] = {
    {"start", LOCAL_BOOT_START},
    {"bootnext", LOCAL_BOOT_NEXT},
    {"exit", LOCAL_BOOT_EXIT},
};

static bool is_word(const uint8_t *bytes, size_t size, const char *word)
{
    size_t length = text_length(word, SIZE_MAX);

    if (size != length)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((bytes[i] | 0x20) != word[i])
            return false;
    return true;
}

enum local_boot_policy local_boot_policy(const uint8_t *word, size_t size)
{
    /* Some servers count the NUL of a text into its length. */
    while (size > 0 && word[size - 1] == '\0')
        size--;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is_word(word, size, words[i].word))
            return words[i].policy;
    return LOCAL_BOOT_UNKNOWN;
}

static bool next_came_back(const struct local_boot_past *past)
{
    /* Without a clock every second boot counts as a return: better than a reset for ever. */
    return past->gave_up || (past->next && (!past->has_age || past->age_s < LOCAL_BOOT_RETURN_S));
}

struct local_boot_choice local_boot_choose(enum local_boot_policy said, enum local_boot_policy built_in,
                                           const struct local_boot_past *past, struct text *ret_why)
{
    struct local_boot_choice choice = {.policy = said >= LOCAL_BOOT_START ? said : built_in};

    if (said == LOCAL_BOOT_UNKNOWN)
        text_string(ret_why, "The server's word for how to boot the disk is none of start, bootnext, exit.");
    if (choice.policy == LOCAL_BOOT_NEXT && next_came_back(past)) {
        text_string(ret_why, "The firmware came back after BootNext: the disk's loader is started from here.");
        choice = (struct local_boot_choice){.policy = LOCAL_BOOT_START, .came_back = true};
    } else if (choice.policy == LOCAL_BOOT_EXIT && past->ended) {
        text_string(ret_why, "The firmware came back instead of booting the disk: its loader is started from here.");
        choice = (struct local_boot_choice){.policy = LOCAL_BOOT_START, .came_back = true};
    }
    return choice;
}

uint64_t local_boot_seconds(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                            unsigned second)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    unsigned y = year - 2000;
    uint64_t days;

    if (year < 2000 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 59)
        return 0;
    /* Leap days of the years before this one; 2000 was a leap year. */
    days = 365 * (uint64_t)y + (y + 3) / 4 - (y + 99) / 100 + (y + 399) / 400 + before[month - 1] + day - 1;
    if (month > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
        days++;
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

uint64_t local_boot_age(uint64_t when, uint64_t now, uint64_t running_s)
{
    uint64_t age = now - when;

    return age > running_s ? age - running_s : 0;
}

static void describe_count(struct text *t, unsigned count, const char *one, const char *many)
{
    text_unsigned(t, count);
    text_string(t, count == 1 ? one : many);
}

void local_boot_describe(const struct local_boot_search *s, struct text *t)
{
    describe_count(t, s->disks, " disk, ", " disks, ");
    describe_count(t, s->partitions, " partition that can be read, ", " partitions that can be read, ");
    describe_count(t, s->options, " boot option: ", " boot options: ");
    text_string(t, s->last[0] ? s->last : "no loader");
}
