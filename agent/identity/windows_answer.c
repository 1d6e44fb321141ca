/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_answer.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/identity/windows_answer_internal.h"
#include "agent/identity/windows_names.h"

#define NAMESPACE "urn:schemas-microsoft-com:unattend"
#define NAMESPACE_WCM "http://schemas.microsoft.com/WMIConfig/2002/State"
#define PUBLIC_KEY_TOKEN "31bf3856ad364e35" /* of all of Windows' own components */
#define SCRIPTS "%WINDIR%\\Setup\\Scripts\\"

void windows_answer_component(struct windows_answer *a, const char *name)
{
    xml_open(&a->xml, "component", "name", name, "processorArchitecture", a->arch, "publicKeyToken", PUBLIC_KEY_TOKEN,
             "language", "neutral", "versionScope", "nonSxS", NULL);
}

static void put_given(struct windows_answer *a, const char *name, const char *value)
{
    if (value[0])
        xml_value(&a->xml, name, value);
}

static void put_time_zone(struct windows_answer *a)
{
    const char *zone = a->id->data->time_zone, *theirs = windows_time_zone(zone);

    if (theirs)
        xml_value(&a->xml, "TimeZone", theirs);
    else if (zone[0])
        console_alert("identity: the time zone %s has no name in Windows that is known here: left out", zone);
}

/* The account that joins is of the domain that is joined, unless it says another: OTHER\user. */
static void put_join(struct windows_answer *a)
{
    const struct identity_data *d = a->id->data;
    const char *slash = strchr(d->join_user, '\\');
    char domain[256] = "";

    if (!d->join_domain[0])
        return;
    if (slash && (size_t)(slash - d->join_user) < sizeof(domain))
        memcpy(domain, d->join_user, (size_t)(slash - d->join_user));
    windows_answer_component(a, "Microsoft-Windows-UnattendedJoin");
    xml_open(&a->xml, "Identification", NULL);
    if (d->join_user[0]) {
        xml_open(&a->xml, "Credentials", NULL);
        xml_value(&a->xml, "Domain", slash ? domain : d->join_domain);
        xml_value(&a->xml, "Password", d->join_password);
        xml_value(&a->xml, "Username", slash ? slash + 1 : d->join_user);
        xml_close(&a->xml);
    }
    xml_value(&a->xml, "JoinDomain", d->join_domain);
    put_given(a, "MachineObjectOU", d->join_ou);
    xml_close(&a->xml);
    xml_close(&a->xml);
}

static void put_specialize(struct windows_answer *a)
{
    xml_open(&a->xml, "settings", "pass", "specialize", NULL);
    windows_answer_component(a, "Microsoft-Windows-Shell-Setup");
    xml_value(&a->xml, "ComputerName", a->id->data->host_name[0] ? a->id->data->host_name : "*");
    put_given(a, "ProductKey", a->id->data->product_key);
    put_time_zone(a);
    xml_close(&a->xml);
    put_join(a);
    windows_answer_network(a);
    xml_close(&a->xml);
}

static void put_international(struct windows_answer *a)
{
    const struct identity_data *d = a->id->data;
    const char *keyboard = windows_keyboard(d->keyboard);
    char locale[WINDOWS_NAME_MAX];
    bool has_locale = windows_locale(d->locale, locale);

    if (d->keyboard[0] && !keyboard)
        console_alert("identity: the keyboard %s has no name in Windows that is known here: left out", d->keyboard);
    if (d->locale[0] && !has_locale)
        console_alert("identity: the locale %s has no name in Windows: left out", d->locale);
    if (!keyboard && !has_locale)
        return;
    windows_answer_component(a, "Microsoft-Windows-International-Core");
    if (keyboard)
        xml_value(&a->xml, "InputLocale", keyboard);
    if (has_locale) {
        xml_value(&a->xml, "SystemLocale", locale);
        xml_value(&a->xml, "UserLocale", locale);
    }
    xml_close(&a->xml);
}

/* Windows Setup runs SetupComplete.cmd, but not with the product key of a computer's maker: then the first logon does.
 * The script is gone when it has run. */
static void put_first_boot(struct windows_answer *a)
{
    if (!a->id->data->first_boot[0])
        return;
    xml_open(&a->xml, "FirstLogonCommands", NULL);
    xml_open(&a->xml, "SynchronousCommand", WINDOWS_ADD, NULL);
    xml_value(&a->xml, "CommandLine",
              "cmd.exe /c if exist " SCRIPTS WINDOWS_FIRST_BOOT " call " SCRIPTS WINDOWS_FIRST_BOOT);
    xml_value(&a->xml, "Description", "Slipway: first boot");
    xml_value(&a->xml, "Order", "1");
    xml_close(&a->xml);
    xml_close(&a->xml);
}

static void put_oobe_system(struct windows_answer *a)
{
    xml_open(&a->xml, "settings", "pass", "oobeSystem", NULL);
    put_international(a);
    windows_answer_component(a, "Microsoft-Windows-Shell-Setup");
    put_first_boot(a);
    windows_answer_users(a);
    xml_close(&a->xml);
    xml_close(&a->xml);
}

static const char *windows_arch(const char *arch)
{
    if (!strcmp(arch, "x86_64"))
        return "amd64";
    if (!strcmp(arch, "i386"))
        return "x86";
    return strcmp(arch, "aarch64") ? NULL : "arm64";
}

int windows_answer_make(const struct identity *id, const char *arch, struct buffer *ret, struct failure *f)
{
    struct windows_answer a = {.id = id, .arch = windows_arch(arch)};

    if (!a.arch)
        return fail(f, "identity", "the Windows does not say for which processor it is (\"%.16s\")", arch);
    if (id->data->host_name[0] && !windows_name_valid(id->data->host_name))
        return windows_name_refuse(id->data->host_name, f);
    xml_begin(&a.xml);
    xml_open(&a.xml, "unattend", "xmlns", NAMESPACE, "xmlns:wcm", NAMESPACE_WCM, NULL);
    put_specialize(&a);
    put_oobe_system(&a);
    if (!xml_end(&a.xml)) {
        free(a.xml.text.data);
        return fail(f, "identity",
                    "the answer file for Windows cannot be made: a value has a control character, or no "
                    "memory is left");
    }
    *ret = a.xml.text;
    return 0;
}
