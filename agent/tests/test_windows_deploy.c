/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Windows through the whole engine: captured, deployed to a larger disk, grown, given its identity; ended at any
 * moment of that, it is finished by the next attempt, and until then the disk does not boot. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/anonymous/anonymous.h"
#include "agent/identity/identity.h"
#include "agent/imaging/imaging.h"

#include "agent/tests/windows_fixture.h"

#define ATTEMPTS 20

static const struct progress silent = {.report = NULL};
static struct identity_data data;

static int give_identity(void *arg, const struct system_partitions *p, struct failure *f)
{
    const struct identity id = {.data = &data, .machine = "b", .image = "pc", .server = "s", .boot_mac = "", .job = 7};

    (void)arg;
    return identity_write(&id, p, NULL, f);
}

static struct store *open_store(void)
{
    struct failure f;
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);

    if (!s)
        fail_msg("%s", f.message);
    return s;
}

static int deploy(struct failure *f)
{
    const char *target = scratch_path("target");
    const struct deploy_request r = {.image = "pc", .disks = &target, .disk_count = 1, .personalise = give_identity};
    struct store *s = open_store();
    int result = deploy_image(&r, s, &silent, f);

    store_close(s);
    return result;
}

static void deploy_ok(void)
{
    struct failure f;

    if (deploy(&f))
        fail_msg("%s: %s", f.reason, f.message);
}

/* A disk of 32 MiB with one partition of 24. */
static void capture(void)
{
    const char *disk;
    const struct capture_request r = {
        .image = "pc", .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct store *s;
    struct failure f;

    make_windows("volume", SYSTEM_HIVE, SOFTWARE_HIVE(COMPLETE));
    run("mkdir store; truncate -s 32M disk; sgdisk -n1:2048:+24M -t1:0700 disk > log; dd if=volume of=disk bs=1M "
        "seek=1 "
        "conv=notrunc status=none");
    s = open_store();
    disk = scratch_path("disk");
    if (capture_disk(&r, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
}

static bool has_table(void)
{
    uint8_t head[520];
    FILE *f = fopen(scratch_path("target"), "r");

    assert_non_null(f);
    assert_int_equal(fread(head, 1, sizeof(head), f), sizeof(head));
    fclose(f);
    return !memcmp(head + 512, "EFI PART", 8);
}

/* The file system was grown, is marked for Windows to check, is whole, and has the name. */
static void check_target(void)
{
    assert_true(has_table());
    run("dd if=target of=result bs=1M skip=1 count=62 status=none; ntfsinfo -f -m result > info; grep -q 'Volume "
        "Flags.*DIRTY' info; [ \"$(sed -n 's/.*Volume Size in Clusters: //p' info)\" -gt 14000 ]");
    run("ntfscat -f result WINDOWS/system32/Config/SYSTEM > after 2> log; [ \"$(hivexget after "
        "'\\ControlSet002\\Services\\Tcpip\\Parameters' 'NV Hostname')\" = pc-b ]; ntfscat -f result slipway.cfg 2> "
        "log | grep "
        "-q host_name=pc-b; [ \"$(ntfscat -f result Users/a/document.txt 2> log)\" = data ]");
}

static void test_larger_disk(void **state)
{
    (void)state;
    capture();
    run("sha256sum disk > sum; yes noise | head -c 64M > target");
    deploy_ok();
    check_target();
    with_ntfs("result", "[ $(cat mnt/WINDOWS/system32/file-*.dll | sort -u | wc -l) = 200 ]");
    run("sha256sum --check --quiet sum");
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Ends a deploy after `wait` seconds, and waits for all that it has started. */
static void deploy_and_kill(double wait)
{
    struct failure f;
    int fds[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        _exit(deploy(&f) ? 1 : 0);
    }
    setpgid(pid, pid);
    close(fds[1]);
    usleep((useconds_t)(wait * 1e6));
    kill(-pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(read(fds[0], &byte, 1), 0);
    close(fds[0]);
}

static void test_killed(void **state)
{
    double whole = seconds();
    unsigned unfinished = 0;

    (void)state;
    run("yes noise | head -c 64M > target");
    deploy_ok();
    whole = seconds() - whole;
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        run("rm target; truncate -s 64M target");
        deploy_and_kill(whole * (i + 1) / ATTEMPTS);
        if (has_table()) {
            check_target();
        } else {
            unfinished++;
            deploy_ok();
            check_target();
        }
    }
    assert_true(unfinished > ATTEMPTS / 4);
}

/* What stands in the way, and both ways out. */
static void test_hibernated_is_not_made_anonymous(void **state)
{
    const struct anonymous_options o = {.leave = 0};
    const char *disk = scratch_path("disk");
    struct failure f;

    (void)state;
    with_ntfs("volume", "(printf hibr; seq 5000) > mnt/hiberfil.sys");
    run("dd if=volume of=disk bs=1M seek=1 conv=notrunc status=none; sha256sum disk > sum");
    assert_null(anonymous_open(&disk, 1, &o, &silent, &f));
    run("sha256sum --check --quiet sum");
    if (strcmp(f.reason, "anonymous") || !strstr(f.message, "partition 1 (Windows") ||
        !strstr(f.message, "left by fast startup") || !strstr(f.message, "shutdown /s /t 0") ||
        !strstr(f.message, "--as-is"))
        fail_msg("%s: %s", f.reason, f.message);
}

static int prepare(void **state)
{
    struct failure f;

    if (scratch_setup(state))
        return -1;
    return identity_data_parse(json_loads("{\"host_name\":\"pc-b\"}", 0, NULL), &data, &f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_larger_disk),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_hibernated_is_not_made_anonymous),
    };

    return cmocka_run_group_tests(tests, prepare, scratch_teardown);
}
