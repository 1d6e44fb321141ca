/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity on an NTFS volume with Windows' folders and hives of real format: each thing where Windows looks for it, all
 * else as it was, and nothing at all on a volume that is not to be written. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/identity/windows_identity.h"
#include "agent/windows/ntfs_library.h"

#include "agent/tests/windows_fixture.h"

/* Reparse points: a symbolic link to the file "x", a junction to the folder "x" of the volume. */
#define SYMLINK "0x0c0000a01000000000000200020002000100000078007800"
#define JUNCTION "0x030000a01a00000000000a000c0000005c003f003f005c0078000000000000000000"

static struct failure f;

static const char identity[] =
    "{\"host_name\":\"pc-b\",\"time_zone\":\"Europe/Berlin\",\"first_boot\":\"echo %PATH% > C:\\\\x.txt & reg add "
    "\\\"HKLM\\\\a "
    "b\\\" "
    "/f\",\"aclient\":true,\"fields\":{\"asset\":\"1234\"},\"users\":[{\"name\":\"anna\",\"password\":\"ge&heim\"}],"
    "\"networks\":[{\"dhcp4\":false,\"addresses\":[\"192.0.2.5/"
    "24\"],\"gateways\":[\"192.0.2.1\"],\"dns\":[\"192.0.2.1\"]}]}";

/* What the volume `name` holds; the caller may change it. */
static void find(const char *name, struct system *ret)
{
    bool found;

    memset(ret, 0, sizeof(*ret));
    if (windows_system_find(scratch_path(name), ret, &found, &f) || !found)
        fail_msg("%s", f.message);
    snprintf(ret->node, sizeof(ret->node), "%s", scratch_path(name));
}

static int write_identity(const char *name, const char *json)
{
    json_t *object = json_loads(json, 0, NULL);
    struct identity_data data;
    struct identity id = {.data = &data,
                          .machine = "machine-b",
                          .image = "windows",
                          .server = "http://10.77.0.2:8077",
                          .boot_mac = "52:54:00:ab:cd:ef",
                          .job = 7};
    struct system s;
    int result;

    assert_non_null(object);
    assert_int_equal(identity_data_parse(object, &data, &f), 0);
    find(name, &s);
    result = windows_identity_write(&id, &s, &f);
    identity_data_release(&data);
    json_decref(object);
    return result;
}

static void write_ok(const char *name, const char *json)
{
    if (write_identity(name, json))
        fail_msg("%s", f.message);
}

/* Hashes of all files, by their names on the volume. */
#define HASHES(file) "(cd mnt; find . -type f | sort | xargs -d '\\n' sha256sum) > " file
/* Files that have changed, come or gone, a line each: their names. */
#define CHANGES "sort before after | uniq -u | sed 's/^[0-9a-f]*  .\\///' | sort -u > changes"

static void expect_changes(const char *names)
{
    run("printf '"
        "%s"
        "' | sort > expected; diff expected changes",
        names);
}

#define HIVE(what) "[ \"$(hivexget SYSTEM-after '\\ControlSet00" what ")\" = "

/* Not generalised: names in the registry, in the control set that counts. */
static void test_registry(void **state)
{
    (void)state;
    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(COMPLETE));
    with_ntfs("volume", HASHES("before"));
    write_ok("volume", identity);
    with_ntfs("volume", HASHES("after") "; cp mnt/WINDOWS/system32/Config/SYSTEM SYSTEM-after; cp mnt/slipway.cfg cfg; "
                                        "cp mnt/AClient.cfg aclient");
    run(CHANGES);
    expect_changes("AClient.cfg\\nslipway.cfg\\nWINDOWS/system32/Config/SYSTEM\\n");
    run(HIVE("2\\Services\\Tcpip\\Parameters' Hostname") "pc-b ];" HIVE("2\\Services\\Tcpip\\Parameters' 'NV Hostname'") "pc-b ];" HIVE("2\\Control\\ComputerName\\ComputerName' ComputerName") "PC-B ];" HIVE(
        "2\\Control\\ComputerName\\ActiveComputerName' ComputerName") "SOURCE ];" HIVE("1\\Services\\Tcpip\\Parameters'"
                                                                                       " Hostname") "first ];" HIVE("1"
                                                                                                                    "\\"
                                                                                                                    "Co"
                                                                                                                    "nt"
                                                                                                                    "ro"
                                                                                                                    "l"
                                                                                                                    "\\"
                                                                                                                    "Co"
                                                                                                                    "mp"
                                                                                                                    "ut"
                                                                                                                    "er"
                                                                                                                    "Na"
                                                                                                                    "me"
                                                                                                                    "\\"
                                                                                                                    "Co"
                                                                                                                    "mp"
                                                                                                                    "ut"
                                                                                                                    "er"
                                                                                                                    "Na"
                                                                                                                    "me"
                                                                                                                    "' "
                                                                                                                    "Co"
                                                                                                                    "mp"
                                                                                                                    "ut"
                                                                                                                    "er"
                                                                                                                    "Na"
                                                                                                                    "m"
                                                                                                                    "e") "FIRST ]");
    run("printf 'cd ControlSet002\\\\Control\\\\ComputerName\\\\ComputerName\\ncat ComputerName\\nq\\n' | chntpw -e "
        "SYSTEM-after > "
        "chntpw.log; grep -qx PC-B chntpw.log; hivexregedit --export --prefix R SYSTEM '\\' > 1.reg; hivexregedit "
        "--export "
        "--prefix R SYSTEM-after '\\' > 2.reg; diff 1.reg 2.reg > differences || :; [ $(grep -c '^>' differences) = 3 "
        "]");
    run("grep -qx 'machine=machine-b\r' cfg; grep -qx 'host_name=pc-b\r' cfg; grep -qx 'asset=1234\r' cfg; "
        "grep -q 'Name=machine-b' aclient; ! grep -qv '\r$' cfg");
    /* Once more: nothing changes. */
    write_ok("volume", identity);
    with_ntfs("volume", HASHES("before"));
    run("cmp before after; ntfsfix -n volume > fix.log 2>&1; ! ntfsinfo -f -m volume | grep -q 'Volume Flags.*DIRTY'");
}

/* Generalised: the answer file and the script, and the hives left alone. */
static void test_answer(void **state)
{
    (void)state;
    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(SYSPREPPED));
    with_ntfs("volume", HASHES("before"));
    write_ok("volume", identity);
    with_ntfs("volume",
              HASHES("after") "; cp mnt/WINDOWS/Panther/unattend.xml answer; cp mnt/WINDOWS/Setup/Scripts/* .; "
                              "getfattr -e hex -n system.ntfs_acl mnt/WINDOWS/Panther/unattend.xml > acl; getfattr "
                              "-e hex -n system.ntfs_acl mnt/slipway.cfg > acl2");
    run(CHANGES);
    expect_changes(
        "AClient.cfg\\nslipway.cfg\\nWINDOWS/Panther/unattend.xml\\nWINDOWS/Setup/Scripts/SetupComplete.cmd\\n"
        "WINDOWS/Setup/Scripts/slipway-first-boot.cmd\\n");
    run("\"$OLDPWD\"/agent/tests/unattend_reference.py answer amd64 > values; grep -q ComputerName=pc-b values; grep "
        "-q "
        "'Value=ge&heim' values; grep -q Identifier=52-54-00-AB-CD-EF values");
    run("printf '@if exist \"%%%%~dp0slipway-first-boot.cmd\" call \"%%%%~dp0slipway-first-boot.cmd\"\\r\\n' | cmp - "
        "SetupComplete.cmd; printf '@echo off\\r\\nchcp 65001 >nul\\r\\ndel \"%%%%~f0\" & echo %%%%PATH%%%% > "
        "C:\\\\x.txt & reg "
        "add \"HKLM\\\\a b\" /f\\r\\n' | cmp - slipway-first-boot.cmd");
    run("grep -q 0x01000490 acl; ! cmp -s acl acl2; ! grep -q 0101000000000001 acl"); /* everybody has no part in it */
    write_ok("volume", identity);
    with_ntfs("volume", HASHES("before"));
    run("cmp before after");
    /* Without a command the next time. */
    write_ok("volume", "{\"host_name\":\"pc-c\"}");
    with_ntfs("volume", "! [ -e mnt/WINDOWS/Setup/Scripts/slipway-first-boot.cmd ]; grep -q pc-c "
                        "mnt/WINDOWS/Panther/unattend.xml; ! grep -q heim mnt/WINDOWS/Panther/unattend.xml");
}

/* The image's own answer files and script: none is taken before ours. */
static void test_others(void **state)
{
    FILE *told = fopen(scratch_path("console"), "w+");
    char text[4096] = "";

    (void)state;
    assert_non_null(told);
    console_add(fileno(told));
    make_windows("volume", SYSTEM_HIVE "[R\\Setup]\r\n\"UnattendFile\"=\"C:\\\\elsewhere.xml\"\r\n\r\n",
                 SOFTWARE_HIVE(SYSPREPPED));
    with_ntfs("volume",
              "mkdir -p mnt/WINDOWS/Panther/unattend mnt/WINDOWS/Setup/Scripts; echo old > "
              "mnt/WINDOWS/Panther/unattend/Unattend.xml; echo old > mnt/WINDOWS/Panther/autounattend.xml; printf "
              "'echo mine\\r\\nexit\\r\\n' > mnt/WINDOWS/Setup/Scripts/setupcomplete.cmd; " HASHES("before"));
    write_ok("volume", identity);
    write_ok("volume", identity);
    with_ntfs("volume", HASHES("after") "; cp mnt/WINDOWS/system32/Config/SYSTEM SYSTEM-after; cp "
                                        "mnt/WINDOWS/Setup/Scripts/setupcomplete.cmd script");
    run(CHANGES);
    expect_changes("AClient.cfg\\nslipway.cfg\\nWINDOWS/Panther/autounattend.xml\\nWINDOWS/Panther/unattend.xml\\n"
                   "WINDOWS/Panther/unattend/Unattend.xml\\nWINDOWS/Setup/Scripts/setupcomplete.cmd\\n"
                   "WINDOWS/Setup/Scripts/slipway-first-boot.cmd\\nWINDOWS/system32/Config/SYSTEM\\n");
    run("[ \"$(hivexget SYSTEM-after '\\Setup' UnattendFile)\" = 'C:\\Windows\\Panther\\unattend.xml' ]; [ $(wc -l < "
        "script) = 3 "
        "]; head -n 1 script | grep -q slipway-first-boot; tail -n 2 script | head -n 1 | grep -q 'echo mine'");
    rewind(told);
    assert_true(fread(text, 1, sizeof(text) - 1, told) > 0);
    assert_non_null(strstr(text, "3 answer files"));
}

/* Links of the image, to files and to folders: the file is replaced, the folder refused, nothing behind them changes.
 */
static void test_links(void **state)
{
    (void)state;
    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(SYSPREPPED));
    with_ntfs("volume", "cd mnt; echo victim > WINDOWS/Panther/x; "
                        "setfattr -n system.ntfs_reparse_data -v " SYMLINK " WINDOWS/Panther/unattend.xml");
    write_ok("volume", identity);
    with_ntfs("volume", "grep -qx victim mnt/WINDOWS/Panther/x; grep -q pc-b mnt/WINDOWS/Panther/unattend.xml; "
                        "! getfattr -n system.ntfs_reparse_data mnt/WINDOWS/Panther/unattend.xml 2> log");
    with_ntfs("volume",
              "cd mnt/WINDOWS; rm -r Panther; mkdir Panther; setfattr -n system.ntfs_reparse_data -v " JUNCTION
              " Panther");
    assert_int_equal(write_identity("volume", identity), -1);
    assert_non_null(strstr(f.message, "Panther/unattend.xml of the NTFS volume: a link or junction"));
}

static void test_names_refused(void **state)
{
    (void)state;
    for (unsigned sysprepped = 0; sysprepped < 2; sysprepped++) {
        make_windows("volume", SYSTEM_HIVE, sysprepped ? SOFTWARE_HIVE(SYSPREPPED) : SOFTWARE_HIVE(COMPLETE));
        run("sha256sum volume > sum");
        assert_int_equal(write_identity("volume", "{\"host_name\":\"a23456789012345x\"}"), -1);
        assert_non_null(strstr(f.message, "is no name for a Windows machine"));
        run("sha256sum --check --quiet sum");
    }
}

/* $LogFile as Windows leaves it: two restart pages, then pages of log. */
static void make_log(uint8_t *page, unsigned major, bool in_use, uint64_t file_size)
{
    unsigned bits = 0;

    for (uint64_t rest = file_size; rest; rest >>= 1)
        bits++;
    memset(page, 0, 4096);
    memcpy(page, "RSTR\x1e\x00\x09\x00", 8);
    le32_write(page + 16, 4096);
    le32_write(page + 20, 4096);
    le16_write(page + 24, 48);
    le16_write(page + 26, major == 1);
    le16_write(page + 28, (uint16_t)major);
    le64_write(page + 48, 500);
    le16_write(page + 56, 1);
    le16_write(page + 58, in_use ? 0xffff : 0);
    le16_write(page + 60, in_use ? 0 : 0xffff);
    le32_write(page + 64, 67 - bits);
    le16_write(page + 68, 48 + 160);
    le16_write(page + 70, 48);
    le64_write(page + 72, file_size);
    le16_write(page + 84, 48);
    le16_write(page + 86, 64);
    le16_write(page + 96 + 16, 0xffff); /* the only client's neighbours */
    le16_write(page + 96 + 18, 0xffff);
    page[30] = 7;
    for (unsigned i = 1; i <= 8; i++)
        page[i * 512 - 2] = 7;
}

static void put_state(const char *name, unsigned major, bool in_use, le16 flags)
{
    uint8_t page[4096];
    ntfs_volume *v;
    ntfs_inode *log;
    ntfs_attr *data;

    ntfs_log_set_handler(ntfs_log_handler_null);
    v = ntfs_mount(scratch_path(name), 0);
    assert_non_null(v);
    log = ntfs_inode_open(v, FILE_LogFile);
    assert_non_null(log);
    data = ntfs_attr_open(log, AT_DATA, AT_UNNAMED, 0);
    assert_non_null(data);
    make_log(page, major, in_use, (uint64_t)data->data_size);
    for (unsigned i = 0; major && i < 2; i++)
        assert_int_equal(ntfs_attr_pwrite(data, i * 4096, 4096, page), 4096);
    ntfs_attr_close(data);
    assert_int_equal(ntfs_inode_close(log), 0);
    assert_int_equal(ntfs_volume_write_flags(v, v->flags | flags), 0);
    assert_int_equal(ntfs_umount(v, FALSE), 0);
}

static void expect_untouched(const char *message)
{
    run("sha256sum volume > sum");
    assert_int_equal(write_identity("volume", identity), -1);
    if (!strstr(f.message, message))
        fail_msg("%s (expected: %s)", f.message, message);
    assert_string_equal(f.reason, "identity");
    run("sha256sum --check --quiet sum");
}

/* Refused, each with its reason, and not a byte changed; looking still works. */
static void test_refused(void **state)
{
    (void)state;
    make_windows("source", SYSTEM_HIVE, SOFTWARE_HIVE(COMPLETE));
    run("cp source volume");
    put_state("volume", 1, false, 0);
    write_ok("volume", identity); /* shut down as it should be */
    run("cp source volume");
    put_state("volume", 1, false, VOLUME_IS_DIRTY);
    expect_untouched("is marked as dirty");
    run("cp source volume");
    put_state("volume", 0, false, VOLUME_CHKDSK_UNDERWAY); /* the log is empty */
    expect_untouched("is marked as dirty");
    run("cp source volume");
    put_state("volume", 1, true, 0);
    expect_untouched("was not cleanly unmounted");
    run("cp source volume");
    put_state("volume", 2, false, 0);
    expect_untouched("hibernated or was left by fast startup");
    run("cp source volume");
    with_ntfs("volume", "(printf hibr; seq 5000) > mnt/hiberfil.sys");
    expect_untouched("hibernated or was left by fast startup");
    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(COMPLETE));
    with_ntfs("volume",
              "printf '\\007' | dd of=mnt/WINDOWS/system32/Config/SYSTEM bs=1 seek=4 conv=notrunc status=none; "
              "python3 -c \"import struct; p = 'mnt/WINDOWS/system32/Config/SYSTEM'; d = open(p, 'rb').read(512); s "
              "= 0\nfor w in struct.unpack('<127I', d[:508]): s ^= w\nf = open(p, 'r+b'); f.seek(508); "
              "f.write(struct.pack('<I', s))\"");
    assert_int_equal(write_identity("volume", identity), -1);
    assert_non_null(strstr(f.message, "SYSTEM hive was not written out completely"));
}

/* ntfsresize marks what it has changed for Windows to check: that is no reason to refuse, and stays. */
static void test_after_resize(void **state)
{
    (void)state;
    run("cp source volume; truncate -s 32M volume; printf 'y\\n' | ntfsresize -f -s 32M volume > resize.log 2>&1; "
        "ntfsinfo -f -m "
        "volume | grep -q 'Volume Flags.*DIRTY'");
    write_ok("volume", identity);
    run("ntfsinfo -f -m volume | grep -q 'Volume Flags.*DIRTY'");
    with_ntfs("volume", "grep -q host_name=pc-b mnt/slipway.cfg");
}

/* Ended at any moment: it is done, or untouched, or marked as dirty. What a deploy does then (write what differs from
 * the image, again) makes it right. */
static void test_killed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        int fds[2];
        pid_t pid;
        char byte;
        run("cp source volume");
        assert_int_equal(pipe(fds), 0);
        pid = fork();
        if (pid == 0) {
            setpgid(0, 0);
            _exit(write_identity("volume", identity) ? 1 : 0);
        }
        setpgid(pid, pid);
        close(fds[1]);
        usleep(3000 + 2500 * i);
        kill(-pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_int_equal(read(fds[0], &byte, 1), 0); /* its own child is gone, too */
        close(fds[0]);
        run("cmp -s source volume || ntfsinfo -f -m volume | grep -q 'Volume Flags.*DIRTY' || (ntfscat volume "
            "slipway.cfg | grep "
            "-q host_name=pc-b)");
        run("cp source volume");
        write_ok("volume", identity);
        run("ntfscat volume slipway.cfg | grep -q host_name=pc-b; ! ntfsinfo -f -m volume | grep -q 'Volume "
            "Flags.*DIRTY'");
    }
}

static void test_anonymise(void **state)
{
    const struct windows_anonymous all = {.host_name = true, .slipway = true}, nothing = {.host_name = false};
    struct system s;
    bool shares;

    (void)state;
    run("cp source volume");
    write_ok("volume", identity);
    with_ntfs("volume", HASHES("before"));
    find("volume", &s);
    assert_int_equal(windows_anonymise(&s, &nothing, &shares, &f), 0);
    with_ntfs("volume", HASHES("after"));
    run("cmp before after");
    assert_int_equal(windows_anonymise(&s, &all, &shares, &f), 0);
    assert_true(shares);
    with_ntfs("volume", HASHES("after") "; cp mnt/WINDOWS/system32/Config/SYSTEM SYSTEM-after");
    run(CHANGES);
    expect_changes("AClient.cfg\\nslipway.cfg\\nWINDOWS/system32/Config/SYSTEM\\n");
    run(HIVE("2\\Services\\Tcpip\\Parameters' Hostname") "SLIPWAY-IMAGE ];" HIVE(
        "2\\Control\\ComputerName\\ComputerName' ComputerName") "SLIPWAY-IMAGE ]");
    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(SYSPREPPED));
    run("sha256sum volume > sum");
    find("volume", &s);
    assert_int_equal(windows_anonymise(&s, &all, &shares, &f), 0);
    assert_false(shares);
    run("sha256sum --check --quiet sum");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),     cmocka_unit_test(test_answer),        cmocka_unit_test(test_others),
        cmocka_unit_test(test_links),        cmocka_unit_test(test_names_refused), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_after_resize), cmocka_unit_test(test_killed),        cmocka_unit_test(test_anonymise),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
