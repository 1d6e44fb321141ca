/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/pxe_client.h"

static struct pxe_client client;

static void assert_summary(enum boot_plan_kind kind, const char *file, const char *expected)
{
    char buf[400];
    struct text t;

    client.net.address = (struct ip4){{10, 77, 0, 100}};
    client.net.dhcp_server = (struct ip4){{10, 77, 0, 1}};
    client.plan = (struct boot_plan){.kind = kind, .server = {{10, 77, 0, 2}}};
    strcpy(client.plan.file, file);
    text_init(&t, buf, sizeof(buf));
    pxe_client_summary(&client, &t);
    assert_string_equal(buf, expected);
}

static void a_summary_names_file_and_server(void **state)
{
    (void)state;
    assert_summary(BOOT_FILE, "automation.conf",
                   "Address 10.77.0.100 from 10.77.0.1, boot file automation.conf on 10.77.0.2");
    assert_summary(BOOT_FILE, "a\x1b[2Jb", "Address 10.77.0.100 from 10.77.0.1, boot file a?[2Jb on 10.77.0.2");
}

static void a_summary_names_the_local_disk(void **state)
{
    (void)state;
    assert_summary(BOOT_LOCAL, "", "Address 10.77.0.100 from 10.77.0.1, boot from the local disk");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_names_file_and_server),
        cmocka_unit_test(a_summary_names_the_local_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
