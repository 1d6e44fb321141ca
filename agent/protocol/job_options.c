/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "agent/image/chunk_id.h"
#include "agent/imaging/imaging.h"
#include "agent/net/http.h"
#include "agent/protocol/job_value.h"

static bool parse_level(const json_t *value, struct job_step *ret)
{
    uint64_t level;

    if (!value)
        return true;
    if (ret->kind != STEP_CAPTURE || !job_take_number(value, 19, &level))
        return false;
    ret->options.level = (int)level;
    return true;
}

static bool parse_bad_sectors(const json_t *value, struct job_step *ret)
{
    const char *word = json_string_value(value);

    if (!value)
        return true;
    if (ret->kind != STEP_CAPTURE || !word)
        return false;
    ret->options.bad_sectors = strcmp(word, "zero") == 0 ? BAD_SECTORS_ZERO : BAD_SECTORS_FAIL;
    return strcmp(word, "zero") == 0 || strcmp(word, "fail") == 0;
}

static bool parse_grow(const json_t *value, struct job_step *ret)
{
    const char *word = json_string_value(value);
    uint64_t number;

    if (!value)
        return true;
    if (ret->kind != STEP_DEPLOY)
        return false;
    if (word) {
        ret->options.grow = strcmp(word, "none") == 0 ? DEPLOY_GROW_NONE : DEPLOY_GROW_AUTO;
        return strcmp(word, "none") == 0 || strcmp(word, "auto") == 0;
    }
    if (!job_take_number(value, JOB_KEEP, &number))
        return false;
    ret->options.grow = (int)number;
    return true;
}

/* An entry that is not understood would be a partition that is lost. */
static bool parse_keep(const json_t *value, struct job_step *ret)
{
    const json_t *entry;
    uint64_t number;
    size_t i;

    if (!value)
        return true;
    if (ret->kind != STEP_DEPLOY || !json_is_array(value) || json_array_size(value) > JOB_KEEP)
        return false;
    json_array_foreach(value, i, entry)
    {
        if (!job_take_number(entry, JOB_KEEP, &number))
            return false;
        ret->options.keep[ret->options.keep_count++] = (unsigned)number;
    }
    return true;
}

static bool parse_source(const json_t *object, struct job_step *ret)
{
    const json_t *sum = job_get(object, "sha256"), *unchecked = job_get(object, "unchecked");
    struct job_source *source = &ret->source;
    uint8_t id[CHUNK_ID_SIZE];

    if (!object)
        return true;
    if (ret->kind != STEP_DEPLOY || ret->options.keep_count ||
        !job_take_string(job_get(object, "url"), source->url, sizeof(source->url), NULL) || !http_is_url(source->url))
        return false;
    if (sum &&
        (!job_take_string(sum, source->sha256, sizeof(source->sha256), NULL) || !chunk_id_parse(source->sha256, id)))
        return false;
    source->unchecked = json_is_true(unchecked);
    return !unchecked || json_is_boolean(unchecked);
}

static bool parse_flag(const json_t *value, enum step_kind kind, const struct job_step *step, bool *ret)
{
    if (!value)
        return true;
    *ret = json_is_true(value);
    return step->kind == kind && json_is_boolean(value);
}

static bool parse_as_is(const json_t *value, struct job_step *ret)
{
    return parse_flag(value, STEP_CAPTURE, ret, &ret->options.as_is);
}

static bool parse_logs(const json_t *value, struct job_step *ret)
{
    return parse_flag(value, STEP_CAPTURE, ret, &ret->options.logs);
}

static bool parse_identity(const json_t *value, struct job_step *ret)
{
    bool wanted = true;

    if (!parse_flag(value, STEP_DEPLOY, ret, &wanted))
        return false;
    ret->options.no_identity = !wanted;
    return true;
}

/* What is not known by its name stays unnoticed in an image: the step that captures refuses it. */
static bool parse_leave(const json_t *value, struct job_step *ret)
{
    const json_t *entry;
    char word[32];
    size_t i;

    if (!value)
        return true;
    if (ret->kind != STEP_CAPTURE || !json_is_array(value) || json_array_size(value) > JOB_LEAVE)
        return false;
    json_array_foreach(value, i, entry)
    {
        if (!job_take_string(entry, word, sizeof(word), "abcdefghijklmnopqrstuvwxyz-"))
            return false;
        ret->options.leave[ret->options.leave_count++] = json_string_value(entry);
    }
    return true;
}

int job_options_parse(const json_t *object, struct job_step *ret, struct failure *f)
{
    static const struct {
        const char *name;
        bool (*parse)(const json_t *value, struct job_step *ret);
    } members[] = {{"level", parse_level},  {"bad_sectors", parse_bad_sectors},
                   {"grow", parse_grow},    {"keep", parse_keep},
                   {"as_is", parse_as_is},  {"logs", parse_logs},
                   {"leave", parse_leave},  {"identity", parse_identity},
                   {"source", parse_source}};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!members[i].parse(job_get(object, members[i].name), ret))
            return job_bad(f, members[i].name);
    return 0;
}
