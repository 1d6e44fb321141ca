/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels of systems that are trees of files: BLS, grub.cfg, /boot. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/system/grub_cfg.h"
#include "agent/system/grub_env.h"
#include "agent/system/kernel_choice.h"
#include "agent/system/kernel_version.h"

#include <cmocka.h>

static char top[64];
static int root;
static struct boot_entry entry;

static void put(const char *path, const char *text)
{
    char folder[300];
    int fd;

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        mkdirat(root, folder, 0755);
    }
    fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int start(void **state)
{
    (void)state;
    strcpy(top, "/tmp/kernels-XXXXXX");
    root = mkdtemp(top) ? open(top, O_RDONLY | O_DIRECTORY) : -1;
    return root < 0;
}

static int end(void **state)
{
    char command[100];

    (void)state;
    close(root);
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

static const char *find(bool separate_boot)
{
    static struct failure f;
    const char *how = "?";

    return kernel_choice_find(root, separate_boot, &entry, &how, &f) ? f.message : how;
}

static void versions(void **state)
{
    static const char *const ascending[] = {
        "0-rescue-99",   "5.9.16",         "5.10",           "6.1~rc1",       "6.1-rc2", "6.1", "6.1-generic",
        "6.1.0-9-amd64", "6.1.0-10-amd64", "6.1.0-10-cloud", "6.1.1-1-amd64", "6.1.10",  "10.0"};
    const unsigned count = sizeof(ascending) / sizeof(ascending[0]);

    (void)state;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < count; k++) {
            int order = kernel_version_compare(ascending[i], ascending[k]);
            if ((order > 0) - (order < 0) != (i > k) - (i < k))
                fail_msg("%s and %s: %d", ascending[i], ascending[k], order);
        }
    assert_int_equal(kernel_version_compare("6.01", "6.1"), 0);
    assert_int_equal(kernel_version_compare("", ""), 0);
}

static void environment(void **state)
{
    static const char env[] =
        "# GRUB Environment Block\nsaved_entry=abc\nkernelopts=root=UUID=1 ro\\\\x\nlong=12345678\n##";
    char value[32];

    (void)state;
    assert_true(grub_env_get(env, "saved_entry", value, sizeof(value)));
    assert_string_equal(value, "abc");
    assert_true(grub_env_get(env, "kernelopts", value, sizeof(value)));
    assert_string_equal(value, "root=UUID=1 ro\\x");
    assert_false(grub_env_get(env, "saved", value, sizeof(value)));
    assert_false(grub_env_get(env, "long", value, 8));
    assert_string_equal(value, "");
    assert_true(grub_env_expand(env, "$kernelopts ${saved_entry}x $none \\$5 $", value, sizeof(value)));
    assert_string_equal(value, "root=UUID=1 ro\\x abcx  $5 $");
    assert_false(grub_env_expand(env, "$kernelopts 0123456789abcdef", value, sizeof(value)));
    assert_true(grub_env_expand(env, "", value, 1));
}

static void bls_takes_the_newest(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.5", "k");
    put("boot/vmlinuz-6.10", "k");
    put("boot/initramfs-6.10.img", "i");
    put("boot/loader/entries/m-6.5.conf", "title A\nlinux /vmlinuz-6.5\noptions a\n");
    put("boot/loader/entries/m-6.10.conf", "title B\nversion 6.10\nlinux /vmlinuz-6.10\ninitrd /initramfs-6.10.img "
                                           "$tuned_initrd\noptions root=UUID=7 ro $tuned_params quiet\n");
    put("boot/loader/entries/m-0-rescue.conf", "title R\nlinux /vmlinuz-0-rescue\n");
    put("boot/loader/entries/broken.conf", "linux http://evil/vmlinuz-99\n");
    put("boot/loader/entries/readme", "linux /vmlinuz-99\n");
    assert_string_equal(find(true), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.10");
    assert_int_equal(entry.initrd_count, 1);
    assert_string_equal(entry.initrd[0], "/boot/initramfs-6.10.img");
    assert_string_equal(entry.options, "root=UUID=7 ro  quiet");
}

static void bls_obeys_the_saved_entry(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.5", "k");
    put("boot/vmlinuz-6.10", "k");
    put("boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=m-6.5\nkernelopts=root=LABEL=x ro\n####");
    put("boot/loader/entries/m-6.5.conf", "linux /boot/vmlinuz-6.5\noptions $kernelopts\n");
    put("boot/loader/entries/m-6.10.conf", "linux /boot/vmlinuz-6.10\noptions a\n");
    assert_string_equal(find(false), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.5");
    assert_string_equal(entry.options, "root=LABEL=x ro");
}

/* Boot counting: one that was given up after its tries is worse than any other, and a counter is no part of the name.
 */
static void bls_counts_tries(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.5", "k");
    put("boot/vmlinuz-6.10", "k");
    put("boot/vmlinuz-6.11", "k");
    put("boot/loader/entries/m-6.11+0-3.conf", "linux /vmlinuz-6.11\n");
    assert_string_equal(find(true), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.11");
    put("boot/loader/entries/m-6.5.conf", "linux /vmlinuz-6.5\n");
    put("boot/loader/entries/m-6.10+2-1.conf", "linux /vmlinuz-6.10\n");
    assert_string_equal(find(true), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.10");
    put("boot/grub2/grubenv", "saved_entry=m-6.5\n");
    assert_string_equal(find(true), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.5");
    put("boot/grub2/grubenv", "saved_entry=m-6.11\n");
    assert_string_equal(find(true), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.11");
}

static void bls_obeys_systemd_boot(void **state)
{
    static const char *const chosen[] = {"timeout 3\ndefault m-6.5.conf\n", "default\tm-6.5*\r\n", "default m-?.5"};
    static const char *const nothing[] = {"default @saved\n", "#default m-6.5\n", "default none-*\n", "default\n"};

    (void)state;
    put("boot/efi/vmlinuz-6.5", "k");
    put("boot/efi/vmlinuz-6.10", "k");
    put("boot/efi/loader/entries/m-6.5.conf", "linux /vmlinuz-6.5\n");
    put("boot/efi/loader/entries/m-6.10.conf", "linux /vmlinuz-6.10\n");
    for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
        put("boot/efi/loader/loader.conf", chosen[i]);
        assert_string_equal(find(false), "loader/entries");
        assert_string_equal(entry.linux_path, "/boot/efi/vmlinuz-6.5");
    }
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        put("boot/efi/loader/loader.conf", nothing[i]);
        assert_string_equal(find(false), "loader/entries");
        assert_string_equal(entry.linux_path, "/boot/efi/vmlinuz-6.10");
    }
}

/* systemd-boot keeps kernels on the ESP. */
static void bls_on_the_esp(void **state)
{
    (void)state;
    put("boot/efi/abc/6.1/linux", "k");
    put("boot/efi/abc/6.1/initrd", "i");
    put("boot/efi/loader/entries/abc-6.1.conf", "linux /abc/6.1/linux\ninitrd /abc/6.1/initrd\noptions q\n");
    assert_string_equal(find(false), "loader/entries");
    assert_string_equal(entry.linux_path, "/boot/efi/abc/6.1/linux");
    assert_string_equal(entry.initrd[0], "/boot/efi/abc/6.1/initrd");
}

static const char debian_cfg[] =
    "if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\n"
    "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n   set next_entry=\n   save_env next_entry\n"
    "else\n   set default=\"0\"\nfi\n"
    "function gfxmode {\n\tset gfxpayload=\"${1}\"\n\tlinux /never\n}\n"
    "menuentry 'Debian GNU/Linux' --class debian --class os $menuentry_id_option 'gnulinux-simple-1' {\n"
    "\tload_video\n\tinsmod gzio\n\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi\n"
    "\tsearch --no-floppy --fs-uuid --set=root 1\n\techo\t'Loading Linux 6.1 ...'\n"
    "\tlinux\t/boot/vmlinuz-6.1 root=UUID=1 ro  quiet \"a b\" $vt_handoff # end\n\tinitrd\t/boot/early.cpio "
    "/boot/initrd.img-6.1\n}\n"
    "submenu 'Advanced options' $menuentry_id_option 'advanced-1' {\n"
    "\tmenuentry 'Debian, with 6.1' $menuentry_id_option 'adv-6.1' {\n\t\tlinux /boot/vmlinuz-6.1 adv\n\t}\n"
    "\tmenuentry 'Debian, with 5.10' --class x $menuentry_id_option 'adv-5.10' {\n\t\tlinux ($root)/boot/vmlinuz-5.10 "
    "old\n\t}\n}\n"
    "menuentry 'UEFI Firmware Settings' {\n\tfwsetup\n}\n";

static void make_debian(const char *before, const char *env)
{
    char text[4096];

    snprintf(text, sizeof(text), "%s%s", debian_cfg, before);
    put("boot/vmlinuz-6.1", "k");
    put("boot/vmlinuz-5.10", "k");
    put("boot/initrd.img-6.1", "i");
    put("boot/early.cpio", "e");
    put("boot/grub/grub.cfg", text);
    put("boot/grub/grubenv", env);
}

static void grub_takes_the_default(void **state)
{
    (void)state;
    make_debian("", "");
    assert_string_equal(find(false), "grub.cfg");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.1");
    assert_string_equal(entry.options, "root=UUID=1 ro quiet a b");
    assert_int_equal(entry.initrd_count, 2);
    assert_string_equal(entry.initrd[1], "/boot/initrd.img-6.1");
}

static void grub_obeys_what_was_chosen(void **state)
{
    static const char *const chosen[] = {"set default='1>1'", "set default='advanced-1>adv-5.10'",
                                         "set default=\"Debian, with 5.10\"", "set default=\"${saved_entry}\"",
                                         "set default=\"gnulinux-simple-1\"; set default=1>1"};

    (void)state;
    for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
        make_debian(chosen[i], "saved_entry=advanced-1>adv-5.10\n");
        assert_string_equal(find(false), "grub.cfg");
        assert_string_equal(entry.linux_path, "/boot/vmlinuz-5.10");
        assert_string_equal(entry.options, "old");
        assert_int_equal(entry.initrd_count, 0);
    }
}

/* What GRUB would start is no Linux: the newest kernel is still production's. */
static void a_default_that_is_no_linux(void **state)
{
    (void)state;
    make_debian("set default=2", "");
    put("etc/fstab", "UUID=1 / ext4 errors=remount-ro 0 1\n");
    assert_string_equal(find(false), "the newest kernel in /boot");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.1");
    assert_string_equal(entry.initrd[0], "/boot/initrd.img-6.1");
    assert_string_equal(entry.options, "root=UUID=1 ro");
}

static void commands_outside_of_entries_and_links(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.1", "k");
    assert_int_equal(symlinkat("boot/vmlinuz-6.1", root, "vmlinuz"), 0);
    put("boot/grub/grub.cfg", "set timeout=0\nlinux /vmlinuz root=UUID=5 console=ttyS0,115200\nboot\n");
    assert_string_equal(find(false), "grub.cfg");
    assert_string_equal(entry.linux_path, "/vmlinuz");
    assert_string_equal(entry.options, "root=UUID=5 console=ttyS0,115200");
}

static void a_btrfs_subvolume_before_the_path(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.1", "k");
    put("boot/grub/grub.cfg", "menuentry x {\n linux /@/boot/vmlinuz-6.1 root=UUID=5 rootflags=subvol=@\n}\n");
    assert_string_equal(find(false), "grub.cfg");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.1");
}

/* openSUSE's snapshots; Fedora's /boot on the subvolume of the root. */
static void a_path_of_several_subvolumes(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.1", "k");
    put("boot/grub2/grub.cfg", "menuentry x {\n linux /@/.snapshots/1/snapshot/boot/vmlinuz-6.1 root=UUID=5\n}\n");
    assert_string_equal(find(false), "grub.cfg");
    assert_string_equal(entry.linux_path, "/boot/vmlinuz-6.1");
}

static void what_is_no_file_is_no_kernel(void **state)
{
    (void)state;
    put("boot/x", "");
    assert_int_equal(mkfifoat(root, "boot/vmlinuz-6.1", 0644), 0);
    assert_int_equal(mkdirat(root, "boot/vmlinuz-6.2", 0755), 0);
    put("boot/grub/grub.cfg", "menuentry x {\n linux /boot/vmlinuz-6.1 root=UUID=5\n}\n");
    put("boot/loader/entries/a.conf", "linux /boot/vmlinuz-6.2\n");
    put("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
    assert_non_null(strstr(find(false), "no kernel was found"));
}

/* Files that are larger than any system's, and more of them. */
static void too_much_is_left_out(void **state)
{
    char *large = malloc(GRUB_CFG_LIMIT + 2), path[64];

    (void)state;
    assert_non_null(large);
    memset(large, '{', GRUB_CFG_LIMIT + 1);
    large[GRUB_CFG_LIMIT + 1] = '\0';
    put("boot/vmlinuz-6.1", "k");
    put("etc/fstab", "UUID=1 / ext4 defaults 0 1\n");
    put("boot/grub/grub.cfg", large);
    put("boot/grub/grubenv", large);
    for (unsigned i = 0; i < 300; i++) {
        snprintf(path, sizeof(path), "boot/loader/entries/%u.conf", i);
        put(path, "linux /../../../etc/passwd\n");
    }
    put("boot/loader/entries/large.conf", large);
    assert_string_equal(find(false), "the newest kernel in /boot");
    free(large);
}

static void a_missing_initrd_is_no_way_to_start(void **state)
{
    (void)state;
    put("boot/vmlinuz-6.1", "k");
    put("boot/grub/grub.cfg", "menuentry x {\n linux /boot/vmlinuz-6.1 root=UUID=5\n initrd /boot/none\n}\n");
    assert_non_null(strstr(find(false), "no kernel was found"));
    put("etc/fstab", "/dev/sda2 / btrfs subvol=@,noatime 0 0\n");
    assert_string_equal(find(false), "the newest kernel in /boot");
    assert_string_equal(entry.options, "root=/dev/sda2 rootflags=subvol=@ ro");
}

static void nothing_leads_out_of_the_system(void **state)
{
    (void)state;
    put("boot/grub/grub.cfg",
        "menuentry x {\n linux ../../../../etc/passwd\n}\nmenuentry y {\n linux /../etc/passwd\n}\n");
    assert_non_null(strstr(find(false), "no kernel was found"));
}

static void scripts_that_end_early(void **state)
{
    static const char *const texts[] = {"menuentry 'x",
                                        "menuentry x {",
                                        "linux",
                                        "menuentry x {\nlinux /a \"b",
                                        "\\",
                                        "}}}}\nlinux",
                                        "${",
                                        "\"${",
                                        "submenu x { menuentry",
                                        "set default="};
    struct grub_cfg cfg;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t size = strlen(texts[i]);
        char *copy = malloc(size);
        memcpy(copy, texts[i], size);
        assert_int_equal(grub_cfg_parse(copy, size, "", &cfg), 0);
        grub_cfg_default(&cfg);
        grub_cfg_free(&cfg);
        free(copy);
    }
}

#define ON_TREE(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(environment),
        cmocka_unit_test(scripts_that_end_early),
        ON_TREE(bls_takes_the_newest),
        ON_TREE(bls_obeys_the_saved_entry),
        ON_TREE(bls_counts_tries),
        ON_TREE(bls_obeys_systemd_boot),
        ON_TREE(bls_on_the_esp),
        ON_TREE(grub_takes_the_default),
        ON_TREE(grub_obeys_what_was_chosen),
        ON_TREE(a_default_that_is_no_linux),
        ON_TREE(commands_outside_of_entries_and_links),
        ON_TREE(a_btrfs_subvolume_before_the_path),
        ON_TREE(a_path_of_several_subvolumes),
        ON_TREE(what_is_no_file_is_no_kernel),
        ON_TREE(too_much_is_left_out),
        ON_TREE(a_missing_initrd_is_no_way_to_start),
        ON_TREE(nothing_leads_out_of_the_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
