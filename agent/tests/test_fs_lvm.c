/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A physical volume as the LVM2 tools write it, against the used-block map. The tools work without device mapper: the
 * volumes are described, restored as if from a backup, and filled at their places. Needs root and loop devices. */
#include "agent/fs/lvm_text.h"
#include "agent/kernel/loop.h"
#include "agent/system/system_linux.h"
#include "agent/system/system_volumes.h"

#include "agent/tests/kernel_fs.h"

#define EXTENT "4194304"

#define SEGMENT(n, start, count, place)                                                                                \
    "segment" n " {\\nstart_extent = " start "\\nextent_count = " count "\\ntype = \"striped\"\\nstripe_count = 1\\n"  \
    "stripes = [\"pv0\", " place "]\\n}\\n"
#define VOLUME(name, id, status, count, segments)                                                                      \
    name " {\\nid = \"" id "-IttU-T4Ml-vywF-G1yy-SPX0-adsJgJ\"\\nstatus = [\"READ\", \"WRITE\"" status "]\\n"          \
         "flags = []\\nsegment_count = " count "\\n" segments "}\\n"
#define VISIBLE ", \"VISIBLE\""

/* 15 extents of 4 MiB. root: ext4 of 32 MiB, in two pieces, the second half first. boot: FAT on extent 4. lost: no file
 * system, extent 5. old: ext4, the origin of a snapshot, extents 6 and 11. snap: the snapshot's store, extent 12. */
static const char *const volumes =
    VOLUME("root", "aaaaaa", VISIBLE, "2", SEGMENT("1", "0", "4", "7") SEGMENT("2", "4", "4", "0"))
        VOLUME("boot", "bbbbbb", VISIBLE, "1", SEGMENT("1", "0", "1", "4"))
            VOLUME("lost", "cccccc", VISIBLE, "1", SEGMENT("1", "0", "1", "5"))
                VOLUME("old", "dddddd", VISIBLE, "2", SEGMENT("1", "0", "1", "6") SEGMENT("2", "1", "1", "11"))
                    VOLUME("snap", "eeeeee", VISIBLE, "1", SEGMENT("1", "0", "1", "12"));
static const char *const snapshot =
    VOLUME("snapshot0", "ffffff", "", "1",
           "segment1 {\\nstart_extent = 0\\nextent_count = 2\\ntype = \"snapshot\"\\nchunk_size = 8\\n"
           "origin = \"old\"\\ncow_store = \"snap\"\\n}\\n");

#define PUT(file, skip, count, seek)                                                                                   \
    "dd if=" file " of=fs bs=" EXTENT " skip=" skip " count=" count " oflag=seek_bytes seek=$((1048576 + " seek        \
    " * " EXTENT ")) conv=notrunc status=none; "
#define GET(file, skip, count, seek)                                                                                   \
    "dd if=copy of=" file " bs=" EXTENT " iflag=skip_bytes skip=$((1048576 + " skip " * " EXTENT ")) count=" count     \
    " seek=" seek " conv=notrunc status=none; "

static void make_group(const char *described)
{
    run("rm -rf lvm; mkdir lvm; yes noise | head -c 63M > fs; dd if=/dev/zero of=fs bs=1M count=1 conv=notrunc "
        "status=none; printf '%s' > lvm/volumes; "
        "loop=$(losetup --show -f fs); export LVM_SYSTEM_DIR=$PWD/lvm LVM_SUPPRESS_FD_WARNINGS=1; "
        "printf 'devices {\\nuse_devicesfile=0\\nfilter=[\"a|^'$loop'$|\", \"r|.*|\"]\\n}\\n"
        "activation {\\nudev_sync=0\\nudev_rules=0\\n}\\n' > lvm/lvm.conf; "
        "printf 'contents = \"Text Format Volume Group\"\\nversion = 1\\nvg0 {\\nid = "
        "\"olQxtm-IttU-T4Ml-vywF-G1yy-SPX0-adsJgJ\"\\nseqno = 1\\nformat = \"lvm2\"\\nstatus = [\"RESIZEABLE\", "
        "\"READ\", "
        "\"WRITE\"]\\nflags = []\\nextent_size = 8192\\nmax_lv = 0\\nmax_pv = 0\\nmetadata_copies = 0\\n"
        "physical_volumes {\\npv0 {\\nid = \"3hBeNM-gKLD-naE8-5OWx-fty8-0eHE-cJwU2A\"\\ndevice = \"'$loop'\"\\n"
        "status = [\"ALLOCATABLE\"]\\nflags = []\\ndev_size = 129024\\npe_start = 2048\\npe_count = 15\\n}\\n}\\n"
        "logical_volumes {\\n' > lvm/group; cat lvm/volumes >> lvm/group; printf '}\\n}\\n' >> lvm/group; "
        "{ lvm pvcreate -y -f -u 3hBeNM-gKLD-naE8-5OWx-fty8-0eHE-cJwU2A --norestorefile $loop && "
        "lvm vgcfgrestore --force -f lvm/group vg0 && lvm lvs -a --noheadings -o lv_name vg0; } > lvm/log 2>&1 || "
        "{ cat lvm/log; losetup -d $loop; exit 1; }; losetup -d $loop; grep -q root lvm/log",
        described);
}

static void make_volumes(void)
{
    make_tree(60);
    run("rm -f root boot old; truncate -s 32M root; mkfs.ext4 -q -F -b 1024 -d tree root; truncate -s 4M boot; "
        "mkfs.vfat boot > log; mcopy -s -i boot tree/sub ::/; truncate -s 8M old; mkfs.ext4 -q -F -d tree/sub "
        "old; " PUT("root", "0", "4", "7") PUT("root", "4", "4", "0") PUT("boot", "0", "1", "4")
            PUT("old", "0", "1", "6") PUT("old", "1", "1", "11"));
}

static int make_physical_volume(void **state)
{
    char described[4096];

    if (scratch_setup(state))
        return -1;
    snprintf(described, sizeof(described), "%s%s", volumes, snapshot);
    make_group(described);
    make_volumes();
    return 0;
}

/* `copy` is what a deploy leaves of `fs`. */
static void check_copy(void)
{
    run("cmp -n 1048576 fs copy; cmp -i $((1048576 + 15 * " EXTENT ")) fs copy; " GET("root2", "7", "4", "0")
            GET("root2", "0", "4", "4") GET("boot2", "4", "1", "0") GET("old2", "6", "1", "0") GET(
                "old2", "11", "1",
                "1") "e2fsck -fn root2 > fsck.log 2>&1; rm -rf out; mkdir out; debugfs -R 'rdump / out' root2 2> log; "
                     "rm -rf out/lost+found; diff -r out tree; fsck.vfat -n boot2 > log; rm -rf out; mkdir out; mcopy "
                     "-s -i boot2 "
                     "::/sub out/; diff -r out/sub tree/sub; cmp old old2; "
                     "for e in 5 12; do cmp -n " EXTENT " -i $((1048576 + e * " EXTENT ")) fs copy; done; "
                     "for e in 13 14; do dd if=copy bs=" EXTENT " iflag=skip_bytes skip=$((1048576 + e * " EXTENT
                     ")) count=1 "
                     "status=none | tr -d '\\0' | cmp - /dev/null; done");
}

static void test_map(void **state)
{
    struct block_map m;

    (void)state;
    read_mapped("fs", "the physical volume", &m);
    assert_string_equal(m.fs_type, "LVM2_member");
    assert_string_equal(m.note, "LVM: all that is allocated to 3 of the logical volumes is taken");
    /* Four extents taken whole, the head, the tail behind the last extent, and some of root and boot. */
    assert_in_range(m.used, 4 * 4194304 + 3 * 1048576, 4 * 4194304 + 12 * 1048576);
    block_map_free(&m);
    copy_used("fs", "copy");
    check_copy();
}

static void test_image(void **state)
{
    (void)state;
    round_trip("8e00");
    check_copy();
}

/* The volumes as devices: one in two pieces, one in one, none of a snapshot's parts. A system on the first is found,
 * and what its fstab calls by a logical volume's name. */
static void test_nodes(void **state)
{
    static const char *const fstab = "/dev/mapper/vg0-boot /boot vfat defaults 0 2\n";
    struct system_partitions p = {
        .count = 1, .nodes = (const char *[1]){""}, .fs_types = (const char *[]){"LVM2_member"}};
    char path[24], folder[64];
    struct system_volumes v;
    struct system_list found;
    struct failure f;
    int fd, loop;

    (void)state;
    run("mkdir -p etc-tree/etc; echo 'PRETTY_NAME=\"On LVM\"' > etc-tree/etc/os-release; printf '%s' > "
        "etc-tree/etc/fstab; "
        "rm -f root; truncate -s 32M root; mkfs.ext4 -q -F -b 1024 -d etc-tree root; cp fs kept; " PUT(
            "root", "0", "4", "7") PUT("root", "4", "4", "0") "cp fs volumes; mv kept fs",
        fstab);
    fd = open(scratch_path("volumes"), O_RDWR);
    loop = loop_attach(fd, 0, 63 << 20, "volumes", path, sizeof(path));
    assert_true(loop >= 0);
    ((const char **)p.nodes)[0] = path;
    assert_int_equal(system_volumes_open(&v, &p, true, "identity", &f), 0);
    assert_int_equal(v.view.count, 4);
    assert_string_equal(v.view.volumes[1], "vg0/root");
    assert_string_equal(v.view.fs_types[1], "ext4");
    assert_string_equal(v.view.volumes[2], "vg0/boot");
    assert_string_equal(v.view.fs_types[2], "vfat");
    assert_string_equal(v.view.volumes[3], "vg0/lost");
    assert_int_equal(system_linux_partition("/dev/mapper/vg0-boot", &v.view, 0), 2);
    assert_int_equal(system_linux_partition("/dev/vg0/root", &v.view, 0), 1);
    assert_int_equal(system_linux_partition("/dev/vg0/old", &v.view, 0), -1);
    if (systems_find(&v.view, found.list, &found.count, &f))
        fail_msg("%s", f.message);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.list[0].name, "On LVM");
    assert_string_equal(found.list[0].volume, "vg0/root");
    assert_int_equal(found.list[0].partition, 1);
    if (system_mount(&found.list[0], &v.view, true, folder, &f))
        fail_msg("%s", f.message);
    run("head -c 9M /dev/urandom > new; cp new %s/new", folder);
    assert_int_equal(system_unmount(folder, &f), 0);
    if (system_volumes_close(&v, &f))
        fail_msg("%s", f.message);
    assert_int_equal(loop_detach(loop), 0);
    close(fd);
    run("cp volumes copy; rm -rf etc-tree; " GET("root2", "7", "4", "0") GET(
        "root2", "0", "4", "4") "e2fsck -fn root2 > log 2>&1; debugfs -R 'dump /new back' root2 2> log; cmp new back");
}

/* What the map must notice, and what it says then. */
static void test_doubts(void **state)
{
    (void)state;
    run("cp fs changed; " POKE("x", "560"));
    expect_doubt(fs_lvm_map, "changed", "the label's checksum is wrong");
    check_raw(POKE("x", "4200"), "the header of the metadata area is damaged");
    check_raw("at=$(grep -abo 'extent_size = 8192' changed | tail -n 1 | cut -d: -f1); printf 9 | dd of=changed bs=1 "
              "conv=notrunc status=none seek=$((at + 14))",
              "the checksum of the metadata is wrong");
    check_raw("truncate -s 50M changed", "");
}

/* Label, header of the metadata area, text; and the text that vgcfgrestore has replaced. */
static void test_flipped_bits(void **state)
{
    struct damage d;

    (void)state;
    damage_begin(&d, "fs", fs_lvm_map);
    flip_range(&d, 0, 1024, 13);
    flip_range(&d, 4096, 4608, 13);
    flip_range(&d, 4608, 4608 + 6144, 61);
    assert_in_range(d.noticed, d.flips / 4, d.flips - 1);
    truncate_everywhere(&d, 4194304);
    damage_end(&d);
}

static void test_one_volume(void **state)
{
    (void)state;
    run("cp fs fs.good");
    make_group(VOLUME("root", "aaaaaa", VISIBLE, "1", SEGMENT("1", "0", "4", "7")));
    expect_mapped("fs");
    run("mv fs.good fs");
}

/* While a volume moves it is made of pvmove0, which names extents of the physical volume. */
static void test_interrupted_move(void **state)
{
    (void)state;
    run("cp fs fs.good");
    make_group(VOLUME("root", "aaaaaa", VISIBLE ", \"LOCKED\"", "1",
                      "segment1 {\\nstart_extent = 0\\nextent_count = 4\\ntype = \"striped\"\\nstripe_count = 1\\n"
                      "stripes = [\"pvmove0\", 0]\\n}\\n")
                   VOLUME("pvmove0", "bbbbbb", ", \"PVMOVE\", \"LOCKED\"", "1",
                          "segment1 {\\nstart_extent = 0\\nextent_count = 4\\ntype = \"mirror\"\\nmirror_count = 2\\n"
                          "region_size = 2048\\nextents_moved = 0\\nmirrors = [\"pv0\", 7, \"pv0\", 11]\\n}\\n"));
    expect_doubt(fs_lvm_map, "fs", "LVM: volume root is being moved");
    expect_raw("fs", "LVM: volume root is being moved");
    run("mv fs.good fs");
}

static const struct lvm_node *parse(struct lvm_text *t, const char *text)
{
    const char *error = lvm_text_parse(text, strlen(text), t);

    if (error)
        fail_msg("%s: %s", text, error);
    return t->nodes;
}

static void test_text(void **state)
{
    struct lvm_text t;
    const struct lvm_node *root, *list;
    uint64_t number;

    (void)state;
    root =
        parse(&t, "# comment\nvg-0.x { a = 12 b = \"x\\\"y\" # c = 1\n l = [\"p\", 3,\n4] e = [] s { a = 7 } }\nz = 1");
    list = lvm_text_find(&t, root, "vg-0.x", LVM_SECTION);
    assert_true(lvm_text_number(&t, list, "a", 12, &number));
    assert_int_equal(number, 12);
    assert_false(lvm_text_number(&t, list, "a", 11, &number));
    assert_false(lvm_text_number(&t, list, "c", 11, &number));
    assert_true(lvm_text_is(lvm_text_find(&t, list, "b", LVM_STRING), "x\\\"y"));
    assert_null(lvm_text_child(&t, lvm_text_find(&t, list, "e", LVM_LIST)));
    list = lvm_text_child(&t, lvm_text_find(&t, list, "l", LVM_LIST));
    assert_true(lvm_text_is(list, "p"));
    list = lvm_text_next(&t, lvm_text_next(&t, list));
    assert_int_equal(list->number, 4);
    assert_null(lvm_text_next(&t, list));
    lvm_text_free(&t);
    parse(&t, "");
    lvm_text_free(&t);
}

static void test_bad_text(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"a", "neither a value nor a section"},
        {"a =", "neither a number nor a string"},
        {"a = \"b", "no end"},
        {"a = \"b\\", "no end"},
        {"a = [1, ", "neither a number"},
        {"a = [1 2]", "a list has no end"},
        {"a {", "a section has no end"},
        {"a { } }", "did not begin"},
        {"= 1", "a name is missing"},
        {"a = 99999999999999999999", "too large"},
        {"a = -1", "neither a number"},
        {"a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{", "too deeply"},
    };
    struct lvm_text t;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *error = lvm_text_parse(cases[i].text, strlen(cases[i].text), &t);
        if (!error || !strstr(error, cases[i].error))
            fail_msg("%s: %s", cases[i].text, error ? error : "no error");
        lvm_text_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_one_volume),
        cmocka_unit_test(test_interrupted_move),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_bad_text),
    };

    return cmocka_run_group_tests(tests, make_physical_volume, scratch_teardown);
}
