/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_disks.h"

#include "server/names.h"

static int check_rule(const json_t *disk, struct refusal *r)
{
    static const char *const texts[] = {"path", "serial", "wwn", "model"};
    size_t known = 0;

    if (!json_is_object(disk) || json_object_size(disk) == 0)
        return refuse(r, 400, "bad-request", "\"disk\" must be null or an object with at least one member");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const json_t *value = json_object_get(disk, texts[i]);

        known += value != NULL;
        /* A path may be a link's in /dev/disk/by-id/, with model and serial. */
        if (value && (!json_is_string(value) || !name_is_line(json_string_value(value), i ? 63 : 127)))
            return refuse(r, 400, "bad-request", "disk: \"%s\" must be a string of at most %d bytes", texts[i],
                          i ? 63 : 127);
    }
    if (json_object_get(disk, "size")) {
        known++;
        if (json_integer_value(json_object_get(disk, "size")) <= 0)
            return refuse(r, 400, "bad-request", "disk: \"size\" must be a number of bytes");
    }
    if (known != json_object_size(disk))
        return refuse(r, 400, "bad-request", "disk: only path, serial, wwn, model and size can choose a disk");
    return 0;
}

int job_disks_check(const json_t *step, struct refusal *r)
{
    const json_t *one = json_object_get(step, "disk"), *many = json_object_get(step, "disks"), *disk;
    size_t i;

    if (many && (one || !json_is_array(many) || json_array_size(many) == 0 || json_array_size(many) > IMAGE_DISKS))
        return refuse(r, 400, "bad-request", "\"disks\" must be an array of 1 to %d, without \"disk\"", IMAGE_DISKS);
    if (one && check_rule(one, r))
        return -1;
    json_array_foreach(many, i, disk)
    {
        if (check_rule(disk, r))
            return -1;
    }
    return 0;
}
