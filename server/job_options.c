/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_options.h"

#include <string.h>

#include "server/machines.h"
#include "server/names.h"

#define LEVEL_MAX 19
#define PARTITIONS 128
#define URL_MAX 1000

static int check_level(const json_t *value, struct refusal *r)
{
    if (json_integer_value(value) >= 1 && json_integer_value(value) <= LEVEL_MAX)
        return 0;
    return refuse(r, 400, "bad-request", "\"level\" must be a number from 1 to %d", LEVEL_MAX);
}

static int check_bad_sectors(const json_t *value, struct refusal *r)
{
    const char *word = json_string_value(value);

    if (word && (strcmp(word, "fail") == 0 || strcmp(word, "zero") == 0))
        return 0;
    return refuse(r, 400, "bad-request", "\"bad_sectors\" must be \"fail\" or \"zero\"");
}

static bool is_partition(const json_t *value)
{
    return json_integer_value(value) >= 1 && json_integer_value(value) <= PARTITIONS;
}

static int check_grow(const json_t *value, struct refusal *r)
{
    const char *word = json_string_value(value);

    if (is_partition(value) || (word && (strcmp(word, "auto") == 0 || strcmp(word, "none") == 0)))
        return 0;
    return refuse(r, 400, "bad-request", "\"grow\" must be \"auto\", \"none\" or the number of a partition");
}

static int check_keep(const json_t *value, struct refusal *r)
{
    bool good = json_is_array(value) && json_array_size(value) >= 1 && json_array_size(value) <= PARTITIONS;
    const json_t *number;
    size_t i;

    json_array_foreach(value, i, number)
    {
        good = good && is_partition(number);
        for (size_t k = 0; good && k < i; k++)
            good = !json_equal(number, json_array_get(value, k));
    }
    if (good)
        return 0;
    return refuse(r, 400, "bad-request", "\"keep\" must be an array of different partition numbers, 1 to %d",
                  PARTITIONS);
}

static bool is_url(const char *url)
{
    size_t length = url ? strlen(url) : 0;

    if (length == 0 || length > URL_MAX || (strncmp(url, "http://", 7) && strncmp(url, "https://", 8)))
        return false;
    for (size_t i = 0; i < length; i++)
        if (url[i] <= ' ' || url[i] >= 0x7f)
            return false;
    return true;
}

static int check_source(const json_t *value, struct refusal *r)
{
    const json_t *sum = json_object_get(value, "sha256"), *unchecked = json_object_get(value, "unchecked");
    uint8_t id[CHUNK_ID];
    size_t known = 1 + (sum != NULL) + (unchecked != NULL);

    if (!is_url(json_string_value(json_object_get(value, "url"))))
        return refuse(r, 400, "bad-request", "source: \"url\" must be an http or https URL of at most %d bytes",
                      URL_MAX);
    if (sum && (!json_is_string(sum) || !name_chunk_id(json_string_value(sum), id)))
        return refuse(r, 400, "bad-request", "source: \"sha256\" must be 64 lower-case hexadecimal digits");
    if (unchecked && !json_is_boolean(unchecked))
        return refuse(r, 400, "bad-request", "source: \"unchecked\" must be true or false");
    if (known != json_object_size(value))
        return refuse(r, 400, "bad-request", "source: only url, sha256 and unchecked are known");
    return 0;
}

static const struct {
    const char *name;
    bool capture; /* else deploy */
    int (*check)(const json_t *value, struct refusal *r);
} known[] = {
    {"level", true, check_level}, {"bad_sectors", true, check_bad_sectors}, {"grow", false, check_grow},
    {"keep", false, check_keep},  {"source", false, check_source},
};

static int take(const json_t *body, size_t i, bool capture, json_t *ret, struct refusal *r)
{
    json_t *value = json_object_get(body, known[i].name);

    if (!value || json_is_null(value))
        return 0;
    if (known[i].capture != capture)
        return refuse(r, 400, "bad-request", "\"%s\" belongs to a %s, not to a %s", known[i].name,
                      capture ? "deploy" : "capture", capture ? "capture" : "deploy");
    if (known[i].check(value, r))
        return -1;
    return json_object_set(ret, known[i].name, value) ? refuse(r, 500, "internal", "out of memory") : 0;
}

static int check_together(const json_t *options, const json_t *body, struct refusal *r)
{
    const json_t *image = json_object_get(body, "image"), *disks = json_object_get(body, "disks");

    if (!json_object_get(options, "source"))
        return 0;
    if (image && !json_is_null(image))
        return refuse(r, 400, "bad-request", "a deploy has an \"image\" or a \"source\", not both");
    if (json_object_get(options, "grow") || json_object_get(options, "keep") || json_array_size(disks) > 1)
        return refuse(r, 400, "bad-request",
                      "a \"source\" is one disk as a whole: no \"grow\", no \"keep\", no several \"disks\"");
    return 0;
}

json_t *job_options_read(const json_t *body, bool capture, struct refusal *r)
{
    json_t *options = json_object();
    int rc = options ? 0 : refuse(r, 500, "internal", "out of memory");

    for (size_t i = 0; !rc && i < sizeof(known) / sizeof(known[0]); i++)
        rc = take(body, i, capture, options, r);
    if (!rc)
        rc = check_together(options, body, r);
    if (!rc)
        return options;
    json_decref(options);
    return NULL;
}

const char *job_options_source(const json_t *options)
{
    return json_string_value(json_object_get(json_object_get(options, "source"), "url"));
}

void job_options_show(json_t *view, const json_t *job)
{
    json_t *options = json_loads(row_text(job, "options"), 0, NULL);

    json_object_update(view, options);
    if (job_options_source(options))
        json_object_set_new(view, "image", json_null());
    json_decref(options);
}
