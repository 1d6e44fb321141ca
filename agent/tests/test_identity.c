/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity on a tree of files, with links that want out of it. */
#include "agent/identity/hosts_file.h"
#include "agent/system/system_linux.h"

#include "agent/tests/identity_fixture.h"

static void a_system_gets_its_own_identity(void **state)
{
    struct failure f;
    char first[40];

    (void)state;
    assert_true(system_linux_is_root(root));
    assert_int_equal(identity_apply(&id, root, &f), 0);
    assert_string_equal(get(root, "etc/hostname"), "pc-b\n");
    assert_string_equal(get(root, "etc/hosts"), "127.0.0.1\tlocalhost\n127.0.1.1\tpc-b\n# end\n");
    snprintf(first, sizeof(first), "%.39s", get(root, "etc/machine-id"));
    assert_int_equal(strlen(first), 33);
    assert_int_equal(strspn(first, "0123456789abcdef"), 32);
    assert_string_not_equal(first, "00000000000000000000000000000001\n");
    assert_string_equal(get(root, "var/lib/systemd/random-seed"), "(none)");
    assert_string_equal(get(root, "var/lib/dbus/machine-id"), "(none)");
}

/* Twice by one job is once; another job makes another machine. */
static void the_same_job_leaves_what_it_made(void **state)
{
    struct identity other = id;
    char first[40], cfg[512];
    struct failure f;

    (void)state;
    apply();
    snprintf(first, sizeof(first), "%.39s", get(root, "etc/machine-id"));
    snprintf(cfg, sizeof(cfg), "%.511s", get(root, "slipway.cfg"));
    apply();
    assert_string_equal(get(root, "etc/machine-id"), first);
    assert_string_equal(get(root, "slipway.cfg"), cfg);
    other.job = 8;
    assert_int_equal(identity_apply(&other, root, &f), 0);
    assert_string_not_equal(get(root, "etc/machine-id"), first);
    snprintf(first, sizeof(first), "%.39s", get(root, "etc/machine-id"));
    other.machine = "pc-c";
    assert_int_equal(identity_apply(&other, root, &f), 0);
    assert_string_not_equal(get(root, "etc/machine-id"), first);
}

/* An image taken as it is, of a system that had not yet confirmed its own job. */
static void a_unit_of_another_deploy_goes(void **state)
{
    static const char *const list[] = {"usr/local", "usr/local/lib", "usr/local/lib/slipway", NULL};

    (void)state;
    folders(list);
    put(root, "usr/local/lib/slipway/confirm", "token=old\n");
    apply();
    assert_int_equal(faccessat(root, "usr/local/lib/slipway", F_OK, 0), -1);
}

static void slipway_cfg(void **state)
{
    struct failure f;
    const char *text, *deployed;

    (void)state;
    assert_int_equal(identity_apply(&id, root, &f), 0);
    text = get(root, "slipway.cfg");
    assert_ptr_equal(strstr(text, "machine=pc-b\nhost_name=pc-b\nimage=debian\njob=7\ndeployed=20"), text);
    deployed = strstr(text, "Z\n");
    assert_non_null(deployed);
    assert_string_equal(deployed, "Z\nserver=http://10.77.0.2:8077\nasset=1234\nroom=4 b\n");
}

static void the_copy_of_dbus_is_the_same(void **state)
{
    char machine_id[40];
    struct failure f;

    (void)state;
    put(root, "var/lib/dbus/machine-id", "old\n");
    assert_int_equal(identity_apply(&id, root, &f), 0);
    snprintf(machine_id, sizeof(machine_id), "%.39s", get(root, "etc/machine-id"));
    assert_string_equal(get(root, "var/lib/dbus/machine-id"), machine_id);
}

static void without_a_host_name_the_old_one_stays(void **state)
{
    (void)state;
    say("{\"host_name\": \"\"}");
    apply();
    assert_string_equal(get(root, "etc/hostname"), "pc-a\n");
}

static void a_link_in_the_place_of_a_file_is_replaced(void **state)
{
    struct failure f;

    (void)state;
    unlinkat(root, "etc/hostname", 0);
    assert_int_equal(symlinkat("../../outside/victim", root, "etc/hostname"), 0);
    assert_int_equal(symlinkat("../outside/victim", root, "slipway.cfg"), 0);
    assert_int_equal(symlinkat("../../outside/victim", root, "etc/.slipway-new"), 0);
    assert_int_equal(identity_apply(&id, root, &f), 0);
    assert_string_equal(get(root, "etc/hostname"), "pc-b\n");
    assert_string_equal(get(top_fd, "outside/victim"), "untouched");
}

/* etc is a link to a folder outside, once relative and once absolute: as the deployed system sees it, neither exists.
 */
static void a_link_in_the_place_of_a_folder_leads_nowhere(void **state)
{
    char absolute[80];
    struct failure f;

    (void)state;
    snprintf(absolute, sizeof(absolute), "%s/outside", top);
    assert_int_equal(renameat(root, "etc", root, "real"), 0);
    assert_int_equal(symlinkat("../outside", root, "etc"), 0);
    assert_false(system_linux_is_root(root));
    assert_int_equal(identity_apply(&id, root, &f), -1);
    unlinkat(root, "etc", 0);
    assert_int_equal(symlinkat(absolute, root, "etc"), 0);
    assert_int_equal(identity_apply(&id, root, &f), -1);
    assert_string_equal(f.reason, "identity");
    assert_int_equal(faccessat(top_fd, "outside/hostname", F_OK, 0), -1);
    assert_string_equal(get(top_fd, "outside/victim"), "untouched");
}

/* A link that stays inside is a way to build a system, too. */
static void a_link_inside_is_followed(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(renameat(root, "etc", root, "real"), 0);
    assert_int_equal(symlinkat("/real", root, "etc"), 0);
    assert_int_equal(identity_apply(&id, root, &f), 0);
    assert_string_equal(get(root, "real/hostname"), "pc-b\n");
}

static void a_fifo_does_not_hold_us(void **state)
{
    struct failure f;

    (void)state;
    unlinkat(root, "etc/hosts", 0);
    assert_int_equal(mkfifoat(root, "etc/hosts", 0644), 0);
    assert_int_equal(identity_apply(&id, root, &f), -1);
    assert_non_null(strstr(f.message, "/etc/hosts"));
}

static void a_missing_hosts_file_is_made(void **state)
{
    struct failure f;

    (void)state;
    unlinkat(root, "etc/hosts", 0);
    assert_int_equal(identity_apply(&id, root, &f), 0);
    assert_non_null(strstr(get(root, "etc/hosts"), "localhost"));
    assert_non_null(strstr(get(root, "etc/hosts"), "127.0.1.1\tpc-b\n"));
}

static void old_ssh_keys_go_even_without_ssh_keygen(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(mkdirat(root, "etc/ssh", 0755), 0);
    put(root, "etc/ssh/ssh_host_rsa_key", "secret");
    put(root, "etc/ssh/ssh_host_rsa_key.pub", "public");
    put(root, "etc/ssh/sshd_config", "kept");
    assert_int_equal(identity_apply(&id, root, &f), 0);
    assert_string_equal(get(root, "etc/ssh/ssh_host_rsa_key"), "(none)");
    assert_string_equal(get(root, "etc/ssh/ssh_host_rsa_key.pub"), "(none)");
    assert_string_equal(get(root, "etc/ssh/sshd_config"), "kept");
}

static void a_tool_that_does_not_work_fails_the_identity(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(mkdirat(root, "etc/ssh", 0755), 0);
    assert_int_equal(mkdirat(root, "usr/bin", 0755), 0);
    put(root, "usr/bin/ssh-keygen", "#!/no/such/interpreter\n");
    assert_int_equal(fchmodat(root, "usr/bin/ssh-keygen", 0755, 0), 0);
    assert_int_equal(identity_apply(&id, root, &f), -1);
    assert_string_equal(f.reason, "identity");
    assert_non_null(strstr(f.message, "ssh-keygen"));
}

static void no_system(void **state)
{
    (void)state;
    unlinkat(root, "usr/lib/os-release", 0); /* the link in etc/ may lead to a /usr of its own */
    assert_true(system_linux_is_root(root) && !system_linux_names_itself(root));
    unlinkat(root, "etc/os-release", 0);
    assert_false(system_linux_is_root(root));
}

static void renamed(const char *old, const char *name, const char *expected)
{
    struct buffer b = {0};

    assert_true(hosts_file_rename(old, name, &b));
    assert_int_equal(b.size, strlen(expected));
    assert_memory_equal(b.data, expected, b.size);
    free(b.data);
}

static void hosts(void **state)
{
    (void)state;
    renamed("", "b", "127.0.1.1\tb\n");
    renamed("127.0.0.1 localhost", "b", "127.0.0.1 localhost\n127.0.1.1\tb\n");
    renamed(" 127.0.1.1 a a.x\n127.0.1.1\tagain\n", "b.x.org", "127.0.1.1\tb.x.org b\n");
    renamed("127.0.1.10 other\n#127.0.1.1 no\n\n", "b", "127.0.1.10 other\n#127.0.1.1 no\n\n127.0.1.1\tb\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(a_system_gets_its_own_identity),
        WITH_TREE(the_same_job_leaves_what_it_made),
        WITH_TREE(a_unit_of_another_deploy_goes),
        WITH_TREE(slipway_cfg),
        WITH_TREE(the_copy_of_dbus_is_the_same),
        WITH_TREE(without_a_host_name_the_old_one_stays),
        WITH_TREE(a_link_in_the_place_of_a_file_is_replaced),
        WITH_TREE(a_link_in_the_place_of_a_folder_leads_nowhere),
        WITH_TREE(a_link_inside_is_followed),
        WITH_TREE(a_fifo_does_not_hold_us),
        WITH_TREE(a_missing_hosts_file_is_made),
        WITH_TREE(old_ssh_keys_go_even_without_ssh_keygen),
        WITH_TREE(a_tool_that_does_not_work_fails_the_identity),
        WITH_TREE(no_system),
        cmocka_unit_test(hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
