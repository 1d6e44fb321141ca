/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of depmod's files, in a folder made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/kernel/module_index.h"
#include "agent/kernel/uevent.h"

static char dir[64];
static char loaded[1024];

static void put(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/modules-XXXXXX");
    loaded[0] = '\0';
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"modules.dep", "modules.alias", "modules.softdep"};
    char path[128];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

static void load(void *arg, const char *path)
{
    (void)arg;
    strcat(loaded, path);
    strcat(loaded, " ");
}

static void dependencies_come_first_and_once(void **state)
{
    struct module_index *m;

    (void)state;
    put("modules.dep", "k/net_failover.ko: k/failover.ko\nk/failover.ko:\n"
                       "k/virtio-net.ko: k/net_failover.ko k/failover.ko\n");
    put("modules.alias", "# comment\nalias virtio:d00000001v* virtio_net\n");
    m = module_index_open(dir);
    assert_non_null(m);
    assert_true(module_index_load_alias(m, "virtio:d00000001v00001AF4", load, NULL));
    assert_string_equal(loaded, "k/failover.ko k/net_failover.ko k/virtio-net.ko ");
    assert_true(module_index_load(m, "failover", load, NULL));
    assert_string_equal(loaded, "k/failover.ko k/net_failover.ko k/virtio-net.ko ");
    module_index_close(m);
}

static void soft_dependencies_stand_around_the_module(void **state)
{
    struct module_index *m;

    (void)state;
    put("modules.dep", "k/ext4.ko: k/jbd2.ko\nk/jbd2.ko:\nk/crc32c_generic.ko:\nk/late.ko:\nk/realtek.ko:\n");
    put("modules.softdep", "softdep ext4 pre: crc32c-generic absent post: late\nsoftdep other pre: realtek\nsoftdep\n");
    m = module_index_open(dir);
    assert_true(module_index_load(m, "ext4", load, NULL));
    assert_string_equal(loaded, "k/crc32c_generic.ko k/jbd2.ko k/ext4.ko k/late.ko ");
    module_index_close(m);
}

static void dash_and_underscore_are_one(void **state)
{
    struct module_index *m;

    (void)state;
    put("modules.dep", "k/nls_cp437.ko.xz:\nk/usb-storage.ko:\n");
    put("modules.alias", "alias fs-vfat usb_storage\nalias usb:v[0-9a-f]* nls-cp437\n");
    m = module_index_open(dir);
    assert_true(module_index_load_alias(m, "fs_vfat", load, NULL));
    assert_true(module_index_load_alias(m, "usb:v9", load, NULL));
    assert_false(module_index_load_alias(m, "usb:v-", load, NULL));
    assert_string_equal(loaded, "k/usb-storage.ko k/nls_cp437.ko.xz ");
    module_index_close(m);
}

static void only_what_matches_is_loaded(void **state)
{
    struct module_index *m;

    (void)state;
    put("modules.dep", "k/e1000.ko:\nk/e1000e.ko:\n");
    put("modules.alias", "alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\n"
                         "alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n");
    m = module_index_open(dir);
    assert_true(module_index_load_alias(m, "pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00", load, NULL));
    assert_string_equal(loaded, "k/e1000e.ko ");
    assert_false(module_index_load_alias(m, "pci:v00008086d000010D3", load, NULL));
    assert_false(module_index_load(m, "e100", load, NULL));
    module_index_close(m);
}

static void circles_and_rubbish_end(void **state)
{
    struct module_index *m;

    (void)state;
    put("modules.dep", "k/a.ko: k/b.ko\nk/b.ko: k/a.ko\nno colon\n:\nk/c.ko:   \nk/d.ko: /");
    put("modules.alias", "alias x\nalias  \nalias\nalias q* \n");
    m = module_index_open(dir);
    assert_true(module_index_load(m, "a", load, NULL));
    assert_string_equal(loaded, "k/b.ko k/a.ko ");
    assert_true(module_index_load(m, "c", load, NULL));
    assert_true(module_index_load(m, "d", load, NULL));
    module_index_load_alias(m, "qq", load, NULL);
    module_index_close(m);
}

static void missing_files_count_as_empty(void **state)
{
    struct module_index *m = module_index_open(dir);

    (void)state;
    assert_non_null(m);
    assert_false(module_index_load(m, "ext4", load, NULL));
    module_index_close(m);
}

static void announcement_of_a_device(void **state)
{
    static const char add[] = "add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0MODALIAS=virtio:d1\0SEQNUM=1";
    static const char gone[] = "remove@/devices/x\0ACTION=remove\0MODALIAS=virtio:d1";
    char ret[32];

    (void)state;
    assert_true(uevent_modalias(add, sizeof(add), ret, sizeof(ret)));
    assert_string_equal(ret, "virtio:d1");
    assert_false(uevent_modalias(gone, sizeof(gone), ret, sizeof(ret)));
    assert_false(uevent_modalias(add, sizeof(add), ret, 5));
    assert_true(uevent_modalias(add, 60, ret, sizeof(ret))); /* cut in the middle of the value, no NUL at the end */
    assert_false(uevent_modalias("", 0, ret, sizeof(ret)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dependencies_come_first_and_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(soft_dependencies_stand_around_the_module, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(dash_and_underscore_are_one, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(only_what_matches_is_loaded, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(circles_and_rubbish_end, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(missing_files_count_as_empty, make_folder, remove_folder),
        cmocka_unit_test(announcement_of_a_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
