/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tests/fs_fixture.h"

#define MIB (1024 * 1024)

static const unsigned page_sizes[] = {4096, 8192, 16384, 32768, 65536};

static void make_swap(unsigned page_size)
{
    run("head -c 8M /dev/urandom > fs; mkswap -p %u -L memory -U 2f6c5f1e-8f2c-4a94-9c39-0c1d6a3b7a55 fs > log 2>&1",
        page_size);
}

static void test_header_alone_is_used(void **state)
{
    struct block_map m;

    (void)state;
    for (size_t i = 0; i < sizeof(page_sizes) / sizeof(page_sizes[0]); i++) {
        print_message("  pages of %u bytes\n", page_sizes[i]);
        make_swap(page_sizes[i]);
        read_mapped("fs", "fs", &m);
        assert_string_equal(m.fs_type, "swap");
        assert_string_equal(m.fs_label, "memory");
        assert_string_equal(m.fs_uuid, "2f6c5f1e-8f2c-4a94-9c39-0c1d6a3b7a55");
        assert_int_equal(m.used, page_sizes[i]);
        assert_int_equal(m.smallest, 8 * MIB);
        block_map_free(&m);
        copy_used("fs", "copy");
        run("cmp -n %u fs copy; tail -c +%u copy | cmp -n %u - /dev/zero; [ \"$(blkid -p fs | cut -d: -f2)\" = "
            "\"$(blkid -p copy | cut -d: -f2)\" ]",
            page_sizes[i], page_sizes[i] + 1, 8 * MIB - page_sizes[i]);
    }
}

static void test_hibernated(void **state)
{
    (void)state;
    make_swap(4096);
    check_raw(POKE("S1SUSPEND\\000", "4086"), "hibernated system");
    check_raw(POKE("S2SUSPEND\\000", "4086"), "hibernated system");
    check_raw(POKE("ULSUSPEND\\000", "4086"), "hibernated system");
    check_raw(POKE("LINHIB0001", "4086"), "hibernated system");
    make_swap(65536);
    check_raw(POKE("S1SUSPEND\\000", "65526"), "hibernated system");
}

/* Calls the reader itself: libblkid refuses some of these on its own. */
static void check_doubt(const char *change, const char *note)
{
    struct failure f;
    struct disk_io d;
    struct block_map m = {0};
    struct fs_source s = {.disk = &d, .map = &m};

    run("cp fs changed; %s", change);
    assert_int_equal(disk_io_open(&d, scratch_path("changed"), DISK_IO_READ, &f), 0);
    s.size = m.size = d.size;
    assert_int_equal(fs_swap_map(&s), -1);
    if (!strstr(m.note, note))
        fail_msg("after \"%s\": \"%s\"", change, m.note);
    assert_null(m.bits);
    disk_io_close(&d);
}

static void test_doubts(void **state)
{
    (void)state;
    make_swap(4096);
    check_doubt(POKE("SWAP-SPACE", "4086"), "no signature of version 1");
    check_doubt(POKE("SWAPSPACE2", "16374"), "signatures for pages of 4096 and of 16384 bytes");
    check_doubt(POKE("\\000\\000\\000\\001", "1024"), "other byte order");
    check_doubt(POKE("\\000\\000\\000\\000", "1028"), "its last page is 0");
    check_doubt(POKE("\\377\\377\\377\\377", "1028"), "its last page is 4294967295");
    check_doubt("truncate -s 7M changed", "its last page is 2047, its partition has 1792");
    check_doubt("truncate -s 4095 changed", "no signature");
    check_doubt("truncate -s 0 changed", "no signature");
}

static void test_encrypted(void **state)
{
    (void)state;
    run("truncate -s 0 fs; truncate -s 32M fs; printf secret > key; "
        "cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 fs key");
    check_raw(":", "LUKS: the volume is encrypted");
    run("rm fs; truncate -s 4M fs; "
        "cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 fs key");
    check_raw(":", "LUKS: the volume is encrypted");
    /* No program here makes BitLocker volumes: the parts of its boot sector that identify one, as Windows 7 and later
     * write them: signature, the GUID 4967D63B-2E29-4AD8-8399-F6A339E3D001, and the offset of the first metadata block,
     * which repeats the signature and has version 2. */
    run("rm fs; truncate -s 4M fs; printf '\\353\\130\\220-FVE-FS-' | dd of=fs conv=notrunc status=none; "
        "printf '\\073\\326\\147\\111\\051\\056\\330\\112\\203\\231\\366\\243\\071\\343\\320\\001' | "
        "dd of=fs bs=1 seek=160 conv=notrunc status=none; printf '\\000\\000\\020\\000\\000\\000\\000\\000' | "
        "dd of=fs bs=1 seek=176 conv=notrunc status=none; printf -- '-FVE-FS-\\000\\000\\002\\000' | "
        "dd of=fs bs=1 seek=1048576 conv=notrunc status=none");
    check_raw(":", "BitLocker: the volume is encrypted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_alone_is_used),
        cmocka_unit_test(test_hibernated),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_encrypted),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
