/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/automation.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/automation/finish.h"
#include "agent/automation/init.h"
#include "agent/automation/machine.h"
#include "agent/automation/session.h"
#include "agent/base/buffer.h"
#include "agent/base/console.h"
#include "agent/kernel/modules.h"
#include "agent/net/lease_keep.h"
#include "agent/net/link_watch.h"
#include "agent/net/net.h"
#include "agent/net/server_url.h"
#include "core/text.h"

#define CMDLINE_LIMIT 65536

static char *read_cmdline(void)
{
    struct buffer b = {0};

    if (!buffer_read_file(&b, "/proc/cmdline", CMDLINE_LIMIT))
        init_fatal("cannot read /proc/cmdline");
    return (char *)b.data;
}

static bool find_server(const char *cmdline, const struct net_config *c, char *ret, size_t size)
{
    char address[256] = "";
    struct text t;

    if (cmdline_value(cmdline, "slipway.server", address, sizeof(address)))
        return server_url_format(ret, size, address);
    if (ip4_is_zero(c->boot_server))
        return false;
    text_init(&t, address, sizeof(address));
    text_ip4(&t, c->boot_server);
    return server_url_format(ret, size, address);
}

static void fill_machine(struct machine *m, const struct net *n)
{
    struct text t;

    m->is_real = true;
    inventory_read(&m->inventory);
    text_init(&t, m->inventory.boot_mac, sizeof(m->inventory.boot_mac));
    text_mac(&t, n->interface.mac, ':');
    text_init(&t, m->inventory.address, sizeof(m->inventory.address));
    text_ip4(&t, n->config.address);
}

/* jansson would read /dev/urandom for its hash tables, and the kernel would stop to gather entropy for that: a second
 * on a machine that has none to offer. What is hashed are the few names that the machine's own server sends. */
static void seed_json(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    json_object_seed(((size_t)now.tv_nsec ^ (size_t)now.tv_sec) | 1); /* 0 would mean "choose one" */
}

static enum job_finish finish_of(enum session_end end)
{
    return end == SESSION_POWEROFF ? FINISH_POWEROFF : end == SESSION_KEXEC ? FINISH_KEXEC : FINISH_REBOOT;
}

void automation_run(void)
{
    static struct machine machine;
    static char server[300];
    struct session session = {.server = server, .machine = &machine};
    static struct net net;
    char *cmdline;

    init_start();
    seed_json();
    cmdline = read_cmdline();
    modules_start();
    net_start(cmdline, &net);
    link_watch_start(&net.interface);
    lease_keep_start(&net);
    modules_load_rest();
    if (!find_server(cmdline, &net.config, server, sizeof(server)))
        init_fatal("no server is named: add slipway.server=ADDRESS to the kernel's command line");
    free(cmdline);
    console_line("server: %s", server);
    fill_machine(&machine, &net);
    finish_machine(finish_of(session_run(&session)));
}
