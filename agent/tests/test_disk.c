/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice of a disk: by rule, never by luck. */
#include "agent/disk/disk.h"
#include "agent/disk/disk_name.h"
#include "agent/layout/partition_nodes.h"

#include "agent/tests/imaging_fixture.h"

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

/* One line of shell for each device: name, size in 512 bytes, then attributes. */
static void make_sysfs(void)
{
    run("add() { mkdir -p block/$1; echo $2 > block/$1/size; echo 0 > block/$1/ro; n=$1; shift 2; for a; do mkdir -p "
        "block/$n/$(dirname ${a%%%%=*}); printf '%%s\\n' \"${a#*=}\" > block/$n/${a%%%%=*}; done; }; rm -rf block usb; "
        "add vda 16777216 serial=pc-a; "
        "add sda 1000215216 'device/model=Samsung SSD 860 ' device/wwid=naa.5002538e40a1b2c3 "
        "queue/logical_block_size=512; "
        "printf '\\000\\200\\000\\020  S3Z8NB0K123456' > block/sda/device/vpd_pg80; "
        "add sdb 7814037168 'device/model=ST4000NM0035' device/wwid=naa.5000c500a1b2c3d4 "
        "queue/logical_block_size=4096; "
        "add nvme0n1 976773168 wwid=eui.0025385b71b00a6d 'device/model=Samsung SSD 970 EVO Plus' "
        "device/serial=S4EWNX0N; "
        "add nvme1n1 976773168 'eui=00 25 38 5b 71 b0 0a 6e' device/model=Old device/serial=S5; "
        "add mmcblk0 61071360 device/name=DG4032 device/serial=0x1a2b3c4d; add mmcblk0boot0 8192; add mmcblk0boot1 "
        "8192; "
        "add mmcblk0rpmb 8192; add nvme0c0n1 976773168; add loop0 100; add sr0 100; add dm-0 100; add md127 100; add "
        "zram0 100; "
        "add nbd0 100; add sdc 0; add sdd 100; echo 1 > block/sdd/ro; "
        "mkdir -p usb/1-1/1-1:1.0/host6/target/6:0:0:0; echo 0781 > usb/1-1/idVendor; echo 4C530001 > usb/1-1/serial; "
        "add sde 30031872; ln -s ../../usb/1-1/1-1:1.0/host6/target/6:0:0:0 block/sde/device; echo Ultra > "
        "block/sde/device/model");
}

static const struct disk *find(const struct disk *disks, unsigned count, const char *path)
{
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(disks[i].path, path))
            return &disks[i];
    fail_msg("%s is missing", path);
    return NULL;
}

static void every_bus_has_its_names(void **state)
{
    struct disk disks[DISKS_MAX];
    const struct disk *d;
    unsigned count;

    (void)state;
    make_sysfs();
    count = disk_list_in(scratch_path("block"), disks, DISKS_MAX);
    assert_int_equal(count, 7);
    d = find(disks, count, "/dev/vda");
    assert_string_equal(d->serial, "pc-a");
    assert_true(d->size == 8589934592);
    d = find(disks, count, "/dev/sda");
    assert_string_equal(d->serial, "S3Z8NB0K123456");
    assert_string_equal(d->model, "Samsung SSD 860");
    assert_string_equal(d->wwn, "naa.5002538e40a1b2c3");
    assert_int_equal(find(disks, count, "/dev/sdb")->sector_size, 4096);
    d = find(disks, count, "/dev/nvme0n1");
    assert_string_equal(d->serial, "S4EWNX0N");
    assert_string_equal(d->wwn, "eui.0025385b71b00a6d");
    assert_string_equal(find(disks, count, "/dev/nvme1n1")->wwn, "00 25 38 5b 71 b0 0a 6e");
    d = find(disks, count, "/dev/mmcblk0");
    assert_string_equal(d->model, "DG4032");
    assert_string_equal(d->serial, "0x1a2b3c4d");
    assert_string_equal(find(disks, count, "/dev/sde")->serial, "4C530001");
}

static void choose(const struct disk_rule *rule, const char *path)
{
    struct disk disks[DISKS_MAX];
    unsigned count = disk_list_in(scratch_path("block"), disks, DISKS_MAX);
    struct failure f;
    int which = disk_choose(disks, count, rule, &f);

    if (path)
        assert_string_equal(which < 0 ? f.message : disks[which].path, path);
    else
        assert_int_equal(which, -1);
}

static void each_spelling_finds_its_disk(void **state)
{
    static const struct {
        struct disk_rule rule;
        const char *path;
    } cases[] = {
        {{.serial = "pc-a"}, "/dev/vda"},
        {{.serial = "S3Z8NB0K123456"}, "/dev/sda"},
        {{.wwn = "naa.5002538e40a1b2c3"}, "/dev/sda"},
        {{.wwn = "0x5002538e40a1b2c3"}, "/dev/sda"},
        {{.wwn = "wwn-0x5002538E40A1B2C3"}, "/dev/sda"},
        {{.wwn = "5002-538e-40a1-b2c3"}, "/dev/sda"},
        {{.wwn = "0x5002538e40a1b2c"}, NULL},
        {{.wwn = "0x"}, NULL},
        {{.wwn = "eui.0025385b71b00a6e"}, "/dev/nvme1n1"},
        {{.wwn = "nvme-eui.0025385b71b00a6d"}, "/dev/nvme0n1"},
        {{.model = "Samsung SSD 970 EVO Plus"}, "/dev/nvme0n1"},
        {{.model = "Samsung SSD 9"}, NULL},
        {{.size = 8589934592}, "/dev/vda"},
        {{.size = 976773168ull * 512}, NULL},
        {{.path = "/dev/mmcblk0"}, "/dev/mmcblk0"},
        {{.path = "/dev/mmcblk0boot0"}, NULL},
        {{.path = "/dev/disk/by-id/ata-Samsung_SSD_860_EVO_500GB_S3Z8NB0K123456"}, "/dev/sda"},
        {{.path = "/dev/disk/by-id/ata-Samsung_SSD_860_EVO_500GB_XS3Z8NB0K123456"}, NULL},
        {{.path = "/dev/disk/by-id/ata-Samsung_SSD_860_EVO_500GB_S3Z8NB0K123456-part1"}, NULL},
        {{.path = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"}, "/dev/sdb"},
        {{.path = "/dev/disk/by-id/nvme-Samsung_SSD_970_EVO_Plus_S4EWNX0N"}, "/dev/nvme0n1"},
        {{.path = "/dev/disk/by-id/nvme-eui.0025385b71b00a6d"}, "/dev/nvme0n1"},
        {{.path = "/dev/disk/by-id/virtio-pc-a"}, "/dev/vda"},
        {{.path = "/dev/disk/by-id/virtio-pc"}, NULL},
        {{.path = "/dev/disk/by-id/mmc-DG4032_0x1a2b3c4d"}, "/dev/mmcblk0"},
        {{.path = "/dev/disk/by-id/", .serial = "pc-a"}, NULL},
        {{.path = "/dev/disk/by-id/virtio-pc-a", .serial = "S3Z8NB0K123456"}, NULL},
    };

    (void)state;
    make_sysfs();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        choose(&cases[i].rule, cases[i].path);
    choose(NULL, NULL);
    assert_false(disk_name_same_wwn("", ""));
}

static void partitions_have_the_kernels_names(void **state)
{
    static const struct {
        const char *disk, *node;
    } cases[] = {{"/dev/sda", "/dev/sda12"},
                 {"/dev/vdb", "/dev/vdb12"},
                 {"/dev/nvme0n1", "/dev/nvme0n1p12"},
                 {"/dev/mmcblk1", "/dev/mmcblk1p12"},
                 {"/dev/loop7", "/dev/loop7p12"}};
    char path[80];

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        partition_node_path(cases[i].disk, 12, path, sizeof(path));
        assert_string_equal(path, cases[i].node);
    }
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
        cmocka_unit_test(every_bus_has_its_names),
        cmocka_unit_test(each_spelling_finds_its_disk),
        cmocka_unit_test(partitions_have_the_kernels_names),
        cmocka_unit_test(this_computer_has_no_loop_devices_among_its_disks),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
