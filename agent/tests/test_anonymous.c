/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The anonymous capture on disks that the kernel mounts: what goes, what stays, and that the source is not touched.
 * Needs root, loop devices and FUSE. */
#include "agent/anonymous/anonymous.h"

#include "agent/tests/kernel_fs.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define KILLED 10 /* times */
#define GONE_MS 30000

#define BOOT "offset=$((1 << 20)),sizelimit=$((64 << 20))"
#define SYSTEM "offset=$((65 << 20)),sizelimit=$(stat -c %%s fs)"

static char notes[4096];

static void on_note(void *arg, const char *text)
{
    size_t n = strlen(notes);

    (void)arg;
    snprintf(notes + n, sizeof(notes) - n, "%s\n", text);
}

static const struct progress watched = {.note = on_note};

/* A disk with the system's /boot, the system on `type`, and data without a system. */
static void make_disk(const char *type)
{
    run("rm -rf disk fs boot data mnt; mkdir mnt; truncate -s 64M boot; mkfs.ext4 -q -L start boot; "
        "truncate -s %s fs; mkfs.%s %s fs > log 2>&1; truncate -s 32M data; mkfs.ext4 -q data",
        strcmp(type, "ext4") ? "320M" : "96M", type, strcmp(type, "ext4") ? "-f" : "-q");
    run("mount -o loop fs mnt; cd mnt; "
        "mkdir -p etc/ssh etc/udev/rules.d etc/NetworkManager/system-connections etc/systemd/network "
        "etc/systemd/system boot "
        "var/lib/dhcp var/lib/dbus var/lib/systemd var/lib/cloud/instances/i-1/sem var/lib/cloud/seed/nocloud "
        "var/log/journal/0123 usr/lib; "
        "printf 'ID=debian\\nVERSION_ID=12\\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\\n' > etc/os-release; "
        "echo 0123456789abcdef0123456789abcdef > etc/machine-id; cp etc/machine-id var/lib/dbus/; "
        "echo old-name > etc/hostname; printf '127.0.0.1\\tlocalhost\\n127.0.1.1\\told-name\\n' > etc/hosts; "
        "echo key | tee etc/ssh/ssh_host_rsa_key > etc/ssh/ssh_host_rsa_key.pub; echo x > etc/ssh/sshd_config; "
        "echo lease > var/lib/dhcp/dhclient.eth0.leases; head -c 512 /dev/urandom > var/lib/systemd/random-seed; "
        "echo rule > etc/udev/rules.d/70-persistent-net.rules; echo other > etc/udev/rules.d/80-mine.rules; "
        "printf '[ethernet]\\nmac-address=52:54:00:00:00:01\\n[ipv4]\\nmethod=auto\\n' > "
        "etc/NetworkManager/system-connections/lan.nmconnection; "
        "chmod 600 etc/NetworkManager/system-connections/lan.nmconnection; "
        "printf '[Match]\\nMACAddress=52:54:00:00:00:01\\n' > etc/systemd/network/10-a.network; "
        "printf '[Match]\\nName=en*\\n' > etc/systemd/network/20-b.network; "
        "ln -s instances/i-1 var/lib/cloud/instance; echo seed > var/lib/cloud/seed/nocloud/meta-data; "
        "echo done > var/lib/cloud/instances/i-1/sem/x; echo machine=pc > slipway.cfg; "
        "mkdir -p usr/local/lib/slipway; echo token=x > usr/local/lib/slipway/confirm; "
        "echo unit > etc/systemd/system/slipway-confirm.service; "
        "echo log > var/log/syslog; echo j > var/log/journal/0123/system.journal; ln -s /etc/shadow var/log/link; "
        "echo 'LABEL=start /boot ext4 defaults 0 1' > etc/fstab; cd ..; umount mnt; "
        "mount -o loop boot mnt; mkdir -p mnt/loader; echo seed > mnt/loader/random-seed; umount mnt");
    run("n=$(($(stat -c %%s fs) >> 20)); truncate -s 520M disk; "
        "sgdisk -n1:2048:+64M -n2:0:+${n}M -n3:0:+32M disk > log; "
        "dd if=boot of=disk bs=1M seek=1 conv=notrunc status=none; "
        "dd if=fs of=disk bs=1M seek=65 conv=notrunc,sparse status=none; "
        "dd if=data of=disk bs=1M seek=$((65 + n)) conv=notrunc,sparse status=none; sha256sum < disk > before");
}

/* Captures the disk anonymously and deploys the image to `target`. */
static void capture(const struct anonymous_options *o)
{
    const char *disk = scratch_path("disk"), *target = scratch_path("target");
    struct capture_request c = {
        .image = "i", .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct deploy_request r = {.image = "i", .disks = &target, .disk_count = 1};
    struct anonymous *a;
    struct failure f;
    struct store *s;

    notes[0] = '\0';
    run("rm -rf store target; mkdir store; truncate -s 520M target");
    a = anonymous_open(&disk, 1, o, &watched, &f);
    if (!a)
        fail_msg("%s: %s", f.reason, f.message);
    c.cows = anonymous_cows(a);
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (capture_disk(&c, s, &watched, &f) || deploy_image(&r, s, &watched, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
    anonymous_close(a);
    run("sha256sum < disk | cmp - before");
}

/* Runs commands in the deployed system, with its /boot in place. */
static void look(const char *commands)
{
    run("d=$PWD; trap 'cd $d; umount -R mnt' EXIT; mount -o loop," SYSTEM " target mnt; "
        "mount -o loop," BOOT " target mnt/boot; cd mnt; %s",
        commands);
}

static void check_clean(const char *type)
{
    make_disk(type);
    capture(&(struct anonymous_options){.leave = 0});
    look("[ -f etc/machine-id ]; [ ! -s etc/machine-id ]; [ ! -e var/lib/dbus/machine-id ]; "
         "[ \"$(cat etc/hostname)\" = localhost ]; [ -z \"$(grep old-name etc/hosts)\" ]; "
         "[ \"$(ls etc/ssh)\" = sshd_config ]; [ -z \"$(ls var/lib/dhcp)\" ]; [ ! -e var/lib/systemd/random-seed ]; "
         "[ \"$(ls etc/udev/rules.d)\" = 80-mine.rules ]; [ \"$(ls etc/systemd/network)\" = 20-b.network ]; "
         "f=etc/NetworkManager/system-connections/lan.nmconnection; [ -z \"$(grep mac $f)\" ]; grep -q method=auto $f; "
         "[ \"$(stat -c %a $f)\" = 600 ]; [ ! -L var/lib/cloud/instance ]; [ -z \"$(ls var/lib/cloud/instances)\" ]; "
         "[ -z \"$(ls var/lib/cloud/seed/nocloud)\" ]; [ ! -e slipway.cfg ]; [ -s var/log/syslog ]; "
         "[ ! -e usr/local/lib/slipway ]; [ ! -e etc/systemd/system/slipway-confirm.service ]; "
         "[ ! -e boot/loader/random-seed ]; [ -d boot/loader ]");
    assert_non_null(strstr(notes,
                           "anonymous: partition 2 (Debian GNU/Linux 12 (bookworm)): without machine-id, 2 files "
                           "of ssh host keys, 1 DHCP lease, random-seed, 3 network rules for one card, "
                           "cloud-init, host-name, slipway\n"));
}

static void test_ext4(void **state)
{
    (void)state;
    check_clean("ext4");
    run("e2fsck -fn \"target?offset=$((65 << 20))\" > log 2>&1");
}

static void test_xfs(void **state)
{
    (void)state;
    check_clean("xfs");
}

static void test_btrfs(void **state)
{
    (void)state;
    check_clean("btrfs");
}

static void test_left_and_logs(void **state)
{
    (void)state;
    make_disk("ext4");
    capture(&(struct anonymous_options){.leave = ANONYMOUS_SSH_HOST_KEYS | ANONYMOUS_HOST_NAME, .logs = true});
    look("[ \"$(cat etc/hostname)\" = old-name ]; [ -s etc/ssh/ssh_host_rsa_key ]; [ ! -s etc/machine-id ]; "
         "[ ! -e var/log/syslog ]; [ -d var/log/journal ]; [ -z \"$(ls var/log/journal)\" ]; [ ! -L var/log/link ]");
}

/* A system that was switched off: its journal is replayed in memory only. */
static void test_unclean(void **state)
{
    (void)state;
    make_disk("ext4");
    run("l=$(losetup -f --show fs); mount $l mnt; echo late > mnt/late; sync -f mnt; cp fs unclean; umount mnt; "
        "losetup -d $l; dumpe2fs -h unclean 2> log | grep needs_recovery > log; "
        "dd if=unclean of=disk bs=1M seek=65 conv=notrunc status=none; sha256sum < disk > before");
    capture(&(struct anonymous_options){.leave = 0});
    look("grep -q late late; [ ! -s etc/machine-id ]");
}

static void expect_failure(const struct anonymous_options *o, const char *reason, const char *text)
{
    const char *disk = scratch_path("disk");
    struct failure f;

    assert_null(anonymous_open(&disk, 1, o, &watched, &f));
    assert_string_equal(f.reason, reason);
    if (!strstr(f.message, text))
        fail_msg("%s", f.message);
    run("sha256sum < disk | cmp - before; [ -z \"$(losetup -j disk)\" ]");
}

static void test_full(void **state)
{
    (void)state;
    make_disk("ext4");
    expect_failure(&(struct anonymous_options){.memory = 64 * 1024}, "snapshot-full", "no memory for more");
}

static void test_hibernated(void **state)
{
    (void)state;
    make_disk("ext4");
    run("mkswap data > log 2>&1; printf 'S1SUSPEND\\0' | dd of=data bs=1 seek=4086 conv=notrunc status=none; "
        "dd if=data of=disk bs=1M seek=$((65 + $(stat -c %%s fs) / 1048576)) conv=notrunc status=none; "
        "sha256sum < disk > before");
    expect_failure(&(struct anonymous_options){.memory = 0}, "anonymous", "hibernated (partition 3)");
}

static long now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct anonymous *forget_all(void)
{
    const struct anonymous_options o = {.logs = true};
    const char *disk = scratch_path("disk");
    struct failure f;

    return anonymous_open(&disk, 1, &o, &watched, &f);
}

static pid_t forget_in_child(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        forget_all();
        pause();
    }
    return pid;
}

/* Also a thread that waits for what another one of the same program would have answered. */
static void expect_gone(pid_t pid)
{
    unsigned ms = 0;

    while (waitpid(pid, NULL, WNOHANG) == 0 && ms < GONE_MS) {
        usleep(10000);
        ms += 10;
    }
    if (ms >= GONE_MS)
        fail_msg("the killed process is still there");
}

/* Nothing is left of a program that was killed, itself included. */
static void test_killed(void **state)
{
    unsigned seed = 5;
    long whole;

    (void)state;
    make_disk("ext4");
    run("mount -t tmpfs none /run");
    whole = now_us();
    anonymous_close(forget_all());
    whole = now_us() - whole;
    for (unsigned i = 0; i < KILLED; i++) {
        pid_t pid = forget_in_child();
        usleep((useconds_t)(rand_r(&seed) % whole));
        kill(pid, SIGKILL);
        expect_gone(pid);
    }
    run("sha256sum < disk | cmp - before; cd /run; n=0; for i in slipway-volume-*; do while losetup -a | grep $i > l; "
        "do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done; done; cd /; umount /run");
}

static void test_item_names(void **state)
{
    (void)state;
    assert_int_equal(anonymous_item_parse("machine-id"), ANONYMOUS_MACHINE_ID);
    assert_int_equal(anonymous_item_parse("slipway"), ANONYMOUS_SLIPWAY);
    assert_int_equal(anonymous_item_parse("logs"), 0);
    assert_int_equal(anonymous_item_parse(""), 0);
    for (const char *name = anonymous_item_names(); *name; name += strcspn(name, ","), name += *name ? 2 : 0) {
        char one[32];
        snprintf(one, sizeof(one), "%.*s", (int)strcspn(name, ","), name);
        assert_int_not_equal(anonymous_item_parse(one), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ext4),          cmocka_unit_test(test_xfs),     cmocka_unit_test(test_btrfs),
        cmocka_unit_test(test_left_and_logs), cmocka_unit_test(test_unclean), cmocka_unit_test(test_full),
        cmocka_unit_test(test_hibernated),    cmocka_unit_test(test_killed),  cmocka_unit_test(test_item_names),
    };

    return cmocka_run_group_tests(tests, kernel_fs_setup, scratch_teardown);
}
