/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity that is cut off at a random moment, on a disk in memory. The power goes: what the disk holds at that moment
 * is all there is. A deploy that goes on would put the image's own data back first; here the second run has to do with
 * what it finds. */
#include "agent/identity/identity.h"
#include "agent/kernel/loop.h"

#include "agent/tests/kernel_fs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define RUNS 20
#define DISK "ram/disk"
#define LATER "ram/later"
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5tZ1xk3mXbqZ0Y9oQe5N8ZfVb0o0b1dQ6m5k2cX3uT ann"

static const char said[] =
    "{\"host_name\": \"pc-b\", \"domain\": \"example.org\", \"locale\": \"de_DE.UTF-8\", \"authorized_keys\": [\"" KEY
    "\"], \"users\": [{\"name\": \"ann\", \"groups\": [\"sudo\"], \"authorized_keys\": [\"" KEY
    "\"]}], \"networks\": [{\"addresses\": [\"192.0.2.5/24\"], \"gateways\": [\"192.0.2.1\"]}], \"first_boot\": "
    "\"true\"}";

/* Who is killed leaves its mount point behind in /run, so that is in memory, too. */
static void make_system(void)
{
    run("mkdir ram; mount -t tmpfs none ram; mount -t tmpfs none /run; mkdir -p t/etc/ssh t/etc/systemd/network "
        "t/etc/systemd/system/multi-user.target.wants "
        "t/usr/lib/systemd t/var/lib/dbus t/var/lib/systemd; cd t; echo ID=test > usr/lib/os-release; echo pc-a > "
        "etc/hostname; printf '127.0.1.1\\tpc-a\\n' > etc/hosts; echo 00000000000000000000000000000001 > "
        "etc/machine-id; "
        "echo seed > var/lib/systemd/random-seed; echo old > etc/ssh/ssh_host_rsa_key; touch usr/lib/systemd/systemd; "
        "ln "
        "-s x etc/systemd/system/multi-user.target.wants/systemd-networkd.service; echo root:x:0:0::/root:/bin/sh > "
        "etc/passwd; echo 'root:*:1::::::' > etc/shadow; printf 'root:x:0:\\nsudo:x:27:\\n' > etc/group; cd ..; rm -f "
        "image; mkfs.ext4 -q -d t image 24m");
}

/* Writes the identity into the file system in a file, whose loop device is gone afterwards. */
static int write_identity(const char *file)
{
    static const struct identity id = {.machine = "pc-b",
                                       .image = "debian",
                                       .server = "http://10.77.0.2:8077",
                                       .boot_mac = "52:54:00:00:00:0b",
                                       .confirm_token = "",
                                       .job = 7};
    struct identity it = id;
    struct identity_data data;
    const char *fs_type = "ext4", *nodes[1];
    json_t *object = json_loads(said, 0, NULL);
    const struct system_partitions p = {.count = 1, .nodes = nodes, .fs_types = &fs_type};
    char node[32];
    struct failure f;
    int fd = open(scratch_path(file), O_RDWR | O_CLOEXEC), loop, result;

    loop = loop_attach(fd, 0, 24 << 20, file, node, sizeof(node));
    nodes[0] = node;
    it.data = &data;
    result = loop < 0 || identity_data_parse(object, &data, &f) || identity_write(&it, &p, NULL, &f);
    if (result)
        fprintf(stderr, "%s: %s\n", f.reason, f.message);
    identity_data_release(&data);
    json_decref(object);
    result |= loop_detach(loop);
    close(fd);
    return result;
}

static long now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Its mounts are its own and go with it. */
static pid_t begin(const char *file)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(unshare(CLONE_NEWNS) || write_identity(file) ? 1 : 0);
    return pid;
}

/* Stopped, the writer writes nothing any more, and what the kernel was about to flush is flushed in a moment. Then the
 * disk is as it is, and a copy of it is what a machine has when it comes back. */
static void cut_off(long after)
{
    pid_t pid;

    run("cp --sparse=always image " DISK);
    pid = begin(DISK);
    usleep((useconds_t)after);
    kill(pid, SIGSTOP);
    usleep(30000);
    run("cp --sparse=always " DISK " " LATER);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void expect_right(const char *file)
{
    run("e2fsck -fn %s > fsck.log 2>&1 || { cat fsck.log; exit 1; }", file);
    run("mount -o loop,ro %s mnt; (cd mnt; [ $(cat etc/hostname) = pc-b ]; grep -q 'pc-b.example.org pc-b' etc/hosts; "
        "grep "
        "-Eq '^[0-9a-f]{32}$' etc/machine-id; if grep -q 0001$ etc/machine-id; then exit 1; fi; [ ! -e "
        "etc/ssh/ssh_host_rsa_key ]; [ ! -e var/lib/systemd/random-seed ]; [ $(grep -c ^ann: etc/passwd) = 1 ]; [ "
        "$(grep -c "
        "^ann: etc/shadow) = 1 ]; grep -q '^sudo:x:27:ann$' etc/group; [ $(wc -l < home/ann/.ssh/authorized_keys) = 1 "
        "]; "
        "grep -q Address=192.0.2.5/24 etc/systemd/network/00-slipway-0.network; grep -q ^job=7$ slipway.cfg; [ -z "
        "\"$(find "
        ". -name '.slipway-*')\" ]); umount mnt",
        file);
}

static void cut_off_at_any_moment(void **state)
{
    unsigned seed = 6;
    long whole;

    (void)state;
    make_system();
    run("cp image " DISK);
    whole = now_us();
    assert_int_equal(write_identity(DISK), 0);
    whole = now_us() - whole;
    expect_right(DISK);
    for (unsigned i = 0; i < RUNS; i++) {
        cut_off(rand_r(&seed) % whole);
        assert_int_equal(write_identity(LATER), 0);
        expect_right(LATER);
    }
    run("umount ram");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cut_off_at_any_moment, kernel_fs_setup, scratch_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
