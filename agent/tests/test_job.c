/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs from the server: limits, wrong types, missing members; and the names and addresses that come with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/imaging/imaging.h"
#include "agent/net/server_url.h"
#include "agent/protocol/job.h"

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "\"id\": 7, \"token\": \"" TOKEN "\", \"finish\": \"reboot\", \"starts\": 2"
#define GOOD HEAD ", \"steps\": [{\"step\": \"deploy\", \"image\": \"debian\"}]"

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

static bool is_of_the_job(const char *key)
{
    static const char *const keys[] = {"id",   "token",      "starts",  "finish",        "steps",
                                       "done", "boot_order", "confirm", "confirm_token", "identity"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* The good job with `member` instead of its own, or in its only step. */
static int parse_with(const char *key, const char *value)
{
    json_t *root = json_loads("{" GOOD "}", 0, NULL);
    json_t *owner = is_of_the_job(key) ? root : json_array_get(json_object_get(root, "steps"), 0);
    json_t *member = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    int result;

    if (member)
        json_object_set_new(owner, key, member);
    else
        json_object_del(owner, key);
    job_release(&job);
    result = job_parse(root, &job, &why);
    json_decref(root);
    return result;
}

/* A job of this one step. */
static int parse_step(const char *members)
{
    char text[4096];

    snprintf(text, sizeof(text), "{" HEAD ", \"steps\": [{%s}]}", members);
    return parse(text);
}

static void a_full_job(void **state)
{
    (void)state;
    assert_int_equal(
        parse("{" HEAD ", \"boot_order\": \"disk-first\", \"confirm\": true, \"confirm_token\": \"" TOKEN
              "\", \"done\": 1, \"identity\": {\"host_name\": \"pc-b\", \"fields\": {\"asset\": \"1234\"}}, \"later\": "
              "[1],"
              "\"steps\": [{\"step\": \"deploy\", \"image\": \"debian\", \"disk\": {\"serial\": \"pc-a\", \"size\":"
              "8589934592}, \"identity\": false}, {\"step\": \"wait\", \"seconds\": 3}]}"),
        0);
    assert_int_equal(job.id, 7);
    assert_string_equal(job.token, TOKEN);
    assert_int_equal(job.finish, FINISH_REBOOT);
    assert_int_equal(job.starts, 2);
    assert_true(job.step_count == 2 && job.done == 1 && job.confirm);
    assert_string_equal(job.confirm_token, TOKEN);
    assert_string_equal(job.boot_order, "disk-first");
    assert_int_equal(job.steps[0].kind, STEP_DEPLOY);
    assert_int_equal(job.steps[0].rule_count, 1);
    assert_string_equal(job.steps[0].rules[0].serial, "pc-a");
    assert_true(job.steps[0].rules[0].size == 8589934592 && job.steps[0].options.no_identity);
    assert_true(job.steps[1].kind == STEP_WAIT && job.steps[1].seconds == 3);
    assert_string_equal(job.identity.host_name, "pc-b");
    assert_int_equal(job.identity.field_count, 1);
}

static void lists_of_steps(void **state)
{
    char many[4096] = "[{\"step\": \"wait\"}";

    (void)state;
    assert_int_equal(parse_with("steps", "[]"), -1);
    assert_int_equal(parse_with("steps", "{}"), -1);
    assert_int_equal(parse_with("steps", "[7]"), -1);
    assert_int_equal(parse_with("steps", "[{\"step\": \"wait\"}, {\"step\": \"wipe\"}]"), -1);
    assert_non_null(strstr(why.message, "step 2"));
    for (unsigned i = 1; i < JOB_STEPS; i++)
        strcat(many, ", {\"step\": \"wait\"}");
    strcat(many, "]");
    assert_int_equal(parse_with("steps", many), 0);
    assert_int_equal(job.step_count, JOB_STEPS);
    strcpy(many + strlen(many) - 1, ", {\"step\": \"wait\"}]");
    assert_int_equal(parse_with("steps", many), -1);
    assert_int_equal(parse_with("done", "1"), 0);
    assert_int_equal(parse_with("done", "0"), 0);
    assert_int_equal(parse_with("done", "2"), -1);
    assert_int_equal(parse_with("done", "\"1\""), -1);
    assert_int_equal(parse_with("confirm", "true"), -1); /* without a token */
    assert_int_equal(parse_with("confirm", "\"yes\""), -1);
    assert_int_equal(parse_with("boot_order", "\"a b\""), -1);
    assert_int_equal(parse_with("boot_order", "\"\""), 0);
    assert_int_equal(parse_with("finish", "\"kexec\""), 0);
    assert_int_equal(job.finish, FINISH_KEXEC);
    assert_int_equal(parse_with("finish", "\"bootnext\""), 0);
}

static void a_command(void **state)
{
    static const char *const bad[] = {"\"command\": \"\"",
                                      "\"command\": 7",
                                      "\"command\": \"x\", \"timeout\": 0",
                                      "\"command\": \"x\", \"timeout\": 90000",
                                      "\"command\": \"x\", \"success\": []",
                                      "\"command\": \"x\", \"success\": [256]",
                                      "\"command\": \"x\", \"success\": [\"0\"]",
                                      "\"command\": \"x\", \"where\": \"moon\"",
                                      "\"where\": \"system\""};
    char text[200];

    (void)state;
    assert_int_equal(parse_step("\"step\": \"run\", \"command\": \"echo $(id)\\n\\texit 3\""), 0);
    assert_string_equal(job.steps[0].command, "echo $(id)\n\texit 3");
    assert_true(job.steps[0].timeout == 3600 && job.steps[0].success[0] && !job.steps[0].success[3] &&
                !job.steps[0].in_system);
    assert_int_equal(parse_step("\"step\": \"run\", \"command\": \"x\", \"where\": \"system\", \"timeout\": 5,"
                                "\"success\": [3, 255]"),
                     0);
    assert_true(job.steps[0].in_system && job.steps[0].timeout == 5 && !job.steps[0].success[0] &&
                job.steps[0].success[3] && job.steps[0].success[255]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "\"step\": \"run\", %s", bad[i]);
        assert_int_equal(parse_step(text), -1);
    }
}

static void files(void **state)
{
    static const char *const paths[] = {"etc/motd", "/", "/etc/", "/a/../b", "/a\\nb", ""};
    static const char *const bad[] = {
        "\"mode\": \"644\"",        "\"mode\": 420",    "\"mode\": \"4755\"", "\"mode\": \"0999\"",
        "\"owner\": \"root:root\"", "\"owner\": \"1\"", "\"content\": 1"};
    char text[200];

    (void)state;
    assert_int_equal(parse_step("\"step\": \"put\", \"path\": \"/etc/motd\", \"content\": \"aGk=\", \"mode\": \"0600\","
                                "\"owner\": \"1000:50\", \"where\": \"system\""),
                     0);
    assert_true(job.steps[0].mode == 0600 && job.steps[0].user == 1000 && job.steps[0].group == 50);
    assert_int_equal(parse_step("\"step\": \"get\", \"path\": \"/etc/motd\", \"name\": \"motd\""), 0);
    assert_string_equal(job.steps[0].name, "motd");
    assert_int_equal(parse_step("\"step\": \"get\", \"path\": \"/etc/motd\", \"name\": \"../motd\""), -1);
    assert_int_equal(parse_step("\"step\": \"get\", \"path\": \"/etc/motd\", \"name\": \".motd\""), -1);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        snprintf(text, sizeof(text), "\"step\": \"put\", \"path\": \"%s\", \"content\": \"\"", paths[i]);
        assert_int_equal(parse_step(text), -1);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "\"step\": \"put\", \"path\": \"/a\", \"content\": \"\", %s", bad[i]);
        assert_int_equal(parse_step(text), -1);
    }
    assert_int_equal(parse_step("\"step\": \"wait\", \"seconds\": -1"), -1);
}

static void without_a_rule(void **state)
{
    (void)state;
    assert_int_equal(parse_with("disk", "null"), 0);
    assert_int_equal(job.steps[0].rule_count, 0);
    assert_int_equal(parse_with("disk", NULL), 0);
    assert_int_equal(job.steps[0].rule_count, 0);
}

static void several_disks(void **state)
{
    char many[1024] = "[{\"serial\": \"s\"}";

    (void)state;
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, {\"path\": \"/dev/vdb\"}]"), 0);
    assert_int_equal(job.steps[0].rule_count, 2);
    assert_string_equal(job.steps[0].rules[0].serial, "a");
    assert_string_equal(job.steps[0].rules[1].path, "/dev/vdb");
    assert_string_equal(job.steps[0].rules[1].serial, "");
    assert_int_equal(parse_with("disks", "null"), 0);
    assert_int_equal(job.steps[0].rule_count, 0);
    assert_int_equal(parse_with("disks", "[]"), -1);
    assert_int_equal(parse_with("disks", "{\"serial\": \"a\"}"), -1);
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, null]"), -1);
    assert_int_equal(parse_with("disks", "[{\"serial\": \"a\"}, {}]"), -1);
    assert_int_equal(parse_step("\"step\": \"deploy\", \"image\": \"i\", \"disk\": {\"serial\": \"a\"}, \"disks\":"
                                "[{\"serial\": \"b\"}]"),
                     -1);
    for (unsigned i = 0; i < MANIFEST_DISKS; i++)
        strcat(many, ", {\"serial\": \"s\"}");
    assert_int_equal(parse_with("disks", strcat(many, "]")), -1);
}

static void each_needed_member(void **state)
{
    static const char *const needed[] = {"id", "token", "step", "image", "finish", "starts"};

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
    assert_int_equal(parse_with("step", "\"wipe\""), -1);
    assert_int_equal(parse_with("image", "\"../etc\""), -1);
    assert_int_equal(parse_with("image", "\".hidden\""), -1);
    assert_int_equal(parse_with("image", "\"a/b\""), -1);
    assert_int_equal(parse_with("image", "\"debian\\u0000x\""), -1);
    assert_int_equal(parse_with("image", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), 0);
    assert_int_equal(parse_with("image", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), -1);
}

#define CAPTURE "\"step\": \"capture\", \"image\": \"debian\""

static void how_a_capture_is_done(void **state)
{
    static const char *const bad[] = {"\"level\": 0",
                                      "\"level\": 20",
                                      "\"level\": \"1\"",
                                      "\"bad_sectors\": \"skip\"",
                                      "\"grow\": \"none\"",
                                      "\"keep\": [1]",
                                      "\"identity\": false",
                                      "\"as_is\": 1",
                                      "\"leave\": [\"A\"]",
                                      "\"leave\": \"a\"",
                                      "\"source\": {\"url\": \"http://a/b\"}"};
    char text[400];

    (void)state;
    assert_int_equal(parse_step(CAPTURE), 0);
    assert_true(job.steps[0].options.level == 0 && job.steps[0].options.bad_sectors == BAD_SECTORS_FAIL);
    assert_int_equal(parse_step(CAPTURE ", \"level\": 19, \"bad_sectors\": \"zero\", \"grow\": null"), 0);
    assert_true(job.steps[0].options.level == 19 && job.steps[0].options.bad_sectors == BAD_SECTORS_ZERO);
    assert_int_equal(parse_step(CAPTURE ", \"bad_sectors\": \"fail\""), 0);
    assert_int_equal(job.steps[0].options.bad_sectors, BAD_SECTORS_FAIL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), CAPTURE ", %s", bad[i]);
        assert_int_equal(parse_step(text), -1);
    }
}

static void how_a_deploy_is_done(void **state)
{
    static const char *const grow[] = {"0", "129", "-1", "\"last\"", "true", "[1]"};
    static const char *const keep[] = {"1", "[0]", "[\"1\"]", "[129]", "{}", "[1, null]"};

    (void)state;
    assert_int_equal(parse_with("grow", "\"none\""), 0);
    assert_int_equal(job.steps[0].options.grow, DEPLOY_GROW_NONE);
    assert_int_equal(parse_with("grow", "\"auto\""), 0);
    assert_int_equal(job.steps[0].options.grow, DEPLOY_GROW_AUTO);
    assert_int_equal(parse_with("grow", "128"), 0);
    assert_int_equal(job.steps[0].options.grow, 128);
    assert_int_equal(parse_with("keep", "[3, 1]"), 0);
    assert_true(job.steps[0].options.keep_count == 2 && job.steps[0].options.keep[0] == 3 &&
                job.steps[0].options.keep[1] == 1);
    for (size_t i = 0; i < sizeof(grow) / sizeof(grow[0]); i++)
        assert_int_equal(parse_with("grow", grow[i]), -1);
    for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
        assert_int_equal(parse_with("keep", keep[i]), -1);
    assert_int_equal(parse_with("level", "3"), -1);
    assert_int_equal(parse_with("bad_sectors", "\"zero\""), -1);
}

#define DEPLOY "\"step\": \"deploy\""

static void a_source(void **state)
{
    (void)state;
    assert_int_equal(parse_step(DEPLOY ", \"image\": null, \"source\": {\"url\": \"https://a/b.raw\"}"), 0);
    assert_string_equal(job.steps[0].source.url, "https://a/b.raw");
    assert_true(!job.steps[0].image[0] && !job.steps[0].source.sha256[0] && !job.steps[0].source.unchecked);
    assert_int_equal(
        parse_step(DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"sha256\": \"" TOKEN "\", \"unchecked\": true}"),
        0);
    assert_string_equal(job.steps[0].source.sha256, TOKEN);
    assert_true(job.steps[0].source.unchecked);
    assert_int_equal(parse_step(DEPLOY), -1);
    assert_int_equal(parse_with("source", "{\"url\": \"http://a/b\"}"), -1); /* beside an image */
    assert_int_equal(parse_step(DEPLOY ", \"source\": {\"url\": \"file:///etc/passwd\"}"), -1);
    assert_int_equal(parse_step(DEPLOY ", \"source\": {\"url\": \"/dev/sda\"}"), -1);
    assert_int_equal(parse_step(DEPLOY ", \"source\": {}"), -1);
    assert_int_equal(parse_step(DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"sha256\": \"abc\"}"), -1);
    assert_int_equal(parse_step(DEPLOY ", \"source\": {\"url\": \"http://a/b\", \"unchecked\": \"no\"}"), -1);
    assert_int_equal(parse_step(DEPLOY ", \"source\": {\"url\": \"http://a/b\"}, \"keep\": [1]"), -1);
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
    assert_int_equal(parse_with("step", "\"wipe\""), -1);
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
        cmocka_unit_test(lists_of_steps),
        cmocka_unit_test(a_command),
        cmocka_unit_test(files),
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
