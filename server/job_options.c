/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_options.h"

#include <string.h>

#include "server/names.h"

#define LEVEL_MAX 19
#define PARTITIONS 128
#define URL_MAX 1000
#define WORDS_MAX 16

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

static int check_words(const json_t *value, struct refusal *r)
{
    const json_t *word;
    size_t i;

    if (!json_is_array(value) || json_array_size(value) > WORDS_MAX)
        return refuse(r, 400, "bad-request", "\"leave\" must be an array of at most %d words", WORDS_MAX);
    json_array_foreach(value, i, word)
    {
        if (!json_is_string(word) || !name_is_word(json_string_value(word)))
            return refuse(r, 400, "bad-request", "\"leave\" must hold words such as ssh-host-keys");
    }
    return 0;
}

static int check_image(const json_t *value, struct refusal *r)
{
    if (json_is_string(value) && name_is_image(json_string_value(value)))
        return 0;
    return refuse(r, 400, "bad-request",
                  "'%.100s' cannot be an image's name: letters, digits, '.', '_', '-' (not first), at most 64",
                  json_is_string(value) ? json_string_value(value) : "");
}

static const struct {
    const char *name;
    int (*check)(const json_t *value, struct refusal *r);
} known[] = {
    {"image", check_image}, {"level", check_level}, {"bad_sectors", check_bad_sectors}, {"grow", check_grow},
    {"keep", check_keep},   {"leave", check_words}, {"source", check_source},
};

int job_options_check(const char *name, const json_t *value, struct refusal *r)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, name) == 0)
            return known[i].check(value, r);
    }
    return 0;
}

int job_options_check_image(const json_t *step, struct refusal *r)
{
    const json_t *image = json_object_get(step, "image");

    if (!image == !json_object_get(step, "source"))
        return refuse(r, 400, "bad-request", "a deploy has an \"image\" or a \"source\"%s",
                      image ? ", not both" : ", and neither is given");
    if (image)
        return 0;
    if (json_object_get(step, "keep") || json_array_size(json_object_get(step, "disks")) > 1)
        return refuse(r, 400, "bad-request",
                      "a \"source\" is one disk as a whole: no \"keep\", no several \"disks\"");
    return 0;
}
