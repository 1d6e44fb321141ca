/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Windows is on a volume; volumes and hives that mislead are a failure with a name. */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/system/windows_system.h"
#include "agent/windows/ntfs_files.h"
#include "agent/windows/windows_child.h"

#include "agent/tests/windows_fixture.h"

static struct system s;
static struct failure f;

static bool find(const char *name)
{
    bool found;

    memset(&s, 0, sizeof(s));
    if (windows_system_find(scratch_path(name), &s, &found, &f))
        fail_msg("%s", f.message);
    return found;
}

static void test_complete(void **state)
{
    (void)state;
    make_windows("complete", SYSTEM_HIVE, SOFTWARE_HIVE(COMPLETE));
    run("sha256sum complete > sum");
    assert_true(find("complete"));
    assert_int_equal(s.kind, SYSTEM_WINDOWS);
    assert_string_equal(s.name, "Windows 10 Pro");
    assert_string_equal(s.id, "windows");
    assert_string_equal(s.version, "10.0.19045");
    assert_string_equal(s.edition, "Professional");
    assert_string_equal(s.arch, "x86_64");
    assert_false(s.sysprepped);
    run("sha256sum --check --quiet sum");
}

static void test_sysprepped(void **state)
{
    (void)state;
    make_windows("sysprepped", SYSTEM_HIVE, SOFTWARE_HIVE(SYSPREPPED));
    assert_true(find("sysprepped"));
    assert_true(s.sysprepped);
    /* What the registry does not say, a file may: UTF-16 or not. */
    make_windows("file", SYSTEM_HIVE, SOFTWARE_HIVE(""));
    assert_true(find("file"));
    assert_false(s.sysprepped);
    with_ntfs("file", "mkdir -p mnt/WINDOWS/Setup/State; printf '[State]\\r\\nImageState="
                      "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE\\r\\n' > mnt/WINDOWS/Setup/State/State.ini");
    assert_true(find("file"));
    assert_true(s.sysprepped);
    with_ntfs("file",
              "(printf '\\377\\376'; printf '[State]\\r\\nImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_AUDIT\\r\\n' | "
              "iconv -t UTF-16LE) > mnt/WINDOWS/Setup/State/State.ini");
    assert_true(find("file"));
    assert_true(s.sysprepped);
    with_ntfs("file", "echo ImageState=IMAGE_STATE_COMPLETE > mnt/WINDOWS/Setup/State/State.ini");
    assert_true(find("file"));
    assert_false(s.sysprepped);
}

static void test_older_and_newer(void **state)
{
    (void)state;
    make_windows("eleven", SYSTEM_HIVE,
                 "[R\\Microsoft\\Windows NT\\CurrentVersion]\r\n\"ProductName\"=\"Windows 10 Pro\"\r\n"
                 "\"CurrentBuild\"=\"22631\"\r\n\"CurrentMajorVersionNumber\"=dword:0000000a\r\n"
                 "\"CurrentMinorVersionNumber\"=dword:00000000\r\n\r\n");
    assert_true(find("eleven"));
    assert_string_equal(s.name, "Windows 11 Pro");
    make_windows(
        "seven",
        "[R\\Select]\r\n\"Current\"=dword:00000001\r\n\r\n[R\\Setup]\r\n\"SystemSetupInProgress\"="
        "dword:00000001\r\n\"OOBEInProgress\"=dword:00000001\r\n\r\n",
        "[R\\Microsoft\\Windows NT\\CurrentVersion]\r\n\"ProductName\"=\"Windows 7\"\r\n\"CurrentBuild\"=\"7601\"\r\n"
        "\"CurrentVersion\"=\"6.1\"\r\n\r\n");
    assert_true(find("seven"));
    assert_string_equal(s.version, "6.1.7601");
    assert_string_equal(s.arch, "");
    assert_true(s.sysprepped);
}

static void test_data_volume(void **state)
{
    (void)state;
    run("truncate -s 8M data; mkntfs -F -Q -q data > log 2>&1");
    assert_false(find("data"));
    with_ntfs("data", "mkdir mnt/Windows");
    assert_false(find("data"));
}

static void expect_failure(const char *name, const char *message)
{
    bool found;

    if (windows_system_find(scratch_path(name), &s, &found, &f) != -1 || !strstr(f.message, message))
        fail_msg("%s (expected: %s)", f.message, message);
    assert_string_equal(f.reason, "identity");
}

static void test_damaged(void **state)
{
    (void)state;
    run("cp complete bad");
    with_ntfs("bad", "printf x | dd of=mnt/WINDOWS/system32/Config/SOFTWARE bs=1 seek=100 conv=notrunc status=none");
    expect_failure("bad", "SOFTWARE hive is damaged: its checksum is wrong");
    with_ntfs("bad", "cp SOFTWARE mnt/WINDOWS/system32/Config/; : > mnt/WINDOWS/system32/Config/SYSTEM");
    expect_failure("bad", "SYSTEM hive has 0 bytes");
    /* A junction: nobody is led elsewhere. */
    run("cp complete bad");
    with_ntfs("bad", "mv mnt/WINDOWS mnt/elsewhere; mkdir mnt/Windows; setfattr -n system.ntfs_reparse_data -v "
                     "0x030000a01a00000000000a000c0000005c003f003f005c0078000000000000000000 mnt/Windows");
    expect_failure("bad", "a link or junction");
    run("head -c 100000 /dev/urandom > bad");
    expect_failure("bad", "cannot open the NTFS volume");
}

static int crash(void *arg, void *result, struct failure *failure)
{
    (void)arg;
    (void)result;
    (void)failure;
    signal(SIGSEGV, SIG_DFL); /* cmocka's handler */
    kill(getpid(), SIGSEGV);
    return 0;
}

static int hang(void *arg, void *result, struct failure *failure)
{
    (void)arg;
    (void)result;
    (void)failure;
    pause();
    return 0;
}

static int eat(void *arg, void *result, struct failure *failure)
{
    void *p = mmap(NULL, (size_t)4 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)arg;
    *(bool *)result = p == MAP_FAILED;
    return (fail)(failure, "disk-error", "%s", p == MAP_FAILED ? "limited" : "there is no limit");
}

static void test_child(void **state)
{
    bool limited = false;

    (void)state;
    assert_int_equal(windows_child_run(crash, NULL, &limited, sizeof(limited), 20, &f), -1);
    assert_non_null(strstr(f.message, "signal 11"));
    assert_int_equal(windows_child_run(hang, NULL, &limited, sizeof(limited), 1, &f), -1);
    assert_non_null(strstr(f.message, "more than 1 s"));
    assert_int_equal(windows_child_run(eat, NULL, &limited, sizeof(limited), 20, &f), -1);
    assert_true(limited);
    assert_string_equal(f.message, "limited");
    assert_string_equal(f.reason, "identity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete),    cmocka_unit_test(test_sysprepped), cmocka_unit_test(test_older_and_newer),
        cmocka_unit_test(test_data_volume), cmocka_unit_test(test_damaged),    cmocka_unit_test(test_child),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
