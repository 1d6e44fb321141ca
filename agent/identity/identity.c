/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/identity.h"

#include <errno.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/base/tree.h"
#include "agent/identity/confirm.h"
#include "agent/identity/identity_linux.h"
#include "agent/identity/identity_network.h"
#include "agent/identity/ssh_keys.h"

/* What nobody but this machine may have. */
static int write_secrets(const struct identity *id, int root, struct failure *f)
{
    if (identity_is_repeated(id, root))
        return 0;
    return identity_machine_id_write(root, f) || ssh_keys_renew(root, f) ? -1 : 0;
}

/* cloud-init 22.4 makes no VLANs for systemd-networkd, and says nothing. */
static bool has_vlan_for_networkd(const struct identity *id, int root)
{
    for (unsigned i = 0; i < id->data->network_count; i++)
        if (id->data->networks[i].vlan)
            return identity_network_manager(root) == NETWORK_NETWORKD;
    return false;
}

/* With cloud-init, users are its own affair, and so is the network unless its configuration forbids that: two who write
 * the same files would have the last word in turns. */
static int write_accounts_and_network(const struct identity *id, int root, struct failure *f)
{
    bool cloud = identity_cloud_is_there(root);
    bool network = cloud && identity_cloud_does_network(root) && !has_vlan_for_networkd(id, root);

    if (identity_network_check(id, f))
        return -1;
    if (cloud)
        console_line("identity: for cloud-init%s", network ? "" : ", which leaves the network alone here");
    if (cloud && identity_cloud_write(id, root, network, f))
        return -1;
    if (!cloud && identity_users_write(id, root, f))
        return -1;
    if (!network)
        return identity_network_write(id, root, f);
    return id->data->network_count ? identity_network_clear(root, f) : 0;
}

/* The unit of another deploy, which came along in an image taken as it is, would confirm that one's job. */
static int write_confirmation(const struct identity *id, int root, struct failure *f)
{
    if (id->confirm_token[0])
        return confirm_install(root, id->server, id->job, id->confirm_token, f);
    return confirm_remove(root) < 0
               ? fail(f, "identity", "an old unit in " CONFIRM_FOLDER " cannot be removed: %s", strerror(errno))
               : 0;
}

int identity_apply(const struct identity *id, int root, struct failure *f)
{
    if (identity_host_write(id, root, f) || write_secrets(id, root, f) || write_accounts_and_network(id, root, f) ||
        identity_locale_write(id, root, f) || identity_root_keys_write(id, root, f) ||
        identity_first_boot_write(id, root, f) || identity_selinux_write(root, f) || write_confirmation(id, root, f))
        return -1;
    return identity_cfg_write(id, root, f);
}
