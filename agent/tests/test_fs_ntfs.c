/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"
#include "agent/base/le.h"

#include "agent/tests/fs_fixture.h"

static const struct {
    const char *name, *size, *options;
} variants[] = {
    {"clusters of 4 KiB", "64M", ""},
    {"clusters of 512 bytes", "20M", "-c 512"},
    {"clusters of 1 KiB", "24M", "-c 1024"},
    {"clusters of 8 KiB", "48M", "-c 8192"},
    {"clusters of 64 KiB", "96M", "-c 65536"},
    {"clusters of 256 KiB", "128M", "-c 262144"},
    {"clusters of 2 MiB", "512M", "-c 2097152"},
    {"sectors of 4096 bytes, records of 4 KiB", "64M", "-s 4096"},
    {"odd number of sectors", "51201K", ""},
    {"last cluster half there", "65533K", "-c 65536"},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* Runs commands with the volume `name` mounted at mnt. Waits for the file system's own process: it writes after umount.
 */
static void mounted(const char *name, const char *options, const char *commands)
{
    run("mkdir -p mnt; ntfs-3g -o no_detach%s %s mnt > mount.log 2>&1 & pid=$!; "
        "for i in $(seq 200); do mountpoint -q mnt && break; sleep 0.02; done; mountpoint -q mnt; "
        "set +e; (set -e; %s); result=$?; umount mnt; wait $pid; exit $result",
        options, name, commands);
}

static void make_fs(size_t v)
{
    run("rm -f fs; truncate -s %s fs; mkntfs -F -Q -q -L WINDOWS %s fs > log 2>&1", variants[v].size,
        variants[v].options);
    mounted("fs", "", v == 5 || v == 6 ? "mkdir mnt/tree; cp tree/file1*.txt mnt/tree" : "cp -r tree mnt/");
}

/* Holes, late files, a sparse file, a compressed one, a name in another stream, a file that lies in very many pieces.
 */
static void age_fs(void)
{
    mounted(
        "fs", ",streams_interface=windows",
        "for i in $(seq 2 3 100); do rm -f mnt/tree/file$i.txt; done; seq 90000 > mnt/late.txt; "
        "truncate -s 5M mnt/sparse; printf end >> mnt/sparse; mkdir mnt/packed; "
        "setfattr -h -v 0x00080000 -n system.ntfs_attrib mnt/packed; seq 30000 > mnt/packed/numbers; "
        "seq 5000 > mnt/late.txt:second; "
        "for i in $(seq 100); do head -c 4096 /dev/urandom >> mnt/pieces; head -c 4096 /dev/zero > mnt/gap$i; done; "
        "rm mnt/gap*[02468]");
}

/* What ntfsclone, which walks through all files by itself, saves: its image is a header, then runs of `0, u64 clusters
 * left out` and `1, a cluster`. */
static void compare_with_ntfsclone(const struct block_map *m)
{
    struct buffer b = {0};
    uint64_t clusters, at, lcn = 0, saved = 0, marked = 0;
    uint32_t cluster_size;

    run("rm -f image; ntfsclone -q -s -o image fs > clone.log 2>&1");
    assert_true(buffer_read_file(&b, scratch_path("image"), 128 << 20));
    assert_memory_equal(b.data + 1, "ntfsclone-image", 15);
    cluster_size = le32_read(b.data + 18);
    clusters = le64_read(b.data + 30);
    assert_int_equal(m->unit, cluster_size);
    assert_in_range(m->count, clusters, clusters + 1);
    for (at = le32_read(b.data + 46); at < b.size && lcn < clusters;) {
        if (b.data[at] == 0) {
            uint64_t gap = le64_read(b.data + at + 1);
            for (uint64_t i = 0; i < gap && lcn + i < clusters; i++)
                assert_false(fs_map_is_marked(m, lcn + i));
            lcn += gap;
            at += 9;
        } else {
            assert_int_equal(b.data[at], 1);
            assert_true(fs_map_is_marked(m, lcn));
            lcn++, saved++;
            at += 1 + cluster_size;
        }
    }
    for (uint64_t i = 0; i < clusters; i++)
        marked += fs_map_is_marked(m, i);
    assert_int_equal(marked, saved);
    free(b.data);
}

static void check_round_trip(void)
{
    copy_used("fs", "copy");
    run("ntfsfix -n copy > fix.log 2>&1; tail -c 512 fs | cmp - copy -i 0:$(($(stat -c %%s copy) - 512)); rm -rf o1 "
        "o2; "
        "mkdir o1 o2");
    mounted("fs", ",ro", "cp -r mnt/. o1/");
    mounted("copy", ",ro", "cp -r mnt/. o2/");
    run("diff -r o1 o2; [ -s o1/tree/file1.txt ]");
}

static void test_variants(void **state)
{
    struct block_map m;

    (void)state;
    make_tree(60);
    for (size_t v = 0; v < VARIANTS; v++) {
        print_message("  %s\n", variants[v].name);
        make_fs(v);
        if (v < 3 || v == 7)
            age_fs();
        read_mapped("fs", variants[v].name, &m);
        assert_string_equal(m.fs_type, "ntfs");
        assert_string_equal(m.fs_label, "WINDOWS");
        compare_with_ntfsclone(&m);
        block_map_free(&m);
        check_round_trip();
    }
}

/* On a full volume with holes $MFT grows in pieces, until its first record cannot place them all and lists others. */
static void test_fragmented_mft(void **state)
{
    struct block_map m;

    (void)state;
    run("rm -f fs; truncate -s 8M fs; mkntfs -F -Q -q -c 512 fs > log 2>&1");
    mounted("fs", "",
            "set +e; yes | head -c 8M | split -b 1000 -a 5 -d - mnt/f 2> "
            "full.log; "
            "rm mnt/f*[02468]; seq 1900 | sed 's/^/mnt\\/empty-with-a-long-name-that-fills-its-record-/' | xargs touch "
            "2>> full.log; "
            "set -e");
    run("ntfsinfo -i 0 -v fs | grep -q ATTRIBUTE_LIST; ntfsinfo -i 0 -v fs | grep -q 'MFT reference:.15 '");
    read_mapped("fs", "fs", &m);
    compare_with_ntfsclone(&m);
    block_map_free(&m);
}

/* The volume's own numbers, for tests that write into its metadata. Its $MFT starts in one piece. */
static struct volume {
    uint32_t cluster_size, record_size;
    uint64_t mft, mirror; /* bytes */
} volume;

static void read_volume(uint32_t cluster_size)
{
    uint8_t boot[512];
    FILE *f = fopen(scratch_path("fs"), "r");

    assert_non_null(f);
    assert_int_equal(fread(boot, 1, sizeof(boot), f), sizeof(boot));
    fclose(f);
    volume.cluster_size = cluster_size;
    volume.record_size = 1024;
    volume.mft = le64_read(boot + 48) * cluster_size;
    volume.mirror = le64_read(boot + 56) * cluster_size;
}

static void make_small_fs(void)
{
    run("rm -f fs; truncate -s 4M fs; mkntfs -F -Q -q fs > log 2>&1");
    mounted("fs", "", "mkdir mnt/tree; cp tree/file[12]*.txt mnt/tree; rm mnt/tree/file1[0-3].txt");
    read_volume(4096);
}

/* The byte offset in the volume of an attribute of this type in MFT record `number`. */
static uint64_t attribute(unsigned number, uint32_t type)
{
    uint64_t record = volume.mft + number * volume.record_size;
    uint8_t data[1024];
    uint32_t at;

    peek(record, data, sizeof(data));
    for (at = le16_read(data + 20); le32_read(data + at) != type; at += le32_read(data + at + 4))
        assert_true(at < 1000);
    return record + at;
}

/* Where the first run of an attribute starts, bytes. */
static uint64_t first_run(unsigned number, uint32_t type)
{
    uint8_t pairs[16];
    uint64_t lcn = 0;

    peek(attribute(number, type) + 64, pairs, sizeof(pairs));
    for (unsigned i = 0; i < pairs[0] >> 4; i++)
        lcn |= (uint64_t)pairs[1 + (pairs[0] & 15) + i] << 8 * i;
    return lcn * volume.cluster_size;
}

/* Record 3, $Volume, is one of those that the mirror has too. */
static void test_volume_flags(void **state)
{
    static const struct {
        uint8_t flags[2];
        bool raw;
        const char *note;
    } cases[] = {
        {{0x00, 0x00}, false, ""},
        {{0x01, 0x00}, true, "marked dirty"},
        {{0x00, 0x40}, true, "marked dirty"},
        {{0x00, 0x80}, false, ""}, /* chkdsk changed something once */
    };
    uint64_t at;

    (void)state;
    make_tree(60);
    make_small_fs();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run("cp fs changed");
        at = attribute(3, 0x70) + 24 + 10;
        poke(at, cases[i].flags, 2);
        if (cases[i].raw)
            check_map("the mirror is behind", true, "$MFTMirr does not repeat $MFT's record 3");
        poke(at - volume.mft + volume.mirror, cases[i].flags, 2);
        check_map("flags", cases[i].raw, cases[i].note);
    }
}

/* What Windows leaves in $LogFile: two restart pages of 4096 bytes, fixups at 30, the restart area at 48. */
static void make_restart_page(uint8_t *page, uint64_t lsn, unsigned major, unsigned client, unsigned flags)
{
    memset(page, 0, 4096);
    memcpy(page, "RSTR\x1e\x00\x09\x00", 8);
    page[17] = page[21] = 0x10;
    page[24] = 48;
    page[26] = major == 1;
    page[28] = (uint8_t)major;
    le64_write(page + 48, lsn);
    memset(page + 60, client == 0xffff ? 0xff : 0, 2);
    page[62] = (uint8_t)flags;
    page[30] = 7;
    for (unsigned i = 1; i <= 8; i++)
        page[i * 512 - 2] = 7;
}

static void test_log(void **state)
{
    static const struct {
        const char *name, *note;
        unsigned lsn[2], major, client[2], flags[2];
    } cases[] = {
        {"shut down", "", {500, 500}, 1, {0xffff, 0xffff}, {0, 0}},
        {"shut down, marked clean", "", {500, 500}, 1, {0, 0}, {2, 2}},
        {"first page is newer", "", {501, 500}, 1, {0xffff, 0}, {0, 0}},
        {"second page is newer", "not replayed", {500, 501}, 1, {0xffff, 0}, {0, 0}},
        {"power cut", "not replayed", {500, 500}, 1, {0, 0}, {0, 0}},
        {"fast startup", "fast startup or hibernation", {500, 500}, 2, {0xffff, 0xffff}, {2, 2}},
    };
    uint8_t pages[2 * 4096];
    uint64_t log;

    (void)state;
    make_tree(60);
    make_small_fs();
    run("cp fs changed");
    log = first_run(2, 0x80);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned p = 0; p < 2; p++)
            make_restart_page(pages + p * 4096, cases[i].lsn[p], cases[i].major, cases[i].client[p], cases[i].flags[p]);
        poke(log, pages, sizeof(pages));
        check_map(cases[i].name, cases[i].note[0] != 0, cases[i].note);
    }
    pages[4096 + 510] ^= 1;
    pages[4096 - 2] ^= 1;
    poke(log, pages, sizeof(pages));
    check_map("both pages torn", true, "no valid restart page");
    memset(pages, 0, sizeof(pages));
    poke(log, pages, sizeof(pages));
    check_map("zeros", true, "no valid restart page");
}

static void test_hibernated(void **state)
{
    (void)state;
    make_tree(60);
    make_small_fs();
    for (unsigned i = 0; i < 2; i++) {
        run("cp fs changed");
        mounted("changed", "",
                i ? "(printf HIBR; seq 5000) > mnt/HiberFil.Sys" : "(printf hibr; seq 5000) > mnt/hiberfil.sys");
        check_map("hibernated", true, "hibernated Windows");
        if (i == 0) /* ntfs-3g sees it too; not the other spelling */
            run("! ntfs-3g.probe --readwrite changed > log 2>&1; ntfs-3g.probe --readwrite fs");
    }
    run("cp fs changed");
    mounted("changed", "",
            "mkdir mnt/sub; (printf wake; seq 5000) > mnt/hiberfil.sys; printf hibr > mnt/sub/hiberfil.sys; "
            "(printf hibr; seq 5000) > mnt/hiberfil.sy; (printf hibr; seq 5000) > mnt/hiberfil_sys");
    check_map("awake", false, "");
    run("cp fs changed");
    mounted("changed", "", ": > mnt/hiberfil.sys");
    check_map("empty", false, "");
}

/* Record 6, $Bitmap, made resident, as volumes of a few clusters have it. */
static void test_resident_bitmap(void **state)
{
    struct block_map m;
    uint8_t bits[128], header[24] = {0x80}, rest[1024];
    uint64_t record, at;
    uint32_t length;

    (void)state;
    make_tree(60);
    make_small_fs();
    run("cp fs changed");
    record = volume.mft + 6 * volume.record_size;
    at = attribute(6, 0x80);
    peek(record, rest, sizeof(rest));
    length = le32_read(rest + (at - record) + 4);
    peek(first_run(6, 0x80), bits, sizeof(bits));
    header[4] = 24 + sizeof(bits);
    header[14] = rest[at - record + 14];
    header[16] = sizeof(bits);
    header[20] = 24;
    poke(at, header, sizeof(header));
    poke(at + 24, bits, sizeof(bits));
    poke(at + 24 + sizeof(bits), rest + (at - record) + length, 8);
    length = (uint32_t)(at - record) + 24 + sizeof(bits) + 8;
    poke(record + 24, (const uint8_t[]){(uint8_t)length, (uint8_t)(length >> 8)}, 2);
    assert_true(length < 510);
    read_mapped("changed", "changed", &m);
    for (uint64_t i = 0; i < 128 * 8 - 1; i++)
        assert_int_equal(fs_map_is_marked(&m, i), bits[i / 8] >> i % 8 & 1);
    block_map_free(&m);
}

/* The first cluster of 512 bytes of $Bitmap, of those between its first and its last, that has no bit set. */
static unsigned find_zero_cluster(uint64_t bitmap)
{
    static const uint8_t zeros[512];
    uint8_t bits[512];
    unsigned i;

    for (i = 1; peek(bitmap + i * 512, bits, sizeof(bits)), memcmp(bits, zeros, sizeof(bits)); i++)
        assert_in_range(i, 1, 5);
    return i;
}

/* $Bitmap with a hole where nothing is used: of its one run of 8 clusters the one at `hole` is left out. */
static void cut_bitmap(unsigned hole)
{
    uint8_t record[1024], *a, *p;
    uint64_t at = attribute(6, 0x80) - (volume.mft + 6 * 1024);
    unsigned lcn_size;

    peek(volume.mft + 6 * 1024, record, sizeof(record));
    a = record + at;
    lcn_size = a[64] >> 4;
    assert_int_equal(a[64] & 15, 1);
    assert_int_equal(a[65], 8);
    assert_int_equal(a[4], 72); /* there is no room for more runs yet */
    memmove(a + 80, a + 72, 8);
    memset(a + 72, 0, 8);
    a[4] = 80;
    a[65] = (uint8_t)hole;
    p = a + 66 + lcn_size;
    memcpy(p, (const uint8_t[]){0x01, 1, 0x11, (uint8_t)(7 - hole), (uint8_t)(hole + 1), 0}, 6);
    record[24] = (uint8_t)(at + 88);
    record[25] = (uint8_t)((at + 88) >> 8);
    assert_true(at + 88 < 510 && p + 6 <= a + 80);
    poke(volume.mft + 6 * 1024, record, sizeof(record));
}

static void test_sparse_bitmap(void **state)
{
    struct block_map before, after;
    uint8_t ones[512];
    uint64_t bitmap;
    unsigned hole;

    (void)state;
    run("rm -f fs; truncate -s 16M fs; mkntfs -F -Q -q -c 512 fs > log 2>&1; cp fs changed");
    read_volume(512);
    read_map("fs", &before);
    bitmap = first_run(6, 0x80);
    hole = find_zero_cluster(bitmap);
    cut_bitmap(hole);
    memset(ones, 0xff, sizeof(ones));
    poke(bitmap + hole * 512, ones, sizeof(ones)); /* is not read any more */
    read_mapped("changed", "changed", &after);
    assert_memory_equal(before.bits, after.bits, (size_t)before.count / 8);
    block_map_free(&before);
    block_map_free(&after);
}

/* A partition that is larger than its volume: the backup boot sector lies between the two ends. */
static void test_larger_partition(void **state)
{
    struct block_map m;
    uint64_t start, end;

    (void)state;
    make_tree(60);
    make_fs(8);
    run("truncate -s 60M fs");
    read_map("fs", &m);
    assert_false(m.raw);
    assert_true(block_map_next(&m, 51201 * 1024 - 512, 51201 * 1024, &start, &end));
    assert_int_equal(end - start, 512);
    assert_in_range(m.smallest, 1 << 20, 51201 * 1024);
    assert_false(block_map_next(&m, 51 << 20, 59 << 20, &start, &end));
    block_map_free(&m);
    copy_used("fs", "copy");
    run("cmp -n 512 fs copy -i $((51201 * 1024 - 512)); ntfsinfo -m copy > log");
    make_fs(9);
    read_map("fs", &m);
    assert_int_equal(m.tail, 65533 * 1024 % 65536);
    block_map_free(&m);
}

/* `smallest` is what ntfsresize may be asked for without moving a cluster. */
static void test_smallest(void **state)
{
    struct block_map m;

    (void)state;
    make_tree(60);
    make_fs(0);
    read_map("fs", &m);
    assert_in_range(m.smallest, 31 << 20, 64 << 20);
    run("cp fs changed; printf 'y\n' | ntfsresize -f -s %llu changed > resize.log 2>&1; "
        "grep -q Successfully resize.log; ! grep -q Relocating resize.log; truncate -s %llu changed",
        (unsigned long long)m.smallest, (unsigned long long)m.smallest);
    block_map_free(&m);
    check_map("resized", true, "marked dirty");
    run("ntfsfix -d changed > fix.log 2>&1");
    check_map("resized", false, "");
    run("mv changed fs");
    check_round_trip();
}

static void test_truncated(void **state)
{
    (void)state;
    make_tree(60);
    make_small_fs();
    run("cp fs changed");
    truncate_changed(4 << 20);
}

static void test_boot_sector(void **state)
{
    (void)state;
    make_tree(60);
    make_small_fs();
    run("cp fs changed; printf 'boot code' | dd of=changed bs=1 conv=notrunc seek=200 status=none; "
        "printf '\\077\\000\\010' | dd of=changed bs=1 conv=notrunc seek=28 status=none");
    check_map("moved by a tool", false, "");
    run("cp fs changed; printf x | dd of=changed bs=1 conv=notrunc seek=72 status=none");
    check_map("other serial number", true, "no equal backup");
    run("cp fs changed; dd if=/dev/zero of=changed bs=512 count=1 conv=notrunc seek=8191 status=none");
    check_map("no backup", true, "no equal backup");
}

/* Boot sectors, the files of NTFS itself, others, the mirror, and every bit of the bitmap's used part. */
static void test_flipped_bits_lose_nothing(void **state)
{
    struct damage d;
    uint64_t bitmap, before;

    (void)state;
    make_tree(60);
    make_small_fs();
    run("cp fs changed");
    bitmap = first_run(6, 0x80);
    damage_begin(&d, "changed", fs_ntfs_map);
    flip_range(&d, 0, 96, 1);
    flip_range(&d, volume.mft, volume.mft + 7 * 1024, 13);
    flip_range(&d, volume.mft + 7 * 1024, volume.mft + 97 * 1024, 197);
    flip_range(&d, volume.mirror, volume.mirror + 4096, 29);
    before = d.noticed;
    flip_range(&d, bitmap, bitmap + 128, 1);
    print_message("  %llu flips, %llu noticed\n", (unsigned long long)d.flips, (unsigned long long)d.noticed);
    assert_true(d.noticed > d.flips / 10);
    assert_true(d.noticed - before > 300); /* a used cluster that became free */
    damage_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),      cmocka_unit_test(test_fragmented_mft),
        cmocka_unit_test(test_volume_flags),  cmocka_unit_test(test_log),
        cmocka_unit_test(test_hibernated),    cmocka_unit_test(test_resident_bitmap),
        cmocka_unit_test(test_sparse_bitmap), cmocka_unit_test(test_larger_partition),
        cmocka_unit_test(test_smallest),      cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_boot_sector),   cmocka_unit_test(test_flipped_bits_lose_nothing),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
