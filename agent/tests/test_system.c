/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Systems on file systems that the running kernel mounts from loop devices. */
#include "agent/base/tree.h"
#include "agent/imaging/inspect.h"
#include "agent/system/fstab.h"
#include "agent/system/os_release.h"
#include "agent/system/system.h"

#include "agent/tests/kernel_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define NODES 6

static char nodes[NODES][64];
static const char *node_list[NODES], *type_list[NODES];
static struct system_partitions partitions;
static struct system found[SYSTEMS];
static unsigned found_count;
static struct failure why;

static int flush_error; /* 0: none */

/* The C library's, with a disk that fails. */
int syncfs(int fd)
{
    errno = flush_error;
    return flush_error ? -1 : (int)syscall(SYS_syncfs, fd);
}

/* Attaches the files named in `names`, in their order, as partitions 1, 2, ... */
static void attach(const char *names)
{
    FILE *f;

    run("rm -f nodes types; for i in %s; do losetup --show -f $i >> nodes; blkid -p -o value -s TYPE $i >> types || "
        "echo >> types; done",
        names);
    partitions = (struct system_partitions){.nodes = node_list, .fs_types = type_list};
    f = fopen(scratch_path("nodes"), "r");
    assert_non_null(f);
    while (partitions.count < NODES && fscanf(f, "%63s", nodes[partitions.count]) == 1) {
        node_list[partitions.count] = nodes[partitions.count];
        partitions.count++;
    }
    fclose(f);
}

static void detach(void)
{
    run("xargs -n1 losetup -d < nodes; for i in $(cat nodes); do n=0; while losetup $i > log 2>&1; do n=$((n + 1)); [ "
        "$n "
        "-lt 100 ]; sleep 0.1; done; done");
}

static void find(unsigned count, int result)
{
    assert_int_equal(systems_find(&partitions, found, &found_count, &why), result);
    assert_int_equal(found_count, count);
}

#define OS_RELEASE "printf 'PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\\nID=debian\\nVERSION_ID=\"12\"\\n'"
#define FSTAB                                                                                                          \
    "printf 'UUID=%%s / ext4 defaults 0 1\\nLABEL=BOOT\\t/boot ext2 defaults 0 2\\nUUID=51A1-ED15 /boot/efi vfat "     \
    "umask=0077 0 1\\nPARTUUID=aaaa-04 /var ext4 defaults\\n/dev/sda5 /home xfs nofail\\ntmpfs /tmp tmpfs defaults\\n" \
    "/dev/mapper/vg-x /srv ext4 defaults\\n' 11111111-2222-3333-4444-555555555555"

static void make_debian(void)
{
    run("rm -rf t; mkdir -p t/etc t/usr/lib t/bin t/boot t/var/below t/home t/srv; cp /bin/true t/bin/sh; " OS_RELEASE
        " > t/usr/lib/os-release; ln -s ../usr/lib/os-release t/etc/os-release; " FSTAB " > t/etc/fstab");
    run("mkfs.ext4 -q -U 11111111-2222-3333-4444-555555555555 -d t root 32m; mkdir b; echo k > b/vmlinuz; mkdir b/efi; "
        "mkfs.ext2 -q -L BOOT -d b boot 4m; truncate -s 34m esp; mkfs.vfat -F 32 -i 51A1ED15 esp > log; "
        "mkdir v; echo v > v/own; mkfs.ext4 -q -d v var 8m; truncate -s 320m home; mkfs.xfs -q home; truncate -s 1m "
        "raw");
}

static void a_debian_on_partitions(void **state)
{
    static const char *const types[] = {"vfat", "ext4", "ext2", "ext4", "xfs", ""};
    static const char *const part_uuids[] = {"AAAA-01", "AAAA-02", "AAAA-03", "AAAA-04", "AAAA-05", ""};
    char folder[64];
    int root;

    (void)state;
    make_debian();
    run("sha256sum root boot esp var home > before");
    attach("esp root boot var home raw");
    memcpy(type_list, types, sizeof(types));
    partitions.part_uuids = part_uuids;
    find(1, 0);
    assert_int_equal(found[0].kind, SYSTEM_LINUX);
    assert_string_equal(found[0].name, "Debian GNU/Linux 12 (bookworm)");
    assert_string_equal(found[0].id, "debian");
    assert_string_equal(found[0].version, "12");
    assert_string_equal(found[0].arch, "x86_64");
    assert_string_equal(found[0].node, nodes[1]);
    assert_int_equal(found[0].partition, 2);
    assert_int_equal(found[0].boot_partition, 3);
    assert_int_equal(found[0].esp_partition, 1);
    assert_int_equal(system_mount(&found[0], &partitions, false, folder, &why), 0);
    root = open(folder, O_RDONLY | O_DIRECTORY);
    assert_true(tree_exists(root, "boot/vmlinuz"));
    assert_true(tree_exists(root, "var/own"));
    assert_false(tree_exists(root, "var/below"));
    assert_int_equal(tree_write(root, "home", "x", "x", 1, 0644), -1);
    close(root);
    assert_int_equal(system_unmount(folder, &why), 0);
    run("sha256sum -c --quiet before");
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), 0);
    root = open(folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(tree_write(root, "home", "x", "x", 1, 0644), 0);
    close(root);
    assert_int_equal(system_unmount(folder, &why), 0);
    assert_int_equal(access(folder, F_OK), -1);
    detach();
    run("mount -o loop,ro home mnt; [ \"$(cat mnt/x)\" = x ]; umount mnt; mount -o loop,ro root mnt; [ ! -e mnt/home/x "
        "]; "
        "umount mnt");
}

/* Unmounting alone says nothing of what was lost. */
static void what_cannot_be_flushed(void **state)
{
    static const char *const types[] = {"ext4"};
    char folder[64];

    (void)state;
    make_debian();
    attach("root");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), 0);
    flush_error = EIO;
    assert_int_equal(system_unmount(folder, &why), -1);
    flush_error = 0;
    assert_non_null(strstr(why.message, "cannot be flushed: Input/output error"));
    assert_int_equal(access(folder, F_OK), -1);
    detach();
}

/* A journal that waits for its replay goes on waiting. */
static void looking_writes_nothing(void **state)
{
    static const char *const types[] = {"ext4"};

    (void)state;
    make_debian();
    run("mount -o loop root mnt; touch mnt/new; sync -f mnt; cp --sparse=always root dirty; umount mnt; mv dirty root; "
        "dumpe2fs -h root 2> log | grep -q needs_recovery; sha256sum root > before");
    attach("root");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    detach();
    run("sha256sum -c --quiet before");
}

/* A file that was open and deleted when the machine went down: ext4 removes it also where it is mounted read-only. */
static void looking_removes_no_orphan(void **state)
{
    static const char *const types[] = {"ext4"};

    (void)state;
    make_debian();
    run("debugfs -w -R 'write /bin/true lost' root > log 2>&1; n=$(debugfs -R 'stat lost' root 2> log | sed -n "
        "'1s/Inode: \\([0-9]*\\).*/\\1/p'); [ -n \"$n\" ]; debugfs -w -R 'sif lost links_count 0' root 2> log; debugfs "
        "-w "
        "-R 'unlink lost' root 2> log; debugfs -w -R \"ssv last_orphan $n\" root 2> log; sha256sum root > before");
    attach("root");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    detach();
    run("sha256sum -c --quiet before; mount -o loop root mnt; umount mnt; ! sha256sum -c --quiet before 2> log");
}

/* The kernel would find the journal by its device's number, and replay it there. */
static void a_journal_elsewhere(void **state)
{
    static const char *const types[] = {"ext4"};
    char folder[64];

    (void)state;
    make_debian();
    run("truncate -s 8m journal; losetup --show -f journal > jdev; mke2fs -q -O journal_dev $(cat jdev); mkfs.ext4 -q "
        "-J device=$(cat jdev) -d t root2 32m; losetup --show -f root2 > rdev; mount $(cat rdev) mnt; touch mnt/new; "
        "sync "
        "-f mnt; cp --sparse=always root2 root; cp journal unclean; umount mnt; cp unclean journal; sync journal; "
        "losetup "
        "-d $(cat rdev)");
    /* What the kernel still has in memory of the journal's device is older than the file. */
    run("blockdev --flushbufs $(cat jdev); sha256sum journal > before; dumpe2fs -h root 2> log | grep -q "
        "needs_recovery");
    attach("root");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), -1);
    assert_non_null(strstr(why.message, "a part of it is on another device"));
    detach();
    run("sha256sum -c --quiet before; losetup -d $(cat jdev)");
}

/* The kernel knows the other disk from before, and would write to it, whatever this one is. */
static void one_of_two_disks_of_btrfs(void **state)
{
    static const char *const types[] = {"btrfs"};
    char folder[64];

    (void)state;
    make_debian();
    run("truncate -s 128m fs one; losetup --show -f fs > first; losetup --show -f one > second; mkfs.btrfs -q -m raid1 "
        "-d single $(cat first) $(cat second); btrfs device scan $(cat second) > log; mount $(cat first) mnt; cp -a "
        "t/. "
        "mnt/; umount mnt; losetup -d $(cat first); sync one; sha256sum one > before");
    attach("fs");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), -1);
    assert_non_null(strstr(why.message, "a part of it is on another device"));
    detach();
    run("sha256sum -c --quiet before; losetup -d $(cat second); btrfs device scan --forget > log");
}

static void subvolumes_of_btrfs(void **state)
{
    static const char *const types[] = {"btrfs"};
    char folder[64];
    int root;

    (void)state;
    run("truncate -s 128m fs; mkfs.btrfs -q -U 11111111-2222-3333-4444-555555555555 fs; mount -o loop fs mnt; "
        "btrfs -q subvolume create mnt/@; btrfs -q subvolume create mnt/@home; touch mnt/@home/own; mkdir -p mnt/@/etc "
        "mnt/@/home; echo ID=arch > mnt/@/etc/os-release; echo 'UUID=11111111-2222-3333-4444-555555555555 /home btrfs "
        "rw,subvol=/@home,compress=zstd 0 0' > mnt/@/etc/fstab; umount mnt");
    attach("fs");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    assert_string_equal(found[0].subvolume, "@");
    assert_string_equal(found[0].name, "arch");
    assert_string_equal(found[0].arch, "");
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), 0);
    root = open(folder, O_RDONLY | O_DIRECTORY);
    assert_true(tree_exists(root, "home/own"));
    close(root);
    assert_int_equal(system_unmount(folder, &why), 0);
    /* A default subvolume needs no name. */
    run("mount -o loop fs mnt; btrfs subvolume set-default mnt/@; umount mnt");
    find(1, 0);
    assert_string_equal(found[0].subvolume, "");
    detach();
}

static void what_is_no_system(void **state)
{
    static const char *const types[] = {"ext4", "ext4", "swap", "ext4"};

    (void)state;
    make_debian();
    run("mkdir -p home.d/etc; mkfs.ext4 -q -d home.d data 8m; truncate -s 8m broken; cp broken swap");
    attach("data broken swap root");
    memcpy(type_list, types, sizeof(types));
    find(1, -1);
    assert_string_equal(why.reason, "identity");
    assert_non_null(strstr(why.message, nodes[1]));
    assert_int_equal(found[0].partition, 4);
    detach();
}

/* Its fstab wants a file system at a link out of the system, and at one that is not there. */
static void an_fstab_that_wants_out(void **state)
{
    static const char *const types[] = {"ext4", "ext4"};
    char folder[64];

    (void)state;
    run("rm -rf t; mkdir -p t/etc; echo ID=x > t/etc/os-release; ln -s ../../../../../../../../tmp t/out; ln -s /tmp "
        "t/abs; "
        "printf 'LABEL=OWN /out ext4 rw\\nLABEL=OWN /abs ext4 rw\\nLABEL=OWN /../../tmp ext4 rw\\n' > t/etc/fstab; "
        "mkfs.ext4 -q -d t root 8m; mkfs.ext4 -q -L OWN own 8m");
    attach("root own");
    memcpy(type_list, types, sizeof(types));
    find(1, 0);
    assert_int_equal(system_mount(&found[0], &partitions, true, folder, &why), -1);
    assert_non_null(strstr(why.message, "cannot be mounted as /"));
    assert_int_equal(access(folder, F_OK), -1);
    detach();
    run("! grep -q ' /tmp ext4' /proc/self/mounts");
}

/* As inspect and capture see it: a whole disk, with partitions that the kernel has no nodes for. */
static void a_disk(void **state)
{
    const struct progress silent = {.report = NULL};
    struct capture_request c = {
        .image = "i", .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct manifest *m = calloc(1, sizeof(*m));
    const char *disk = scratch_path("disk");
    struct store *s;

    (void)state;
    make_debian();
    run("mkdir store; truncate -s 80m disk; sgdisk -n2:2048:+32M -n7:67584:+34M disk > log; dd if=root of=disk bs=1M "
        "seek=1 "
        "conv=notrunc "
        "status=none; dd if=esp of=disk bs=1M seek=33 conv=notrunc status=none; sha256sum disk > before; losetup -a | "
        "wc -l "
        "> loops");
    assert_int_equal(inspect_disk(scratch_path("disk"), m, &why), 0);
    assert_int_equal(inspect_systems(scratch_path("disk"), m, &why), 0);
    assert_int_equal(m->system_count, 1);
    assert_string_equal(m->systems[0].id, "debian");
    assert_int_equal(m->systems[0].partition, 2);
    assert_int_equal(m->systems[0].esp_partition, 7);
    assert_string_equal(m->systems[0].node, "");
    c.disks = &disk;
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &why);
    assert_non_null(s);
    assert_int_equal(capture_disk(&c, s, &silent, &why), 0);
    store_close(s);
    run("grep -q '\"esp_partition\": 7' store/images/i/manifest.json");
    run("sha256sum -c --quiet before; ! losetup -a | grep $(realpath disk)");
    free(m);
}

static void on_note(void *arg, const char *text)
{
    *(bool *)arg |= strstr(text, "is in use (mounted") != NULL;
}

/* Whether a capture of the device says that it is in use. */
static bool capture_warns(const char *disk, const char *image)
{
    bool told = false;
    const struct progress watched = {.note = on_note, .arg = &told};
    const struct capture_request c = {
        .image = image, .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, &why);

    assert_non_null(s);
    if (capture_disk(&c, s, &watched, &why))
        fail_msg("%s: %s", why.reason, why.message);
    store_close(s);
    return told;
}

static void a_mounted_disk(void **state)
{
    (void)state;
    make_debian();
    run("mkdir store");
    attach("root");
    assert_false(capture_warns(nodes[0], "a"));
    run("mount -o ro $(cat nodes) mnt");
    assert_true(capture_warns(nodes[0], "b"));
    run("umount mnt");
    detach();
}

static void os_release(void **state)
{
    static const char text[] = "NAME=Fedora\nID='fedora'\nVERSION_ID=39 \nVARIANT=\"Server \\\"x\\\" $(id)\"\n"
                               "#ID=no\nIDX=no\nPRETTY_NAME=\"Fedora\x1b[31m 39";
    struct os_release r;

    (void)state;
    os_release_parse(text, sizeof(text) - 1, &r);
    assert_string_equal(r.id, "fedora");
    assert_string_equal(r.version, "39");
    assert_string_equal(r.edition, "Server \"x\" $(id)");
    assert_string_equal(r.name, "Fedora?[31m 39");
    os_release_parse("NAME=A\\", 7, &r);
    assert_string_equal(r.name, "A\\");
    assert_string_equal(r.id, "linux");
}

static void fstab(void **state)
{
    struct fstab_entry e[FSTAB_ENTRIES];
    char value[8];

    (void)state;
    assert_int_equal(fstab_parse("# c\nUUID=\"a\"\t/my\\040data/x ext4 a,subvol=@x,b=c 0 0\n/dev/sda1 none swap sw\n"
                                 "LABEL=B / xfs defaults\nshort /x\n/dev/x /y ext4 ro",
                                 e),
                     3);
    assert_string_equal(e[0].what, "LABEL=B");
    assert_string_equal(e[1].folder, "/y");
    assert_string_equal(e[2].what, "UUID=a");
    assert_string_equal(e[2].folder, "/my data/x");
    assert_true(fstab_option(&e[2], "subvol", value, sizeof(value)));
    assert_string_equal(value, "@x");
    assert_false(fstab_option(&e[2], "sub", value, sizeof(value)));
    assert_false(fstab_option(&e[2], "a", value, sizeof(value)));
    assert_false(fstab_option(&e[2], "subvol", value, 2));
}

#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, kernel_fs_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DISK(a_debian_on_partitions),
        WITH_DISK(looking_writes_nothing),
        WITH_DISK(what_cannot_be_flushed),
        WITH_DISK(subvolumes_of_btrfs),
        WITH_DISK(a_disk),
        WITH_DISK(a_mounted_disk),
        WITH_DISK(looking_removes_no_orphan),
        WITH_DISK(a_journal_elsewhere),
        WITH_DISK(one_of_two_disks_of_btrfs),
        WITH_DISK(what_is_no_system),
        WITH_DISK(an_fstab_that_wants_out),
        cmocka_unit_test(os_release),
        cmocka_unit_test(fstab),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
