/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"
#include "agent/image/manifest.h"

#include "agent/tests/imaging_fixture.h"

static struct manifest *sample(void)
{
    struct manifest *m = calloc(1, sizeof(*m));
    const struct manifest_partition efi = {.number = 1,
                                           .start = 1048576,
                                           .size = 1048576,
                                           .type = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
                                           .uuid = "11111111-2222-3333-4444-555555555555",
                                           .name = "EFI \"System\"",
                                           .attributes = 0x8000000000000001,
                                           .index = {.file = "part1.caibx"},
                                           .has_fs = true,
                                           .fs_type = "vfat",
                                           .fs_uuid = "1234-ABCD",
                                           .fs_label = "B\xc3\xb6",
                                           .fs_used = 4096,
                                           .fs_smallest = 1048576};
    const struct manifest_partition raw = {.number = 3,
                                           .start = 2097152,
                                           .size = 512,
                                           .type = "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
                                           .uuid = "66666666-2222-3333-4444-555555555555",
                                           .index = {.file = "part3.caibx"},
                                           .raw = true,
                                           .note = "no file system recognised"};

    snprintf(m->name, sizeof(m->name), "debian");
    snprintf(m->table, sizeof(m->table), "gpt");
    snprintf(m->disk_uuid, sizeof(m->disk_uuid), "77777777-2222-3333-4444-555555555555");
    snprintf(m->boot.file, sizeof(m->boot.file), "boot.caibx");
    m->boot.sha256[31] = 7;
    m->disk_size = 4194304;
    m->sector_size = 512;
    m->boot_size = 1048576;
    m->count = 2;
    m->system_count = 2;
    m->systems[0] = (struct system){.kind = SYSTEM_LINUX,
                                    .name = "Debian \"12\"",
                                    .id = "debian",
                                    .version = "12",
                                    .arch = "x86_64",
                                    .partition = 3,
                                    .subvolume = "@",
                                    .esp_partition = 1};
    m->systems[1] = (struct system){.kind = SYSTEM_WINDOWS,
                                    .name = "Windows 10 Pro",
                                    .edition = "Professional",
                                    .partition = 1,
                                    .sysprepped = true};
    m->partitions[0] = efi;
    m->partitions[1] = raw;
    return m;
}

static void test_round_trip(void **state)
{
    struct manifest *m = sample(), *back = malloc(sizeof(*back));
    struct failure f;
    char *text = manifest_format(m, &f);

    (void)state;
    assert_non_null(text);
    assert_int_equal(manifest_parse(text, strlen(text), "debian", back, &f), 0);
    assert_memory_equal(m, back, sizeof(*m));
    assert_int_equal(manifest_smallest_disk(back), 2097152 + 512 + 33 * 512);
    free(text);
    free(m);
    free(back);
}

static void test_labels_that_are_not_utf8(void **state)
{
    struct manifest *m = sample(), *back = malloc(sizeof(*back));
    struct failure f;
    char *text;

    (void)state;
    snprintf(m->partitions[0].fs_label, sizeof(m->partitions[0].fs_label), "a\xff\x01z");
    text = manifest_format(m, &f);
    assert_non_null(text);
    assert_int_equal(manifest_parse(text, strlen(text), "debian", back, &f), 0);
    assert_string_equal(back->partitions[0].fs_label, "a?\x01z");
    free(text);
    free(m);
    free(back);
}

/* Each line changes one thing of the sample's text, and what the message must name. */
static void test_refused(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } changes[] = {
        {"\"format\": 1", "\"format\": 0", "format"},
        {"\"format\": 1", "\"format\": 2", "format"},
        {"\"format\": 1", "\"format\": \"1\"", "format"},
        {"\"debian\"", "\"../debian\"", "name"},
        {"\"chunk_size\": 1048576", "\"chunk_size\": 1048575", "chunk_size"},
        {"\"gpt\"", "\"dos\"", "table"},
        {"\"sector_size\": 512", "\"sector_size\": 0", "sector_size"},
        {"\"part1.caibx\"", "\"../../x.caibx\"", "index"},
        {"\"part1.caibx\"", "\"part1.txt\"", "index"},
        {"\"part1.caibx\"", "\"part1\\u0000.caibx\"", "manifest"},
        {"\"start\": 2097152", "\"start\": 2096640", "partitions[1]"},
        {"\"start\": 2097152", "\"start\": -512", "partitions[1]"},
        {"\"start\": 2097152", "\"start\": 1152921504606846976", "partitions[1]"},
        {"\"start\": 2097152", "\"start\": 9223372036854775807", "partitions[1]"},
        {"\"start\": 2097152", "\"start\": 99999999999999999999", "manifest"},
        {"\"size\": 512", "\"size\": 511", "partitions[1]"},
        {"\"size\": 512", "\"size\": 0", "partitions[1]"},
        {"\"number\": 3", "\"number\": 1", "twice"},
        {"\"number\": 3", "\"number\": 129", "number"},
        {"\"8000000000000001\"", "\"x\"", "attributes"},
        {"\"8000000000000001\"", "\"\"", "attributes"},
        {"66666666-2222", "66666666x2222", "uuid"},
        {"66666666-2222", "6666666-2222", "uuid"},
        {"\"raw\"", "\"rawer\"", "captured"},
        {"\"fs\": null", "\"fs\": 3", "fs"},
        {"\"partitions\": [", "\"partitions\": [3,", "partitions[0]"},
        {"0000000000000007", "000000000000007", "sha256"},
        {"\"used\": 4096", "\"used\": 4096.5", "used"},
        {"\"windows\"", "\"window\"", "systems[1].kind"},
        {"\"partition\": 3", "\"partition\": 2", "systems[0].partition"},
        {"\"partition\": 3", "\"partition\": 0", "systems[0].partition"},
        {"\"esp_partition\": 1", "\"esp_partition\": 7", "systems[0].esp_partition"},
        {"\"esp_partition\": 1", "\"esp_partition\": -1", "systems[0].esp_partition"},
        {"\"sysprepped\": true", "\"sysprepped\": 1", "systems[1].sysprepped"},
        {"\"x86_64\"", "\"x86_64_and_more_than_16\"", "systems[0].arch"},
        {"\"systems\": [", "\"systems\": [3, ", "systems[0]"},
        {"\"systems\": [", "\"systems\": 3, \"x\": [", "systems"},
    };
    struct manifest *m = sample(), *back = malloc(sizeof(*back));
    struct failure f;
    char *text = manifest_format(m, &f), *changed = malloc(strlen(text) + 100);

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *at = strstr(text, changes[i].from);
        if (!at)
            fail_msg("the sample has no %s", changes[i].from);
        sprintf(changed, "%.*s%s%s", (int)(at - text), text, changes[i].to, at + strlen(changes[i].from));
        if (!manifest_parse(changed, strlen(changed), "debian", back, &f))
            fail_msg("%s was accepted", changes[i].to);
        assert_string_equal(f.reason, "bad-image");
        if (!strstr(f.message, changes[i].message))
            fail_msg("%s: %s", changes[i].to, f.message);
    }
    for (size_t n = 0; n < strlen(text); n++)
        assert_int_equal(manifest_parse(text, n, "debian", back, &f), -1);
    free(changed);
    free(text);
    free(m);
    free(back);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(manifest_name_valid("debian-12.img_2"));
    assert_true(manifest_name_valid("a23456789012345678901234567890123456789012345678901234567890abcd"));
    assert_false(manifest_name_valid("a23456789012345678901234567890123456789012345678901234567890abcde"));
    assert_false(manifest_name_valid(""));
    assert_false(manifest_name_valid(".."));
    assert_false(manifest_name_valid(".x"));
    assert_false(manifest_name_valid("a/b"));
    assert_false(manifest_name_valid("a b"));
}

/* The fuzzer's seeds of other tables are what an agent writes: they are taken, and come out the same. */
static void test_other_tables(void **state)
{
    static const char *const seeds[] = {"logical", "hybrid", "none"};
    struct manifest *m = malloc(sizeof(*m)), *back = malloc(sizeof(*back));
    struct failure f;
    char path[128], *text;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct buffer b = {0};
        snprintf(path, sizeof(path), "agent/fuzz/corpus/manifest/%s", seeds[i]);
        assert_true(buffer_read_file(&b, path, MANIFEST_SIZE_MAX));
        if (manifest_parse(b.data, b.size, seeds[i], m, &f))
            fail_msg("%s", f.message);
        text = manifest_format(m, &f);
        assert_int_equal(manifest_parse(text, strlen(text), seeds[i], back, &f), 0);
        assert_memory_equal(m, back, sizeof(*m));
        free(text);
        free(b.data);
    }
    free(m);
    free(back);
}

/* Each line changes one thing of such a seed, and what the message must name. */
static void test_other_tables_refused(void **state)
{
    static const struct {
        const char *seed, *from, *to, *message;
    } changes[] = {
        {"logical", "\"mbr\": \"4d3c", "\"mbr\": \"4d3x", "mbr is not hexadecimal"},
        {"logical", "\"mbr\": \"4d3c", "\"mbr\": \"4d", "mbr has another length"},
        {"logical", "\"mbr\": ", "\"mbx\": ", "mbr is missing"},
        {"logical", "\"uuid\": \"1a2b3c4d\"", "\"uuid\": \"1a2b3c4\"", "uuid"},
        {"logical", "1a2b3c4d-05", "1a2b3c4d-06", "uuid"},
        {"logical", "\"number\": 7", "\"number\": 8", "uuid or name"},
        {"logical", "\"type\": \"0x07\"", "\"type\": \"0x05\"", "type"},
        {"logical", "\"type\": \"0x07\"", "\"type\": \"7\"", "type"},
        {"logical", "\"type\": \"0x0f\"", "\"type\": \"0x83\"", "type"},
        {"logical", "\"attributes\": \"80\"", "\"attributes\": \"180\"", "attributes"},
        {"logical", "\"start\": 20480000", "\"start\": 12800000", "over an extended boot record"},
        {"logical", "{\"start\": 20480000", "{\"start\": 10240000", "the same"},
        {"logical", "{\"start\": 20480000", "{\"start\": 5119488", "outside of the extended partition"},
        {"logical", "\"size\": 25600000", "\"size\": 25599488", "contradicts the extended partition"},
        {"logical", "\"ebrs\": [{", "\"ebrs\": [1, {", "disk.extended.ebrs[0]"},
        {"logical", "\"size\": 32256, \"index\"", "\"size\": 65536, \"index\"", "first partition"},
        {"hybrid", "\"first_usable\": 17408", "\"first_usable\": 17409", "first_usable"},
        {"hybrid", "\"usable_end\": 30720000", "\"usable_end\": 512", "usable_end"},
        {"hybrid", "disk2.json", "disk4.json", "disks[0]"},
        {"hybrid", "55aa", "55ab", "55aa"},
        {"none", "\"number\": 1", "\"number\": 2", "without a table"},
        {"none", "\"size\": 1048576, \"index\"", "\"size\": 512, \"index\"", "first chunk"},
        {"none", "\"table\": \"none\"", "\"table\": \"atari\"", "table"},
    };
    struct manifest *m = malloc(sizeof(*m));
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct buffer b = {0};
        char path[128], *at, *changed;
        snprintf(path, sizeof(path), "agent/fuzz/corpus/manifest/%s", changes[i].seed);
        assert_true(buffer_read_file(&b, path, MANIFEST_SIZE_MAX));
        changed = calloc(1, b.size + 100);
        memcpy(changed, b.data, b.size);
        at = strstr(changed, changes[i].from);
        assert_non_null(at);
        memmove(at + strlen(changes[i].to), at + strlen(changes[i].from), strlen(at + strlen(changes[i].from)) + 1);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        if (!manifest_parse(changed, strlen(changed), changes[i].seed, m, &f))
            fail_msg("%s instead of %s was taken", changes[i].to, changes[i].from);
        assert_string_equal(f.reason, "bad-image");
        if (!strstr(f.message, changes[i].message))
            fail_msg("%s (expected ...%s...)", f.message, changes[i].message);
        free(changed);
        free(b.data);
    }
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_other_tables),
        cmocka_unit_test(test_other_tables_refused),
        cmocka_unit_test(test_labels_that_are_not_utf8),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
