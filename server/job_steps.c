/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_steps.h"

#include <string.h>

#include "server/job_disks.h"
#include "server/job_options.h"
#include "server/job_step_values.h"
#include "server/machines.h"

static const struct kind {
    const char *word;
    const char *known[12], *required[3];
} kinds[] = {
    {"capture", {"step", "image", "disk", "disks", "level", "bad_sectors", "as_is", "logs", "leave"}, {"image"}},
    {"deploy", {"step", "image", "source", "disk", "disks", "grow", "keep", "identity"}, {NULL}},
    {"run", {"step", "command", "where", "timeout", "success"}, {"command"}},
    {"put", {"step", "path", "where", "content", "mode", "owner"}, {"path", "content"}},
    {"get", {"step", "path", "where", "name"}, {"path", "name"}},
    {"wait", {"step", "seconds"}, {NULL}},
};

static const struct kind *find_kind(const json_t *step)
{
    const char *word = json_string_value(json_object_get(step, "step"));

    for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0)
            return &kinds[i];
    }
    return NULL;
}

static bool is_known(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < sizeof(kind->known) / sizeof(kind->known[0]) && kind->known[i]; i++) {
        if (strcmp(kind->known[i], name) == 0)
            return true;
    }
    return false;
}

static int check_step(const json_t *step, struct refusal *r)
{
    const struct kind *kind = find_kind(step);
    const char *name;
    json_t *value;

    if (!kind)
        return refuse(r, 400, "bad-request", "\"step\" must be capture, deploy, run, put, get or wait");
    json_object_foreach((json_t *)step, name, value)
    {
        if (!is_known(kind, name))
            return refuse(r, 400, "bad-request", "\"%.60s\" belongs to no %s", name, kind->word);
        if (job_step_value_check(name, value, r) || job_options_check(name, value, r))
            return -1;
    }
    for (size_t i = 0; i < sizeof(kind->required) / sizeof(kind->required[0]) && kind->required[i]; i++) {
        if (!json_object_get(step, kind->required[i]))
            return refuse(r, 400, "bad-request", "a %s needs \"%s\"", kind->word, kind->required[i]);
    }
    if (strcmp(kind->word, "deploy") == 0 && job_options_check_image(step, r))
        return -1;
    return job_disks_check(step, r);
}

static json_t *without_nulls(const json_t *step)
{
    json_t *copy = json_object(), *value;
    const char *name;

    json_object_foreach((json_t *)step, name, value)
    {
        if (!json_is_null(value))
            json_object_set(copy, name, value);
    }
    return copy;
}

static int check_list(const json_t *list, struct refusal *r)
{
    unsigned captures = 0;
    const json_t *step;
    size_t i;

    json_array_foreach(list, i, step)
    {
        struct refusal why = {0};

        if (check_step(step, &why))
            return refuse(r, 400, "bad-request", "step %zu: %.400s", i + 1, why.message);
        captures += strcmp(row_text(step, "step"), "capture") == 0;
    }
    if (captures > 1)
        return refuse(r, 400, "bad-request", "a job captures one image at most");
    return 0;
}

json_t *job_steps_read(const json_t *list, struct refusal *r)
{
    const json_t *step;
    json_t *copy = NULL;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > JOB_STEPS_MAX) {
        refuse(r, 400, "bad-request", "\"steps\" must be an array of 1 to %d steps", JOB_STEPS_MAX);
        return NULL;
    }
    copy = json_array();
    json_array_foreach(list, i, step) json_array_append_new(copy, without_nulls(step));
    if (check_list(copy, r) == 0)
        return copy;
    json_decref(copy);
    return NULL;
}

static const char *image_of(const json_t *step)
{
    const json_t *source = json_object_get(step, "source");

    return source ? row_text(source, "url") : row_text(step, "image");
}

void job_steps_summarise(const json_t *list, struct job_summary *ret)
{
    const json_t *step;
    size_t i;

    *ret = (struct job_summary){
        .kind = row_text(json_array_get(list, 0), "step"), .image = "", .count = (unsigned)json_array_size(list)};
    json_array_foreach(list, i, step)
    {
        const char *word = row_text(step, "step");
        bool captures = strcmp(word, "capture") == 0, deploys = strcmp(word, "deploy") == 0;

        if (captures)
            ret->capture = (unsigned)i + 1;
        if (captures || (deploys && !ret->capture && !ret->image[0])) {
            ret->kind = word;
            ret->image = image_of(step);
        }
    }
}

json_t *job_steps_of(const json_t *job)
{
    json_t *list = json_loads(row_text(job, "steps"), 0, NULL);

    return list ? list : json_array();
}
