/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice of a disk: by rule, never by luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/disk.h"

#include <cmocka.h>

static const struct disk two[] = {
    {.path = "/dev/nvme0n1", .size = 512110190592, .sector_size = 512, .model = "Fast", .serial = "S1", .wwn = "eui.1"},
    {.path = "/dev/sda", .size = 512110190592, .sector_size = 512, .model = "Fast", .serial = "S2"},
};

static void no_disk(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 0, NULL, &f), -1);
    assert_string_equal(f.reason, "no-disk");
}

static void the_only_disk_needs_no_rule(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 1, NULL, &f), 0);
}

static void two_disks_and_no_rule(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 2, NULL, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
    assert_non_null(strstr(f.message, "/dev/nvme0n1 (512110190592 bytes, serial S1)"));
    assert_non_null(strstr(f.message, "/dev/sda"));
}

static void a_rule_that_both_match(void **state)
{
    struct disk_rule rule = {.model = "Fast", .size = 512110190592};
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 2, &rule, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
}

static void each_member_decides(void **state)
{
    struct disk_rule by_serial = {.serial = "S2"}, by_wwn = {.wwn = "eui.1"}, by_path = {.path = "/dev/sda"};
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 2, &by_serial, &f), 1);
    assert_int_equal(disk_choose(two, 2, &by_wwn, &f), 0);
    assert_int_equal(disk_choose(two, 2, &by_path, &f), 1);
}

static void all_members_must_match(void **state)
{
    struct disk_rule rule = {.serial = "S2", .path = "/dev/nvme0n1"}, size = {.size = 1}, part = {.serial = "S"};
    struct failure f;

    (void)state;
    assert_int_equal(disk_choose(two, 2, &rule, &f), -1);
    assert_string_equal(f.reason, "no-matching-disk");
    assert_int_equal(disk_choose(two, 1, &size, &f), -1);
    assert_string_equal(f.reason, "no-matching-disk");
    assert_int_equal(disk_choose(two, 2, &part, &f), -1); /* not by the beginning of a serial */
}

static void a_disk_for_each_rule(void **state)
{
    const struct disk_rule rules[] = {{.serial = "S2"}, {.serial = "S1"}},
                           same[] = {{.serial = "S2"}, {.path = "/dev/sda"}},
                           vague[] = {{.serial = "S2"}, {.model = "Fast"}},
                           wrong[] = {{.serial = "S2"}, {.serial = "S3"}};
    struct failure f;
    unsigned which[2];

    (void)state;
    assert_int_equal(disk_choose_all(two, 2, rules, 2, which, &f), 2);
    assert_int_equal(which[0], 1);
    assert_int_equal(which[1], 0);
    assert_int_equal(disk_choose_all(two, 1, NULL, 0, which, &f), 1);
    assert_int_equal(which[0], 0);
    assert_int_equal(disk_choose_all(two, 2, NULL, 0, which, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
    assert_int_equal(disk_choose_all(two, 2, same, 2, which, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
    assert_non_null(strstr(f.message, "disk 1 and disk 2 both choose /dev/sda"));
    assert_int_equal(disk_choose_all(two, 2, vague, 2, which, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
    assert_int_equal(disk_choose_all(two, 2, wrong, 2, which, &f), -1);
    assert_string_equal(f.reason, "no-matching-disk");
}

static void many_disks_do_not_overflow_the_message(void **state)
{
    struct disk many[DISKS_MAX];
    struct failure f;

    (void)state;
    for (unsigned i = 0; i < DISKS_MAX; i++) {
        memset(&many[i], 0, sizeof(many[i]));
        memset(many[i].path, 'p', sizeof(many[i].path) - 1);
        memset(many[i].serial, 's', sizeof(many[i].serial) - 1);
    }
    assert_int_equal(disk_choose(many, DISKS_MAX, NULL, &f), -1);
    assert_string_equal(f.reason, "ambiguous-disk");
}

static void this_computer_has_no_loop_devices_among_its_disks(void **state)
{
    struct disk disks[DISKS_MAX];
    unsigned count = disk_list(disks, DISKS_MAX);

    (void)state;
    for (unsigned i = 0; i < count; i++) {
        assert_null(strstr(disks[i].path, "loop"));
        assert_null(strstr(disks[i].path, "ram"));
        assert_true(disks[i].size > 0);
        assert_true(disks[i].sector_size >= 512);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_disk),
        cmocka_unit_test(the_only_disk_needs_no_rule),
        cmocka_unit_test(two_disks_and_no_rule),
        cmocka_unit_test(a_rule_that_both_match),
        cmocka_unit_test(each_member_decides),
        cmocka_unit_test(all_members_must_match),
        cmocka_unit_test(a_disk_for_each_rule),
        cmocka_unit_test(many_disks_do_not_overflow_the_message),
        cmocka_unit_test(this_computer_has_no_loop_devices_among_its_disks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
