/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer file for Windows, element by element against its documentation; values that could be taken for something
 * else. */
#include "agent/base/console.h"
#include "agent/identity/windows_answer.h"
#include "agent/identity/windows_names.h"
#include "agent/identity/xml_writer.h"

#include "agent/tests/imaging_fixture.h"

static struct failure f;

/* Makes the answer file of an identity in JSON; `values` has what the reference found in it, a line each. */
static int make(const char *json, const char *arch)
{
    json_t *object = json_loads(json, 0, NULL);
    struct identity_data data;
    struct identity id = {
        .data = &data, .machine = "m", .image = "i", .server = "s", .boot_mac = "52:54:00:ab:cd:ef", .job = 1};
    struct buffer text = {0};
    FILE *file;
    int result;

    assert_non_null(object);
    if (identity_data_parse(object, &data, &f))
        fail_msg("%s", f.message);
    result = windows_answer_make(&id, arch, &text, &f);
    if (result == 0) {
        file = fopen(scratch_path("unattend.xml"), "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
        fclose(file);
        free(text.data);
        run("\"$OLDPWD\"/agent/tests/unattend_reference.py unattend.xml %s > values",
            strcmp(arch, "i386") ? strcmp(arch, "aarch64") ? "amd64" : "arm64" : "x86");
    }
    identity_data_release(&data);
    json_decref(object);
    return result;
}

/* `line` is one of the values. */
static bool has(const char *line)
{
    FILE *file = fopen(scratch_path("values"), "r");
    char text[2048];
    bool found = false;

    assert_non_null(file);
    while (!found && fgets(text, sizeof(text), file)) {
        text[strcspn(text, "\n")] = '\0';
        found = !strcmp(text, line);
    }
    fclose(file);
    return found;
}

static void expect(const char *line)
{
    if (!has(line)) {
        run("cat values");
        fail_msg("not there: %s", line);
    }
}

#define SHELL_SPECIALIZE "specialize/Microsoft-Windows-Shell-Setup/"
#define TCPIP "specialize/Microsoft-Windows-TCPIP/Interfaces/Interface/"
#define DNS "specialize/Microsoft-Windows-DNS-Client/"
#define JOIN "specialize/Microsoft-Windows-UnattendedJoin/Identification/"
#define SHELL_OOBE "oobeSystem/Microsoft-Windows-Shell-Setup/"
#define INTERNATIONAL "oobeSystem/Microsoft-Windows-International-Core/"

static void test_everything(void **state)
{
    (void)state;
    assert_int_equal(
        make("{\"host_name\":\"pc-a\",\"domain\":\"example.org\",\"locale\":\"de_DE.UTF-8\",\"keyboard\":\"ch-fr\","
             "\"time_zone\":\"Europe/Berlin\",\"product_key\":\"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE\",\"networks\":["
             "{\"dhcp4\":false,\"addresses\":[\"192.0.2.5/24\",\"2001:db8::5/64\"],\"gateways\":[\"192.0.2.1\","
             "\"2001:db8::1\"],\"dns\":[\"192.0.2.1\",\"192.0.2.2\"],\"search\":[\"example.org\",\"example.net\"]},"
             "{\"mac\":\"52:54:00:00:00:02\",\"dhcp4\":true,\"dns\":[\"192.0.2.3\"]}],"
             "\"users\":[{\"name\":\"anna\",\"full_name\":\"Anna B\",\"password\":\"geheim\",\"groups\":[\"sudo\"]},"
             "{\"name\":\"ben\",\"password_hash\":\"$6$abc$def\"},{\"name\":\"carl\",\"password\":\"x\"}],"
             "\"join\":{\"domain\":\"ad.example.org\",\"user\":\"joiner\",\"password\":\"pw\",\"ou\":\"OU=Lab,DC=ad\"},"
             "\"first_boot\":\"echo hello\"}",
             "x86_64"),
        0);
    expect(SHELL_SPECIALIZE "ComputerName=pc-a");
    expect(SHELL_SPECIALIZE "ProductKey=AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
    expect(SHELL_SPECIALIZE "TimeZone=W. Europe Standard Time");
    expect(TCPIP "Ipv4Settings/DhcpEnabled=false");
    expect(TCPIP "Ipv6Settings/DhcpEnabled=false");
    expect(TCPIP "Identifier=52-54-00-AB-CD-EF");
    expect(TCPIP "UnicastIpAddresses/IpAddress=192.0.2.5/24");
    expect(TCPIP "UnicastIpAddresses/IpAddress=2001:db8::5/64");
    expect(TCPIP "Routes/Route/NextHopAddress=192.0.2.1");
    expect(TCPIP "Routes/Route/NextHopAddress=2001:db8::1");
    expect(TCPIP "Routes/Route/Prefix=::/0");
    assert_false(has(TCPIP "Identifier=52-54-00-00-00-02")); /* DHCP is what Windows does by itself */
    expect(DNS "DNSDomain=example.org");
    expect(DNS "DNSSuffixSearchOrder/DomainName=example.net");
    expect(DNS "Interfaces/Interface/Identifier=52-54-00-00-00-02");
    expect(DNS "Interfaces/Interface/DNSServerSearchOrder/IpAddress=192.0.2.2");
    expect(DNS "Interfaces/Interface/DNSServerSearchOrder/IpAddress=192.0.2.3");
    expect(JOIN "Credentials/Domain=ad.example.org");
    expect(JOIN "Credentials/Username=joiner");
    expect(JOIN "Credentials/Password=pw");
    expect(JOIN "JoinDomain=ad.example.org");
    expect(JOIN "MachineObjectOU=OU=Lab,DC=ad");
    expect(INTERNATIONAL "InputLocale=100c:0000100c");
    expect(INTERNATIONAL "SystemLocale=de-DE");
    expect(INTERNATIONAL "UserLocale=de-DE");
    expect(SHELL_OOBE "FirstLogonCommands/SynchronousCommand/Order=1");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Name=anna");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/DisplayName=Anna B");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Group=Administrators");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Password/Value=geheim");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Name=carl");
    expect(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Group=Users");
    assert_false(has(SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Name=ben"));
}

static void test_little(void **state)
{
    (void)state;
    assert_int_equal(make("{\"host_name\":\"\"}", "i386"), 0);
    expect(SHELL_SPECIALIZE "ComputerName=*"); /* Windows makes one up */
    run("! grep -v -e ComputerName -e /OOBE/ values");
    assert_int_equal(make("{\"host_name\":\"PC\",\"join\":{\"domain\":\"a.b\",\"user\":\"OTHER\\\\me\"}}", "aarch64"),
                     0);
    expect(JOIN "Credentials/Domain=OTHER");
    expect(JOIN "Credentials/Username=me");
}

/* Nothing in a value is markup, and nothing is expanded. */
static void test_values_that_hurt(void **state)
{
    static const char *const values[] = {
        "a&b",
        "<Name>x</Name>",
        "\"quoted\" 'too'",
        "$(reboot) `id`",
        "%COMPUTERNAME%",
        "]]>",
        "&amp;",
        "<!-- -->",
        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
        "a\\b",
        "  spaces  ",
    };
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *object = json_pack("{s:s, s:[{s:s, s:s}], s:{s:s, s:s, s:s}}", "host_name", "pc", "users", "name", "u",
                                   "password", values[i], "join", "domain", "a.b", "user", "u", "password", values[i]);
        char *json = json_dumps(object, 0);
        assert_int_equal(make(json, "x86_64"), 0);
        snprintf(line, sizeof(line), SHELL_OOBE "UserAccounts/LocalAccounts/LocalAccount/Password/Value=%s", values[i]);
        expect(line);
        snprintf(line, sizeof(line), JOIN "Credentials/Password=%s", values[i]);
        expect(line);
        free(json);
        json_decref(object);
    }
}

static void test_xml_refuses_control_characters(void **state)
{
    static const char *const bad[] = {"a\nb", "\x01", "\x7f", "tab\t"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct xml_writer x = {.failed = false};
        xml_begin(&x);
        xml_value(&x, "a", bad[i]);
        assert_false(xml_end(&x));
        free(x.text.data);
    }
}

static void test_host_names(void **state)
{
    static const char *const refused[] = {"a23456789012345x", "pc.example.org", "12345",
                                          "a23456789012345678901234567890123456789012345678901234567890123"};

    (void)state;
    assert_true(windows_name_valid("pc-a"));
    assert_true(windows_name_valid("A"));
    assert_false(windows_name_valid("123456789012345"));
    assert_true(windows_name_valid("a23456789012345"));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"host_name\":\"%s\"}", refused[i]);
        assert_int_equal(make(json, "x86_64"), -1);
        assert_non_null(strstr(f.message, "is no name for a Windows machine"));
        assert_string_equal(f.reason, "identity");
    }
    assert_false(windows_name_valid("-a"));
    assert_false(windows_name_valid("a-"));
    assert_false(windows_name_valid("a b"));
    assert_false(windows_name_valid("\xc3\xa4"));
    assert_int_equal(make("{\"host_name\":\"pc\"}", ""), -1);
    assert_non_null(strstr(f.message, "for which processor"));
}

/* What has no name in Windows is left out, and told. */
static void test_left_out(void **state)
{
    FILE *told = fopen(scratch_path("console"), "w+");
    char text[4096] = "";

    (void)state;
    assert_non_null(told);
    console_add(fileno(told));
    assert_int_equal(
        make("{\"host_name\":\"pc\",\"locale\":\"C.UTF-8\",\"keyboard\":\"dvorak-weird\",\"time_zone\":"
             "\"Mars/Olympus\",\"networks\":[{\"dhcp4\":false,\"vlan\":12,\"addresses\":[\"192.0.2.5/24\"]}],"
             "\"users\":[{\"name\":\"ben\",\"password_hash\":\"!\"}]}",
             "x86_64"),
        0);
    run("! grep -v -e ComputerName -e /OOBE/ values");
    rewind(told);
    assert_true(fread(text, 1, sizeof(text) - 1, told) > 0);
    assert_non_null(strstr(text, "Mars/Olympus"));
    assert_non_null(strstr(text, "dvorak-weird"));
    assert_non_null(strstr(text, "C.UTF-8"));
    assert_non_null(strstr(text, "VLAN 12"));
    assert_non_null(strstr(text, "user ben"));
}

static void test_names(void **state)
{
    char locale[WINDOWS_NAME_MAX];

    (void)state;
    assert_string_equal(windows_time_zone("America/New_York"), "Eastern Standard Time");
    assert_null(windows_time_zone("Europe"));
    assert_string_equal(windows_keyboard("0407:00000407"), "0407:00000407");
    assert_string_equal(windows_keyboard("us"), "0409:00000409");
    assert_null(windows_keyboard("0407:0000040"));
    assert_true(windows_locale("sr_RS@latin", locale));
    assert_string_equal(locale, "sr-Latn-RS");
    assert_true(windows_locale("en-GB", locale));
    assert_string_equal(locale, "en-GB");
    assert_false(windows_locale("POSIX", locale));
    assert_false(windows_locale("C", locale));
    assert_false(windows_locale("de", locale));
    assert_false(windows_locale("de_DEU", locale));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_little),
        cmocka_unit_test(test_values_that_hurt),
        cmocka_unit_test(test_xml_refuses_control_characters),
        cmocka_unit_test(test_host_names),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
