/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database and the states of a job, without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "server/job_assign.h"
#include "server/files.h"
#include "server/images.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/machines.h"
#include "server/staging.h"

struct rig {
    struct server s;
    char folder[64];
    struct refusal r;
};

static int setup(void **state)
{
    struct rig *g = calloc(1, sizeof(*g));
    char path[128];

    strcpy(g->folder, "/tmp/slipway-jobs-XXXXXX");
    assert_non_null(mkdtemp(g->folder));
    snprintf(path, sizeof(path), "%s/db", g->folder);
    g->s.database = database_open(path, &g->r);
    assert_non_null(g->s.database);
    strcpy(g->s.store, g->folder);
    g->s.silence_ms = 1000;
    pthread_mutex_init(&g->s.lock, NULL);
    pthread_cond_init(&g->s.changed, NULL);
    assert_int_equal(staging_prepare(&g->s, &g->r), 0);
    *state = g;
    return 0;
}

static int teardown(void **state)
{
    struct rig *g = *state;

    waiters_release(&g->s.waiters);
    database_close(g->s.database);
    tree_remove(g->folder);
    free(g);
    return 0;
}

static int64_t add(struct rig *g, const char *mac, const char *name)
{
    json_t *body = json_pack("{s:s, s:s}", "mac", mac, "name", name), *machine = machines_add(&g->s, body, &g->r);
    int64_t id = row_integer(machine, "id");

    assert_non_null(machine);
    json_decref(machine);
    json_decref(body);
    return id;
}

static json_t *schedule(struct rig *g, const char *machine, const char *image)
{
    json_t *body = json_pack("{s:[{s:s, s:s}], s:[s]}", "steps", "step", "capture", "image", image, "machines", machine);
    json_t *jobs = jobs_create(&g->s, body, &g->r);

    json_decref(body);
    return jobs;
}

static void state_is(struct rig *g, int64_t id, const char *state, const char *reason)
{
    json_t *job = jobs_get(&g->s, id, &g->r);

    assert_string_equal(row_text(job, "state"), state);
    assert_string_equal(row_text(job, "reason"), reason);
    json_decref(job);
}

static void test_states(void **state)
{
    struct rig *g = *state;
    int64_t machine = add(g, "52:54:00:00:00:01", "pc-a");

    json_decref(schedule(g, "pc-a", "one"));
    state_is(g, 1, "queued", "");
    assert_null(schedule(g, "pc-a", "two"));
    assert_string_equal(g->r.code, "machine-busy");
    json_decref(assign_job(&g->s, machine, &g->r));
    state_is(g, 1, "running", "");
    json_decref(jobs_cancel(&g->s, 1, &g->r));
    state_is(g, 1, "cancelling", "");
    json_decref(jobs_cancel(&g->s, 1, &g->r));
    state_is(g, 1, "cancelling", "");
    assert_true(json_is_null(assign_job(&g->s, machine, &g->r)));
    state_is(g, 1, "cancelled", "cancelled");
    json_decref(schedule(g, "pc-a", "two"));
    json_decref(jobs_cancel(&g->s, 2, &g->r));
    state_is(g, 2, "cancelled", "cancelled");
}

static void test_starts_are_counted(void **state)
{
    struct rig *g = *state;
    int64_t machine = add(g, "52:54:00:00:00:01", "pc-a");

    json_decref(schedule(g, "pc-a", "one"));
    for (int start = 1; start <= STARTS_MAX; start++) {
        json_t *job = assign_job(&g->s, machine, &g->r);

        assert_int_equal(row_integer(job, "starts"), start);
        json_decref(job);
    }
    assert_true(json_is_null(assign_job(&g->s, machine, &g->r)));
    state_is(g, 1, "failed", "too-many-starts");
}

static void test_silence(void **state)
{
    struct rig *g = *state;
    int64_t machine = add(g, "52:54:00:00:00:01", "pc-a");

    json_decref(schedule(g, "pc-a", "one"));
    database_run(g->s.database, &g->r, "UPDATE jobs SET heard = 0", "");
    assert_int_equal(jobs_end_silent(&g->s, &g->r), 0);
    state_is(g, 1, "queued", "");
    json_decref(assign_job(&g->s, machine, &g->r));
    assert_int_equal(jobs_end_silent(&g->s, &g->r), 0);
    state_is(g, 1, "running", "");
    database_run(g->s.database, &g->r, "UPDATE jobs SET heard = ?", "i", clock_ms() - 1500);
    assert_int_equal(jobs_end_silent(&g->s, &g->r), 0);
    state_is(g, 1, "failed", "silent");
}

static void test_silence_behind_a_complete_image(void **state)
{
    struct rig *g = *state;
    int64_t machine = add(g, "52:54:00:00:00:01", "pc-a");
    char path[IMAGE_PATH];

    json_decref(schedule(g, "pc-a", "one"));
    json_decref(assign_job(&g->s, machine, &g->r));
    image_path(&g->s, "one", NULL, path);
    assert_int_equal(mkdir(path, 0755), 0);
    image_path(&g->s, "one", "manifest.json", path);
    assert_int_equal(file_write(path, "{}", 2, false), 0);
    database_run(g->s.database, &g->r, "UPDATE jobs SET heard = 0", "");
    assert_int_equal(jobs_end_silent(&g->s, &g->r), 0);
    state_is(g, 1, "succeeded", "");
}

static void test_tokens_end_with_the_job(void **state)
{
    struct rig *g = *state;
    json_t *job, *found;

    add(g, "52:54:00:00:00:01", "pc-a");
    json_decref(schedule(g, "pc-a", "one"));
    job = jobs_get(&g->s, 1, &g->r);
    found = jobs_by_token(&g->s, row_text(job, "token"), 1, false, &g->r);
    assert_non_null(found);
    json_decref(found);
    assert_null(jobs_by_token(&g->s, row_text(job, "token"), 2, false, &g->r));
    assert_int_equal(g->r.status, 401);
    assert_int_equal(jobs_end(&g->s, job, "failed", "internal", "", &g->r), 0);
    assert_null(jobs_by_token(&g->s, row_text(job, "token"), 1, false, &g->r));
    assert_string_equal(g->r.code, "job-over");
    json_decref(job);
}

/* The indexes of the schema hold even without the code above them. */
static void test_database_refuses_a_second_job(void **state)
{
    struct rig *g = *state;

    add(g, "52:54:00:00:00:01", "pc-a");
    json_decref(schedule(g, "pc-a", "one"));
    assert_int_equal(database_run(g->s.database, &g->r,
                                  "INSERT INTO jobs(machine, machine_name, kind, image, finish, token, created, heard)"
                                  " SELECT machine, machine_name, kind, 'two', finish, 'x', 0, 0 FROM jobs",
                                  ""),
                     -1);
    assert_int_equal(g->r.status, 500);
    assert_int_equal(database_run(g->s.database, &g->r, "SELECT nonsense", ""), -1);
}

static void test_waiters(void **state)
{
    struct rig *g = *state;
    uint64_t one = waiters_enter(&g->s.waiters, 5), other = waiters_enter(&g->s.waiters, 6);

    assert_true(waiters_newest(&g->s.waiters, 5, one));
    assert_true(waiters_newest(&g->s.waiters, 6, other));
    assert_true(waiters_enter(&g->s.waiters, 5) > one);
    assert_false(waiters_newest(&g->s.waiters, 5, one));
    assert_false(waiters_newest(&g->s.waiters, 7, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_states, setup, teardown),
        cmocka_unit_test_setup_teardown(test_starts_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_behind_a_complete_image, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tokens_end_with_the_job, setup, teardown),
        cmocka_unit_test_setup_teardown(test_database_refuses_a_second_job, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waiters, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
