/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs from the server: limits, wrong types, missing members; and the names and addresses that come with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/imaging.h"
#include "agent/job.h"
#include "agent/server_url.h"

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GOOD                                                                                                           \
    "\"id\": 7, \"token\": \"" TOKEN                                                                                   \
    "\", \"kind\": \"deploy\", \"image\": \"debian\", \"finish\": \"reboot\", \"starts\": 2"

static struct job job;
static struct failure why;

static int parse(const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    int result;

    assert_non_null(root);
    job_release(&job);
    result = job_parse(root, &job, &why);
    json_decref(root);
    return result;
}

/* The good job with `member` instead of its own. */
static int parse_with(const char *key, const char *value)
{
    json_t *root = json_loads("{" GOOD "}", 0, NULL);
    json_t *member = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    int result;

    if (member)
        json_object_set_new(root, key, member);
    else
        json_object_del(root, key);
    job_release(&job);
    result = job_parse(root, &job, &why);
    json_decref(root);
    return result;
}

static void a_full_job(void **state)
{
    (void)state;
    assert_int_equal(parse("{" GOOD ", \"disk\": {\"serial\": \"pc-a\", \"size\": 8589934592}, \"identity\": {\"host_name\": \"pc-b\","
                           " \"fields\": {\"asset\": \"1234\", \"empty\": \"\"}}, \"later\": [1]}"),
                     0);
    assert_int_equal(job.id, 7);
    assert_string_equal(job.token, TOKEN);
    assert_int_equal(job.kind, JOB_DEPLOY);
    assert_int_equal(job.finish, FINISH_REBOOT);
    assert_int_equal(job.starts, 2);
    assert_int_equal(job.rule_count, 1);
    assert_string_equal(job.rules[0].serial, "pc-a");
    assert_true(job.rules[0].size == 8589934592);
    assert_string_equal(job.identity.host_name, "pc-b");
    assert_int_equal(job.identity.field_count, 2);
}

static void without_a_rule(void **state)
{
    (void)state;
    assert_int_equal(parse_with("disk", "null"), 0);
    assert_int_equal(job.rule_count, 0);
    assert_int_equal(parse_with("disk", NULL), 0);
    assert_int_equal(job.rule_count, 0);
}

static void several_disks(void **state)
{
    char many[1024] = "[{\"serial\": \"s\"}";

    (void)state;
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, {\"path\": \"/dev/vdb\"}]"), 0);
    assert_int_equal(job.rule_count, 2);
    assert_string_equal(job.rules[0].serial, "a");
    assert_string_equal(job.rules[1].path, "/dev/vdb");
    assert_string_equal(job.rules[1].serial, "");
    assert_int_equal(parse_with("disks", "null"), 0);
    assert_int_equal(job.rule_count, 0);
    assert_int_equal(parse_with("disks", "[]"), -1);
    assert_int_equal(parse_with("disks", "{\"serial\": \"a\"}"), -1);
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, null]"), -1);
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, {}]"), -1);
    assert_int_equal(parse("{" GOOD ", \"disk\": {\"serial\": \"a\"}, \"disks\": [{\"serial\": \"b\"}]}"), -1);
    for (unsigned i = 0; i < MANIFEST_DISKS; i++)
        strcat(many, ", {\"serial\": \"s\"}");
    assert_int_equal(parse_with("disks", strcat(many, "]")), -1);
}

static void each_needed_member(void **state)
{
    static const char *const needed[] = {"id", "token", "kind", "image", "finish", "starts"};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(parse_with(needed[i], NULL), -1);
        assert_non_null(strstr(why.message, needed[i]));
        assert_int_equal(parse_with(needed[i], "[]"), -1);
        assert_int_equal(parse_with(needed[i], "\"\""), -1);
        assert_int_equal(parse_with(needed[i], "-1"), -1);
    }
    assert_int_equal(parse("[]"), -1);
    assert_int_equal(job.id, 0);
}

static void out_of_bounds(void **state)
{
    (void)state;
    assert_int_equal(parse_with("id", "9007199254740993"), -1);
    assert_int_equal(parse_with("id", "0"), -1);
    assert_int_equal(parse_with("token", "\"0123\""), -1);
    assert_int_equal(parse_with("token", "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\\n\""), -1);
    assert_int_equal(parse_with("kind", "\"wipe\""), -1);
    assert_int_equal(parse_with("image", "\"../etc\""), -1);
    assert_int_equal(parse_with("image", "\".hidden\""), -1);
    assert_int_equal(parse_with("image", "\"a/b\""), -1);
    assert_int_equal(parse_with("image", "\"debian\\u0000x\""), -1);
    assert_int_equal(parse_with("image", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), 0);
    assert_int_equal(parse_with("image", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), -1);
}

#define CAPTURE                                                                                                        \
    "\"id\": 7, \"token\": \"" TOKEN                                                                                   \
    "\", \"kind\": \"capture\", \"image\": \"debian\", \"finish\": \"reboot\", \"starts\": 2"

static void how_a_capture_is_done(void **state)
{
    static const char *const bad[] = {"\"level\": 0",
                                      "\"level\": 20",
                                      "\"level\": \"1\"",
                                      "\"bad_sectors\": \"skip\"",
                                      "\"grow\": \"none\"",
                                      "\"keep\": [1]",
                                      "\"source\": {\"url\": \"http://a/b\"}"};
    char text[400];

    (void)state;
    assert_int_equal(parse("{" CAPTURE "}"), 0);
    assert_true(job.options.level == 0 && job.options.bad_sectors == BAD_SECTORS_FAIL);
    assert_int_equal(parse("{" CAPTURE ", \"level\": 19, \"bad_sectors\": \"zero\", \"grow\": null}"), 0);
    assert_true(job.options.level == 19 && job.options.bad_sectors == BAD_SECTORS_ZERO);
    assert_int_equal(parse("{" CAPTURE ", \"bad_sectors\": \"fail\"}"), 0);
    assert_int_equal(job.options.bad_sectors, BAD_SECTORS_FAIL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "{" CAPTURE ", %s}", bad[i]);
        assert_int_equal(parse(text), -1);
    }
}

static void how_a_deploy_is_done(void **state)
{
    static const char *const grow[] = {"0", "129", "-1", "\"last\"", "true", "[1]"};
    static const char *const keep[] = {"1", "[0]", "[\"1\"]", "[129]", "{}", "[1, null]"};

    (void)state;
    assert_int_equal(parse_with("grow", "\"none\""), 0);
    assert_int_equal(job.options.grow, DEPLOY_GROW_NONE);
    assert_int_equal(parse_with("grow", "\"auto\""), 0);
    assert_int_equal(job.options.grow, DEPLOY_GROW_AUTO);
    assert_int_equal(parse_with("grow", "128"), 0);
    assert_int_equal(job.options.grow, 128);
    assert_int_equal(parse_with("keep", "[3, 1]"), 0);
    assert_true(job.options.keep_count == 2 && job.options.keep[0] == 3 && job.options.keep[1] == 1);
    for (size_t i = 0; i < sizeof(grow) / sizeof(grow[0]); i++)
        assert_int_equal(parse_with("grow", grow[i]), -1);
    for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
        assert_int_equal(parse_with("keep", keep[i]), -1);
    assert_int_equal(parse_with("level", "3"), -1);
    assert_int_equal(parse_with("bad_sectors", "\"zero\""), -1);
}

#define DEPLOY "\"id\": 7, \"token\": \"" TOKEN "\", \"kind\": \"deploy\", \"finish\": \"reboot\", \"starts\": 2"

static void a_source(void **state)
{
    (void)state;
    assert_int_equal(parse("{" DEPLOY ", \"image\": null, \"source\": {\"url\": \"https://a/b.raw\"}}"), 0);
    assert_string_equal(job.source.url, "https://a/b.raw");
    assert_true(!job.image[0] && !job.source.sha256[0] && !job.source.unchecked);
    assert_int_equal(
        parse("{" DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"sha256\": \"" TOKEN "\", \"unchecked\": true}}"),
        0);
    assert_string_equal(job.source.sha256, TOKEN);
    assert_true(job.source.unchecked);
    assert_int_equal(parse("{" DEPLOY "}"), -1);
    assert_int_equal(parse_with("source", "{\"url\": \"http://a/b\"}"), -1); /* beside an image */
    assert_int_equal(parse("{" DEPLOY ", \"source\": {\"url\": \"file:///etc/passwd\"}}"), -1);
    assert_int_equal(parse("{" DEPLOY ", \"source\": {\"url\": \"/dev/sda\"}}"), -1);
    assert_int_equal(parse("{" DEPLOY ", \"source\": {}}"), -1);
    assert_int_equal(parse("{" DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"sha256\": \"abc\"}}"), -1);
    assert_int_equal(parse("{" DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"unchecked\": \"no\"}}"), -1);
    assert_int_equal(parse("{" DEPLOY ", \"source\": {\"url\": \"http://a/b\"}, \"keep\": [1]}"), -1);
}

/* What is not understood in a rule would make it match more disks than was meant. */
static void rules_that_are_not_understood(void **state)
{
    (void)state;
    assert_int_equal(parse_with("disk", "{}"), -1);
    assert_int_equal(parse_with("disk", "\"vda\""), -1);
    assert_int_equal(parse_with("disk", "{\"serial\": \"\"}"), -1);
    assert_int_equal(parse_with("disk", "{\"serial\": 7}"), -1);
    assert_int_equal(parse_with("disk", "{\"size\": \"8\"}"), -1);
    assert_int_equal(parse_with("disk", "{\"size\": 0}"), -1);
    assert_int_equal(parse_with("disk", "{\"path\": \"/dev/sda\", \"bus\": \"usb\"}"), -1);
    assert_non_null(strstr(why.message, "bus"));
}

static void a_bad_job_still_says_whose_it_is(void **state)
{
    (void)state;
    assert_int_equal(parse_with("kind", "\"wipe\""), -1);
    assert_int_equal(job.id, 7);
    assert_int_equal(job.starts, 2);
    assert_string_equal(job.token, TOKEN);
}

static void an_identity_is_looked_at(void **state)
{
    (void)state;
    assert_int_equal(parse_with("identity", "{\"host_name\": \"pc b\"}"), -1);
    assert_non_null(strstr(why.message, "host_name"));
    assert_int_equal(parse_with("identity", "{\"host_name\": \"pc-b\"}"), 0);
    assert_int_equal(parse_with("identity", "null"), 0);
    assert_string_equal(job.identity.host_name, "");
}

static void server_addresses(void **state)
{
    char url[32];

    (void)state;
    assert_true(server_url_format(url, sizeof(url), "10.77.0.2"));
    assert_string_equal(url, "http://10.77.0.2:8077");
    assert_true(server_url_format(url, sizeof(url), "server:80"));
    assert_string_equal(url, "http://server:80");
    assert_true(server_url_format(url, sizeof(url), "http://a:1//"));
    assert_string_equal(url, "http://a:1");
    assert_false(server_url_format(url, sizeof(url), ""));
    assert_false(server_url_format(url, sizeof(url), "a b"));
    assert_false(server_url_format(url, sizeof(url), "a.very.long.name.that.does.not.fit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_job),
        cmocka_unit_test(without_a_rule),
        cmocka_unit_test(several_disks),
        cmocka_unit_test(each_needed_member),
        cmocka_unit_test(out_of_bounds),
        cmocka_unit_test(how_a_capture_is_done),
        cmocka_unit_test(how_a_deploy_is_done),
        cmocka_unit_test(a_source),
        cmocka_unit_test(rules_that_are_not_understood),
        cmocka_unit_test(a_bad_job_still_says_whose_it_is),
        cmocka_unit_test(an_identity_is_looked_at),
        cmocka_unit_test(server_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
