/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registry hives: what hivex wrote is read, what was written is read by hivex and chntpw; damage is noticed. */
#include "agent/windows/hive.h"
#include "agent/windows/hive_cell.h"
#include "agent/windows/utf16.h"

#include "agent/tests/hive_fixture.h"

static const char keys[] =
    "[R\\Select]\r\n\"Current\"=dword:00000002\r\n\"Default\"=dword:00000002\r\n\r\n"
    "[R\\ControlSet002\\Control\\ComputerName\\ComputerName]\r\n\"ComputerName\"=\"OLD\"\r\n\r\n"
    "[R\\ControlSet002\\Services\\Tcpip\\Parameters]\r\n\"Hostname\"=\"old-name-of-a-machine\"\r\n"
    "\"Domain\"=\"\"\r\n\"Some\"=hex(3):01,02\r\n\"Path\"=hex(2):61,00,e4,00,00,00\r\n\r\n"
    "[R\\ControlSet002\\Empty]\r\n\r\n";

static struct hive h;
static struct hive_file file;
static struct failure f;

static void open_hive(const char *name, bool writable)
{
    stdio_hive(name, &file);
    if (hive_open(&h, &file, "SYSTEM", writable, &f))
        fail_msg("%s", f.message);
}

static void close_hive(void)
{
    hive_close(&h);
    fclose(file.arg);
}

static hive_key find(const char *path)
{
    hive_key key = 0;

    assert_int_equal(hive_key_find(&h, path, &key, &f), 1);
    return key;
}

static void expect_text(hive_key key, const char *name, const char *expected)
{
    char text[64];

    assert_int_equal(hive_value_text(&h, key, name, text, sizeof(text), &f), 1);
    assert_string_equal(text, expected);
}

static void test_read(void **state)
{
    uint32_t number = 0;
    hive_key key;
    char text[8];

    (void)state;
    open_hive("SYSTEM", false);
    assert_int_equal(hive_value_number(&h, find("select"), "CURRENT", &number, &f), 1);
    assert_int_equal(number, 2);
    key = find("controlset002\\SERVICES\\Tcpip\\Parameters");
    expect_text(key, "hostname", "old-name-of-a-machine");
    expect_text(key, "Path", "a\xc3\xa4");
    expect_text(key, "Domain", "");
    assert_int_equal(hive_value_text(&h, key, "Hostname", text, sizeof(text), &f), 1);
    assert_string_equal(text, "old-nam");
    assert_int_equal(hive_value_text(&h, key, "Some", text, sizeof(text), &f), 0);
    assert_int_equal(hive_value_number(&h, key, "Hostname", &number, &f), 0);
    assert_int_equal(hive_value_text(&h, key, "Hostnam", text, sizeof(text), &f), 0);
    assert_int_equal(hive_key_find(&h, "ControlSet002\\Nothing", &key, &f), 0);
    assert_int_equal(hive_key_find(&h, "ControlSet002\\Empty\\Deeper", &key, &f), 0);
    close_hive();
}

/* Names as other programs read them, and all else as it was. */
static void test_write(void **state)
{
    hive_key key;

    (void)state;
    run("hivexregedit --export --prefix R SYSTEM '\\' > before.reg");
    for (unsigned round = 0; round < 2; round++) {
        open_hive("SYSTEM", true);
        key = find("ControlSet002\\Services\\Tcpip\\Parameters");
        assert_int_equal(hive_value_set_text(&h, key, "Hostname", "pc-b", &f), 0);
        assert_int_equal(hive_value_set_text(&h, key, "NV Hostname", "pc-b", &f), 0);
        key = find("ControlSet002\\Control\\ComputerName\\ComputerName");
        assert_int_equal(hive_value_set_text(&h, key, "ComputerName", "M\xc3\x9cNCHEN-\xf0\x9f\x98\x80-LONG", &f), 0);
        key = find("ControlSet002\\Empty");
        assert_int_equal(hive_value_set_text(&h, key, "New", "x", &f), 0);
        assert_int_equal(hive_commit(&h, &f), 0);
        expect_text(key, "new", "x");
        close_hive();
        run("if [ -f once ]; then cmp once SYSTEM; fi; cp SYSTEM once"); /* the second round finds nothing to do */
    }
    run("[ \"$(hivexget SYSTEM '\\ControlSet002\\Services\\Tcpip\\Parameters' 'NV Hostname')\" = pc-b ];"
        "[ \"$(hivexget SYSTEM '\\ControlSet002\\Services\\Tcpip\\Parameters' Hostname)\" = pc-b ];"
        "[ \"$(hivexget SYSTEM '\\ControlSet002\\Empty' New)\" = x ];"
        "[ \"$(hivexget SYSTEM '\\ControlSet002\\Control\\ComputerName\\ComputerName' ComputerName)\" = "
        "\"$(printf 'M\\303\\234NCHEN-\\360\\237\\230\\200-LONG')\" ]");
    run("hivexregedit --export --prefix R SYSTEM '\\' > after.reg; diff before.reg after.reg > differences || :; "
        "[ $(grep -c '^[<>]' differences) = 6 ]; grep -q '^> \"NV Hostname\"=str(1):\"pc-b\"\\|^> \"NV "
        "Hostname\"=hex(1)' differences");
    run("printf 'cd ControlSet002\\\\Services\\\\Tcpip\\\\Parameters\\ncat Hostname\\ncat NV Hostname\\nq\\n' | chntpw "
        "-e SYSTEM "
        "> chntpw.log; [ $(grep -cx 'pc-b' chntpw.log) = 2 ]");
}

/* Many values that do not fit where the old ones are: lists and bins grow. */
static void test_grow(void **state)
{
    char name[16], text[128];
    hive_key key;

    (void)state;
    make_hive("grow", keys);
    open_hive("grow", true);
    key = find("ControlSet002\\Empty");
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "v%u", i);
        snprintf(text, sizeof(text), "%0*u", (int)(i + 1), i);
        assert_int_equal(hive_value_set_text(&h, key, name, text, &f), 0);
    }
    assert_int_equal(hive_commit(&h, &f), 0);
    close_hive();
    run("for i in $(seq 0 99); do [ \"$(hivexget grow '\\ControlSet002\\Empty' v$i)\" = \"$(printf \"%%0$((i + 1))d\" "
        "$i)\" ]; "
        "done");
    open_hive("grow", true);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    key = find("ControlSet002\\Empty");
    for (unsigned i = 0;
         i < 1000 && hive_value_set_text(&h, key, (snprintf(name, sizeof(name), "w%u", i), name), text, &f) == 0; i++)
        ;
    assert_non_null(strstr(f.message, "grow too much"));
    close_hive();
}

/* Two lists of subkeys in a list, as large keys have them, and names in UTF-16: what Windows writes and hivex does not.
 */
static void test_other_forms(void **state)
{
    uint32_t value, list, lists;
    uint8_t *p, *v;
    size_t size;
    hive_key key;

    (void)state;
    make_hive("forms", keys);
    open_hive("forms", true);
    p = hive_cell(&h, h.root, HIVE_KEY_NAME, &size, &f);
    assert_non_null(p);
    assert_int_equal(le32_read(p + HIVE_KEY_SUBKEYS), 2);
    list = le32_read(p + HIVE_KEY_SUBKEY_LIST);
    lists = hive_cell_new(&h, 12, &f);
    le32_write(p + HIVE_KEY_SUBKEY_LIST, lists);
    v = hive_cell(&h, list, 20, &size, &f);
    assert_non_null(v);
    key = le32_read(v + 12);
    le16_write(v + 2, 1); /* the second one moves to a list without hashes */
    memcpy(hive_cell(&h, lists, 12, &size, &f), "ri\2\0", 4);
    le32_write(hive_cell(&h, lists, 12, &size, &f) + 4, list);
    list = hive_cell_new(&h, 8, &f);
    memcpy(hive_cell(&h, list, 8, &size, &f), "li\1\0", 4);
    le32_write(hive_cell(&h, list, 8, &size, &f) + 4, key);
    le32_write(hive_cell(&h, lists, 12, &size, &f) + 8, list);
    find("Select");
    key = find("ControlSet002\\Services\\Tcpip\\Parameters");
    assert_int_equal(hive_value_find(&h, key, "Path", &value, &f), 1);
    v = hive_cell(&h, value, HIVE_VALUE_NAME + 8, &size, &f);
    if (!v) {
        list = hive_cell_new(&h, HIVE_VALUE_NAME + 8, &f);
        v = hive_cell(&h, list, HIVE_VALUE_NAME + 8, &size, &f);
        memcpy(v, hive_cell(&h, value, HIVE_VALUE_NAME, &size, &f), HIVE_VALUE_NAME);
        p = hive_cell(&h, key, HIVE_KEY_NAME, &size, &f);
        p = hive_cell(&h, le32_read(p + HIVE_KEY_VALUE_LIST), 4, &size, &f);
        for (; le32_read(p) != value; p += 4)
            ;
        le32_write(p, list);
    }
    le16_write(v + HIVE_VALUE_NAME_LENGTH, 8);
    le16_write(v + HIVE_VALUE_FLAGS, 0);
    memcpy(v + HIVE_VALUE_NAME, "P\0a\0t\0h", 8);
    expect_text(key, "path", "a\xc3\xa4");
    assert_int_equal(hive_value_text(&h, key, "Pat", (char[8]){0}, 8, &f), 0);
    close_hive();
}

/* Four bytes are kept where a longer value's offset would be. */
static void test_short_text(void **state)
{
    static const char *const texts[] = {"x", "longer", "y", ""};
    hive_key key;

    (void)state;
    make_hive("short", keys);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        open_hive("short", true);
        key = find("ControlSet002\\Services\\Tcpip\\Parameters");
        assert_int_equal(hive_value_set_text(&h, key, "Hostname", texts[i], &f), 0);
        assert_int_equal(hive_value_set_text(&h, key, "Hostname", texts[i], &f), 0);
        assert_int_equal(hive_commit(&h, &f), 0);
        expect_text(key, "Hostname", texts[i]);
        close_hive();
        run("[ \"$(hivexget short '\\ControlSet002\\Services\\Tcpip\\Parameters' Hostname)\" = '%s' ]", texts[i]);
    }
}

static void expect_refused(bool writable, const char *message)
{
    stdio_hive("bad", &file);
    assert_int_equal(hive_open(&h, &file, "SYSTEM", writable, &f), -1);
    if (!strstr(f.message, message))
        fail_msg("%s (expected: %s)", f.message, message);
    close_hive();
}

static void change_header(unsigned at, uint32_t value)
{
    uint8_t header[512];
    FILE *s;

    run("cp SYSTEM bad");
    s = fopen(scratch_path("bad"), "r+");
    assert_int_equal(fread(header, 1, sizeof(header), s), sizeof(header));
    le32_write(header + at, value);
    seal_hive(header);
    rewind(s);
    assert_int_equal(fwrite(header, 1, sizeof(header), s), sizeof(header));
    fclose(s);
}

static void test_refused(void **state)
{
    (void)state;
    change_header(4, 12345);
    expect_refused(true, "was not written out completely");
    stdio_hive("bad", &file);
    assert_int_equal(hive_open(&h, &file, "SYSTEM", false, &f), 0);
    close_hive();
    change_header(24, 7);
    expect_refused(false, "unknown version 1.7");
    change_header(40, 1 << 20);
    expect_refused(false, "shorter than it says");
    change_header(0, 1);
    expect_refused(false, "signature");
    run("cp SYSTEM bad; printf x | dd of=bad bs=1 seek=100 conv=notrunc status=none");
    expect_refused(false, "checksum");
    run("head -c 4095 SYSTEM > bad");
    expect_refused(false, "has 4095 bytes");
}

/* Reads and writes what it can of a damaged hive. */
static void use(void)
{
    hive_key key;
    char text[64];
    uint32_t number;

    if (hive_key_find(&h, "Select", &key, &f) > 0)
        hive_value_number(&h, key, "Current", &number, &f);
    if (hive_key_find(&h, "ControlSet002\\Services\\Tcpip\\Parameters", &key, &f) > 0) {
        hive_value_text(&h, key, "Path", text, sizeof(text), &f);
        hive_value_set_text(&h, key, "Hostname", "a-much-longer-name-than-before-was-there", &f);
        hive_value_set_text(&h, key, "Added", "b", &f);
    }
}

/* Each bit of the bins, one after the other: no access outside of the hive (AddressSanitizer), no endless walk. */
static void test_damage(void **state)
{
    struct hive_file damaged;
    uint8_t *bytes;

    (void)state;
    stdio_hive("SYSTEM", &file);
    bytes = malloc(file.size);
    assert_non_null(bytes);
    assert_true(stdio_read(file.arg, 0, bytes, file.size));
    run("cp SYSTEM bad");
    stdio_hive("bad", &damaged);
    for (size_t bit = 4096 * 8; bit < 8 * 8192; bit++) {
        uint8_t byte = bytes[bit / 8] ^ (uint8_t)(1 << bit % 8);
        assert_true(stdio_write(damaged.arg, bit / 8, &byte, 1));
        assert_int_equal(hive_open(&h, &damaged, "SYSTEM", true, &f), 0);
        use();
        hive_close(&h);
        assert_true(stdio_write(damaged.arg, bit / 8, &bytes[bit / 8], 1));
    }
    fclose(damaged.arg);
    fclose(file.arg);
    free(bytes);
}

static void test_utf16(void **state)
{
    static const char *const bad[] = {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"};
    uint8_t bytes[16];
    char text[8];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(utf16_encode(bad[i], bytes, sizeof(bytes)), -1);
    assert_int_equal(utf16_encode("12345678", bytes, sizeof(bytes)), 16);
    assert_int_equal(utf16_encode("123456789", bytes, sizeof(bytes)), -1);
    assert_int_equal(utf16_encode("\xf0\x9f\x98\x80", bytes, sizeof(bytes)), 4);
    utf16_decode(bytes, 4, text, sizeof(text));
    assert_string_equal(text, "\xf0\x9f\x98\x80");
    utf16_decode(bytes, 3, text, sizeof(text)); /* half a pair, then half a unit */
    assert_string_equal(text, "?");
    utf16_decode(bytes, 4, text, 4);
    assert_string_equal(text, "");
}

static int make_system(void **state)
{
    if (scratch_setup(state))
        return -1;
    make_hive("SYSTEM", keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),        cmocka_unit_test(test_write),      cmocka_unit_test(test_grow),
        cmocka_unit_test(test_other_forms), cmocka_unit_test(test_short_text), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damage),      cmocka_unit_test(test_utf16),
    };

    return cmocka_run_group_tests(tests, make_system, scratch_teardown);
}
