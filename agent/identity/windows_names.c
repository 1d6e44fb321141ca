/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_names.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NETBIOS_NAME 15

struct pair {
    const char *theirs, *windows;
};

static const struct pair zones[] = {
    {"Africa/Cairo", "Egypt Standard Time"},
    {"Africa/Casablanca", "Morocco Standard Time"},
    {"Africa/Johannesburg", "South Africa Standard Time"},
    {"Africa/Lagos", "W. Central Africa Standard Time"},
    {"Africa/Nairobi", "E. Africa Standard Time"},
    {"America/Anchorage", "Alaskan Standard Time"},
    {"America/Argentina/Buenos_Aires", "Argentina Standard Time"},
    {"America/Bogota", "SA Pacific Standard Time"},
    {"America/Buenos_Aires", "Argentina Standard Time"},
    {"America/Caracas", "Venezuela Standard Time"},
    {"America/Chicago", "Central Standard Time"},
    {"America/Denver", "Mountain Standard Time"},
    {"America/Edmonton", "Mountain Standard Time"},
    {"America/Halifax", "Atlantic Standard Time"},
    {"America/Lima", "SA Pacific Standard Time"},
    {"America/Los_Angeles", "Pacific Standard Time"},
    {"America/Mexico_City", "Central Standard Time (Mexico)"},
    {"America/New_York", "Eastern Standard Time"},
    {"America/Phoenix", "US Mountain Standard Time"},
    {"America/Regina", "Canada Central Standard Time"},
    {"America/Santiago", "Pacific SA Standard Time"},
    {"America/Sao_Paulo", "E. South America Standard Time"},
    {"America/St_Johns", "Newfoundland Standard Time"},
    {"America/Toronto", "Eastern Standard Time"},
    {"America/Vancouver", "Pacific Standard Time"},
    {"Asia/Baghdad", "Arabic Standard Time"},
    {"Asia/Bangkok", "SE Asia Standard Time"},
    {"Asia/Calcutta", "India Standard Time"},
    {"Asia/Dhaka", "Bangladesh Standard Time"},
    {"Asia/Dubai", "Arabian Standard Time"},
    {"Asia/Ho_Chi_Minh", "SE Asia Standard Time"},
    {"Asia/Hong_Kong", "China Standard Time"},
    {"Asia/Jakarta", "SE Asia Standard Time"},
    {"Asia/Jerusalem", "Israel Standard Time"},
    {"Asia/Karachi", "Pakistan Standard Time"},
    {"Asia/Kathmandu", "Nepal Standard Time"},
    {"Asia/Kolkata", "India Standard Time"},
    {"Asia/Manila", "Singapore Standard Time"},
    {"Asia/Riyadh", "Arab Standard Time"},
    {"Asia/Seoul", "Korea Standard Time"},
    {"Asia/Shanghai", "China Standard Time"},
    {"Asia/Singapore", "Singapore Standard Time"},
    {"Asia/Taipei", "Taipei Standard Time"},
    {"Asia/Tehran", "Iran Standard Time"},
    {"Asia/Tokyo", "Tokyo Standard Time"},
    {"Atlantic/Azores", "Azores Standard Time"},
    {"Atlantic/Reykjavik", "Greenwich Standard Time"},
    {"Australia/Adelaide", "Cen. Australia Standard Time"},
    {"Australia/Brisbane", "E. Australia Standard Time"},
    {"Australia/Darwin", "AUS Central Standard Time"},
    {"Australia/Hobart", "Tasmania Standard Time"},
    {"Australia/Melbourne", "AUS Eastern Standard Time"},
    {"Australia/Perth", "W. Australia Standard Time"},
    {"Australia/Sydney", "AUS Eastern Standard Time"},
    {"Etc/UTC", "UTC"},
    {"Europe/Amsterdam", "W. Europe Standard Time"},
    {"Europe/Athens", "GTB Standard Time"},
    {"Europe/Belgrade", "Central Europe Standard Time"},
    {"Europe/Berlin", "W. Europe Standard Time"},
    {"Europe/Bratislava", "Central Europe Standard Time"},
    {"Europe/Brussels", "Romance Standard Time"},
    {"Europe/Bucharest", "GTB Standard Time"},
    {"Europe/Budapest", "Central Europe Standard Time"},
    {"Europe/Copenhagen", "Romance Standard Time"},
    {"Europe/Dublin", "GMT Standard Time"},
    {"Europe/Helsinki", "FLE Standard Time"},
    {"Europe/Istanbul", "Turkey Standard Time"},
    {"Europe/Kiev", "FLE Standard Time"},
    {"Europe/Kyiv", "FLE Standard Time"},
    {"Europe/Lisbon", "GMT Standard Time"},
    {"Europe/Ljubljana", "Central Europe Standard Time"},
    {"Europe/London", "GMT Standard Time"},
    {"Europe/Luxembourg", "W. Europe Standard Time"},
    {"Europe/Madrid", "Romance Standard Time"},
    {"Europe/Minsk", "Belarus Standard Time"},
    {"Europe/Moscow", "Russian Standard Time"},
    {"Europe/Oslo", "W. Europe Standard Time"},
    {"Europe/Paris", "Romance Standard Time"},
    {"Europe/Prague", "Central Europe Standard Time"},
    {"Europe/Riga", "FLE Standard Time"},
    {"Europe/Rome", "W. Europe Standard Time"},
    {"Europe/Sarajevo", "Central European Standard Time"},
    {"Europe/Skopje", "Central European Standard Time"},
    {"Europe/Sofia", "FLE Standard Time"},
    {"Europe/Stockholm", "W. Europe Standard Time"},
    {"Europe/Tallinn", "FLE Standard Time"},
    {"Europe/Vaduz", "W. Europe Standard Time"},
    {"Europe/Vienna", "W. Europe Standard Time"},
    {"Europe/Vilnius", "FLE Standard Time"},
    {"Europe/Warsaw", "Central European Standard Time"},
    {"Europe/Zagreb", "Central European Standard Time"},
    {"Europe/Zurich", "W. Europe Standard Time"},
    {"Pacific/Auckland", "New Zealand Standard Time"},
    {"Pacific/Honolulu", "Hawaiian Standard Time"},
    {"UTC", "UTC"},
};

/* Language and layout, as hexadecimal identifiers. */
static const struct pair keyboards[] = {
    {"be", "080c:0000080c"}, {"bg", "0402:00030402"},        {"br", "0416:00000416"},      {"ca", "0c0c:00001009"},
    {"ch", "0807:00000807"}, {"ch-de", "0807:00000807"},     {"ch-fr", "100c:0000100c"},   {"cz", "0405:00000405"},
    {"de", "0407:00000407"}, {"de-latin1", "0407:00000407"}, {"dk", "0406:00000406"},      {"ee", "0425:00000425"},
    {"es", "040a:0000040a"}, {"fi", "040b:0000040b"},        {"fr", "040c:0000040c"},      {"gb", "0809:00000809"},
    {"gr", "0408:00000408"}, {"hr", "041a:0000041a"},        {"hu", "040e:0000040e"},      {"ie", "1809:00001809"},
    {"is", "040f:0000040f"}, {"it", "0410:00000410"},        {"latam", "080a:0000080a"},   {"lt", "0427:00010427"},
    {"lv", "0426:00000426"}, {"nl", "0413:00020409"},        {"no", "0414:00000414"},      {"pl", "0415:00000415"},
    {"pt", "0816:00000816"}, {"ro", "0418:00010418"},        {"ru", "0419:00000419"},      {"se", "041d:0000041d"},
    {"si", "0424:00000424"}, {"sk", "041b:0000041b"},        {"tr", "041f:0000041f"},      {"ua", "0422:00000422"},
    {"uk", "0809:00000809"}, {"us", "0409:00000409"},        {"us-intl", "0409:00020409"},
};

static const char *look_up(const struct pair *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(table[i].theirs, name))
            return table[i].windows;
    return NULL;
}

const char *windows_time_zone(const char *iana)
{
    return look_up(zones, sizeof(zones) / sizeof(zones[0]), iana);
}

/* Four and eight hexadecimal digits. */
static bool is_input_locale(const char *s)
{
    return strlen(s) == 13 && s[4] == ':' && strspn(s, "0123456789abcdefABCDEF") == 4 &&
           strspn(s + 5, "0123456789abcdefABCDEF") == 8;
}

const char *windows_keyboard(const char *keyboard)
{
    if (is_input_locale(keyboard))
        return keyboard;
    return look_up(keyboards, sizeof(keyboards) / sizeof(keyboards[0]), keyboard);
}

bool windows_locale(const char *locale, char ret[WINDOWS_NAME_MAX])
{
    size_t language = 0, country;
    const char *script;

    while (islower((unsigned char)locale[language]))
        language++;
    if (language < 2 || language > 3 || (locale[language] != '_' && locale[language] != '-'))
        return false;
    country = language + 1;
    if (!isupper((unsigned char)locale[country]) || !isupper((unsigned char)locale[country + 1]) ||
        isalnum((unsigned char)locale[country + 2]))
        return false;
    script = strstr(locale, "@latin") ? "-Latn" : strstr(locale, "@cyrillic") ? "-Cyrl" : "";
    snprintf(ret, WINDOWS_NAME_MAX, "%.*s%s-%.2s", (int)language, locale, script, locale + country);
    return true;
}

bool windows_name_valid(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-')
            return false;
    return n > 0 && n <= NETBIOS_NAME && name[0] != '-' && name[n - 1] != '-' && strspn(name, "0123456789") != n;
}

int windows_name_refuse(const char *name, struct failure *f)
{
    return fail(
        f, "identity",
        "\"%.64s\" is no name for a Windows machine: 15 letters, digits and '-' at most, no dots, not only digits",
        name);
}
