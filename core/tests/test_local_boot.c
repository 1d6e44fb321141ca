/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/known_loader.h"
#include "core/local_boot.h"

static char said[128];

static struct local_boot_choice choose(enum local_boot_policy server, enum local_boot_policy built_in,
                                       struct local_boot_past past)
{
    struct text t;

    text_init(&t, said, sizeof(said));
    return local_boot_choose(server, built_in, &past, &t);
}

static enum local_boot_policy policy(const char *word)
{
    return local_boot_policy((const uint8_t *)word, strlen(word));
}

static void words(void **state)
{
    (void)state;
    assert_int_equal(policy("start"), LOCAL_BOOT_START);
    assert_int_equal(policy("bootnext"), LOCAL_BOOT_NEXT);
    assert_int_equal(policy("BootNext"), LOCAL_BOOT_NEXT);
    assert_int_equal(policy("exit"), LOCAL_BOOT_EXIT);
    assert_int_equal(local_boot_policy((const uint8_t *)"exit\0", 6), LOCAL_BOOT_EXIT);
    assert_int_equal(policy(""), LOCAL_BOOT_UNKNOWN);
    assert_int_equal(policy("exi"), LOCAL_BOOT_UNKNOWN);
    assert_int_equal(policy("exits"), LOCAL_BOOT_UNKNOWN);
    assert_int_equal(policy("3"), LOCAL_BOOT_UNKNOWN);
    assert_int_equal(local_boot_policy(NULL, 0), LOCAL_BOOT_UNKNOWN);
}

static void the_server_wins_over_the_build(void **state)
{
    struct local_boot_past none = {.ended = false};

    (void)state;
    assert_int_equal(choose(LOCAL_BOOT_EXIT, LOCAL_BOOT_START, none).policy, LOCAL_BOOT_EXIT);
    assert_string_equal(said, "");
    assert_int_equal(choose(LOCAL_BOOT_UNSAID, LOCAL_BOOT_NEXT, none).policy, LOCAL_BOOT_NEXT);
    assert_string_equal(said, "");
    assert_int_equal(choose(LOCAL_BOOT_UNKNOWN, LOCAL_BOOT_START, none).policy, LOCAL_BOOT_START);
    assert_non_null(strstr(said, "none of start, bootnext, exit"));
}

static void bootnext_is_not_repeated_at_once(void **state)
{
    struct local_boot_past past = {.next = true, .has_age = true, .age_s = LOCAL_BOOT_RETURN_S - 1};
    struct local_boot_choice c = choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, past);

    (void)state;
    assert_int_equal(c.policy, LOCAL_BOOT_START);
    assert_true(c.came_back);
    assert_non_null(strstr(said, "came back after BootNext"));
    past.age_s = LOCAL_BOOT_RETURN_S;
    c = choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, past);
    assert_int_equal(c.policy, LOCAL_BOOT_NEXT);
    assert_false(c.came_back);
    assert_string_equal(said, "");
}

static void without_a_clock_every_second_time_counts_as_a_return(void **state)
{
    (void)state;
    assert_int_equal(choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, (struct local_boot_past){.next = true}).policy,
                     LOCAL_BOOT_START);
    assert_int_equal(choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, (struct local_boot_past){.next = false}).policy,
                     LOCAL_BOOT_NEXT);
}

static void who_gave_up_resets_no_more(void **state)
{
    struct local_boot_past past = {.gave_up = true, .next = true, .has_age = true, .age_s = 100000};

    (void)state;
    assert_int_equal(choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, past).policy, LOCAL_BOOT_START);
    assert_int_equal(choose(LOCAL_BOOT_UNSAID, LOCAL_BOOT_NEXT, past).policy, LOCAL_BOOT_START);
}

static void exit_is_not_repeated_before_a_reset(void **state)
{
    struct local_boot_choice c = choose(LOCAL_BOOT_EXIT, LOCAL_BOOT_START, (struct local_boot_past){.ended = true});

    (void)state;
    assert_int_equal(c.policy, LOCAL_BOOT_START);
    assert_true(c.came_back);
    assert_non_null(strstr(said, "came back instead"));
    assert_int_equal(choose(LOCAL_BOOT_EXIT, LOCAL_BOOT_START, (struct local_boot_past){.next = true}).policy,
                     LOCAL_BOOT_EXIT);
}

static void waiting_in_a_menu_is_no_use_of_the_machine(void **state)
{
    struct local_boot_past past = {.next = true, .has_age = true};

    (void)state;
    assert_int_equal(local_boot_age(1000, 1300, 0), 300);
    assert_int_equal(local_boot_age(1000, 1300, 120), 180);
    assert_int_equal(local_boot_age(1000, 1300, 301), 0);
    assert_true(local_boot_age(1300, 1000, 120) > LOCAL_BOOT_RETURN_S);
    past.age_s = local_boot_age(1000, 1000 + 86400, 86400 - 20);
    assert_true(choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, past).came_back);
    past.age_s = local_boot_age(1000, 1000 + 86400, 20);
    assert_false(choose(LOCAL_BOOT_NEXT, LOCAL_BOOT_START, past).came_back);
}

static void dates(void **state)
{
    (void)state;
    assert_int_equal(local_boot_seconds(2000, 1, 1, 0, 0, 0), 0);
    assert_int_equal(local_boot_seconds(2000, 1, 1, 0, 0, 59), 59);
    /* date -u -d DATE +%s, less 946684800 */
    assert_int_equal(local_boot_seconds(2000, 3, 1, 0, 0, 0), 5184000);
    assert_int_equal(local_boot_seconds(2001, 1, 1, 0, 0, 0), 31622400);
    assert_int_equal(local_boot_seconds(2024, 2, 29, 23, 59, 59), 762566399);
    assert_int_equal(local_boot_seconds(2024, 3, 1, 0, 0, 0), 762566400);
    assert_int_equal(local_boot_seconds(2026, 11, 22, 13, 4, 5), 848667845);
    assert_int_equal(local_boot_seconds(2100, 3, 1, 0, 0, 0), 3160857600);
    assert_int_equal(local_boot_seconds(2101, 1, 1, 0, 0, 0), 3187296000);
    assert_int_equal(local_boot_seconds(1999, 12, 31, 0, 0, 0), 0);
    assert_int_equal(local_boot_seconds(2024, 0, 1, 0, 0, 0), 0);
    assert_int_equal(local_boot_seconds(2024, 13, 1, 0, 0, 0), 0);
    assert_int_equal(local_boot_seconds(2024, 1, 0, 0, 0, 0), 0);
    assert_int_equal(local_boot_seconds(2024, 1, 1, 24, 0, 0), 0);
}

static void assert_described(struct local_boot_search s, const char *expected)
{
    char line[128];
    struct text t;

    text_init(&t, line, sizeof(line));
    local_boot_describe(&s, &t);
    assert_string_equal(line, expected);
    assert_false(t.cut);
}

static void what_was_looked_at(void **state)
{
    (void)state;
    assert_described((struct local_boot_search){.disks = 1},
                     "1 disk, 0 partitions that can be read, 0 boot options: no loader");
    assert_described((struct local_boot_search){.disks = 2, .partitions = 1, .options = 1, .last = "x.efi: refused"},
                     "2 disks, 1 partition that can be read, 1 boot option: x.efi: refused");
}

static bool loader_is(unsigned n, const char *expected)
{
    char path[48];
    struct text t;

    text_init(&t, path, sizeof(path));
    return known_loader(n, &t) && strcmp(path, expected) == 0;
}

static void known_loaders(void **state)
{
    static const char *const wanted[] = {
        "\\EFI\\debian\\shimx64.efi",
        "\\EFI\\debian\\grubx64.efi",
        "\\EFI\\redhat\\shimx64.efi",
        "\\EFI\\centos\\shim.efi",
        "\\EFI\\rocky\\shimx64.efi",
        "\\EFI\\almalinux\\shimx64.efi",
        "\\EFI\\opensuse\\shim.efi",
        "\\EFI\\arch\\grubx64.efi",
        "\\EFI\\Microsoft\\Boot\\bootmgfw.efi",
        "\\EFI\\systemd\\systemd-bootx64.efi",
        "\\EFI\\BOOT\\BOOTX64.EFI",
    };
    unsigned at = 0, count = 0;
    char path[48];
    struct text t;

    (void)state;
    do {
        text_init(&t, path, sizeof(path));
        assert_true(!known_loader(count, &t) || !t.cut);
    } while (t.length > 0 && ++count);
    assert_true(count > 40 && count < 100);
    /* All of them are there, in this order, and the removable path is the last. */
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++, at++) {
        while (at < count && !loader_is(at, wanted[i]))
            at++;
        assert_true(at < count);
    }
    assert_int_equal(at, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(the_server_wins_over_the_build),
        cmocka_unit_test(bootnext_is_not_repeated_at_once),
        cmocka_unit_test(without_a_clock_every_second_time_counts_as_a_return),
        cmocka_unit_test(who_gave_up_resets_no_more),
        cmocka_unit_test(exit_is_not_repeated_before_a_reset),
        cmocka_unit_test(waiting_in_a_menu_is_no_use_of_the_machine),
        cmocka_unit_test(dates),
        cmocka_unit_test(what_was_looked_at),
        cmocka_unit_test(known_loaders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
