/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "agent/base/console.h"
#include "agent/identity/windows_answer_internal.h"

/* Linux's groups of administrators mean the same. Others exist on one side only, and Setup fails when one is missing.
 */
static const char *group_of(const struct identity_user *u)
{
    static const char *const administrators[] = {"Administrators", "sudo", "wheel", "adm", "admin"};

    for (unsigned i = 0; i < u->group_count; i++)
        for (size_t k = 0; k < sizeof(administrators) / sizeof(administrators[0]); k++)
            if (!strcasecmp(u->groups[i], administrators[k]))
                return "Administrators";
    return "Users";
}

/* An account without a password would be open to everybody. */
static bool is_usable(const struct identity_user *u)
{
    return u->password[0] != '\0';
}

static void put_account(struct windows_answer *a, const struct identity_user *u)
{
    xml_open(&a->xml, "LocalAccount", WINDOWS_ADD, NULL);
    xml_open(&a->xml, "Password", NULL);
    xml_value(&a->xml, "Value", u->password);
    xml_value(&a->xml, "PlainText", "true");
    xml_close(&a->xml);
    if (u->full_name[0])
        xml_value(&a->xml, "DisplayName", u->full_name);
    xml_value(&a->xml, "Group", group_of(u));
    xml_value(&a->xml, "Name", u->name);
    xml_close(&a->xml);
}

static void put_accounts(struct windows_answer *a)
{
    const struct identity_data *d = a->id->data;

    xml_open(&a->xml, "UserAccounts", NULL);
    xml_open(&a->xml, "LocalAccounts", NULL);
    for (unsigned i = 0; i < d->user_count; i++)
        if (is_usable(&d->users[i]))
            put_account(a, &d->users[i]);
    xml_close(&a->xml);
    xml_close(&a->xml);
}

/* With accounts or a domain there is nothing left to ask a person. */
static void put_oobe(struct windows_answer *a, bool has_accounts)
{
    xml_open(&a->xml, "OOBE", NULL);
    xml_value(&a->xml, "HideEULAPage", "true");
    if (has_accounts) {
        xml_value(&a->xml, "HideLocalAccountScreen", "true");
        xml_value(&a->xml, "HideOnlineAccountScreens", "true");
    }
    xml_value(&a->xml, "HideWirelessSetupInOOBE", "true");
    xml_value(&a->xml, "ProtectYourPC", "3");
    xml_close(&a->xml);
}

void windows_answer_users(struct windows_answer *a)
{
    const struct identity_data *d = a->id->data;
    unsigned usable = 0;

    for (unsigned i = 0; i < d->user_count; i++) {
        usable += is_usable(&d->users[i]);
        if (!is_usable(&d->users[i]))
            console_alert("identity: user %s has no password for Windows (a hash is none there): left out",
                          d->users[i].name);
    }
    put_oobe(a, usable || d->join_domain[0]);
    if (usable)
        put_accounts(a);
}
