/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/windows_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/windows/utf16.h"
#include "agent/windows/windows_child.h"
#include "agent/windows/windows_registry.h"

#define LOOK_S 120
#define STATE_LIMIT 65536
#define WINDOWS_11_BUILD 22000 /* still calls itself Windows 10 in its registry */
#define GENERALIZED "IMAGE_STATE_GENERALIZE_RESEAL_TO_"

/* What the child finds. */
struct look {
    bool found;
    struct system system;
};

static int text(struct windows_registry *r, hive_key key, const char *name, char *ret, size_t size, struct failure *f)
{
    return hive_value_text(&r->hive, key, name, ret, size, f) < 0 ? -1 : 0;
}

/* "10.0.19045"; before Windows 10 the first two numbers were a string. */
static int read_version(struct windows_registry *r, hive_key key, struct system *s, struct failure *f)
{
    uint32_t major, minor;
    char build[16], old[16];
    int found;

    if (text(r, key, "CurrentBuild", build, sizeof(build), f) || text(r, key, "CurrentVersion", old, sizeof(old), f))
        return -1;
    found = hive_value_number(&r->hive, key, "CurrentMajorVersionNumber", &major, f);
    if (found > 0)
        found = hive_value_number(&r->hive, key, "CurrentMinorVersionNumber", &minor, f);
    if (found < 0)
        return -1;
    if (found)
        snprintf(s->version, sizeof(s->version), "%u.%u.%s", major, minor, build);
    else
        snprintf(s->version, sizeof(s->version), "%s.%s", old, build);
    if (strtoul(build, NULL, 10) >= WINDOWS_11_BUILD && !strncmp(s->name, "Windows 10", 10))
        s->name[9] = '1';
    return 0;
}

static int read_edition(struct windows_registry *r, struct system *s, struct failure *f)
{
    hive_key key;
    int found = hive_key_find(&r->hive, "Microsoft\\Windows NT\\CurrentVersion", &key, f);

    if (found < 0)
        return -1;
    if (!found)
        return fail(f, "identity", "the SOFTWARE hive does not say which Windows it is");
    if (text(r, key, "ProductName", s->name, sizeof(s->name), f) ||
        text(r, key, "EditionID", s->edition, sizeof(s->edition), f))
        return -1;
    if (!s->name[0])
        strcpy(s->name, "Windows");
    return read_version(r, key, s, f);
}

/* Returns 1 with *ret, 0 when it does not say, or -1. */
static int read_state(struct windows_registry *r, bool *ret, struct failure *f)
{
    char state[64];
    hive_key key;
    int found = hive_key_find(&r->hive, "Microsoft\\Windows\\CurrentVersion\\Setup\\State", &key, f);

    if (found > 0)
        found = hive_value_text(&r->hive, key, "ImageState", state, sizeof(state), f);
    if (found > 0)
        *ret = !strncmp(state, GENERALIZED, strlen(GENERALIZED));
    return found;
}

/* The same word in a file: of bytes or of UTF-16. */
static int read_state_file(struct ntfs_files *files, bool *ret, struct failure *f)
{
    struct buffer b = {0};
    char *state = calloc(STATE_LIMIT + 1, 1);
    int found = state ? ntfs_files_read(files, WINDOWS_FOLDER "/Setup/State/State.ini", &b, STATE_LIMIT, f)
                      : fail(f, "out-of-memory", "no memory for State.ini");

    if (found > 0) {
        bool is_wide = b.size >= 2 && (uint8_t)b.data[0] == 0xff && (uint8_t)b.data[1] == 0xfe;
        if (is_wide)
            utf16_decode((const uint8_t *)b.data + 2, b.size - 2, state, STATE_LIMIT + 1);
        *ret = strstr(is_wide ? state : (const char *)b.data, GENERALIZED) != NULL;
    }
    free(state);
    free(b.data);
    return found;
}

static int read_software(struct ntfs_files *files, struct system *s, bool *ret_state, struct failure *f)
{
    struct windows_registry r;
    int found = windows_registry_open(files, "SOFTWARE", false, &r, f), state = 0;

    if (found <= 0)
        return found;
    if (read_edition(&r, s, f))
        found = -1;
    else if ((state = read_state(&r, &s->sysprepped, f)) < 0)
        found = -1;
    if (windows_registry_close(&r, f))
        found = -1;
    *ret_state = state > 0;
    return found;
}

static int read_arch(struct windows_registry *r, struct system *s, struct failure *f)
{
    static const char *const names[][2] = {{"AMD64", "x86_64"}, {"x86", "i386"}, {"ARM64", "aarch64"}};
    char arch[16];
    hive_key key;
    int found = windows_registry_control(r, "Control\\Session Manager\\Environment", &key, f);

    if (found > 0)
        found = hive_value_text(&r->hive, key, "PROCESSOR_ARCHITECTURE", arch, sizeof(arch), f);
    for (size_t i = 0; found > 0 && i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(arch, names[i][0]))
            strcpy(s->arch, names[i][1]);
    return found < 0 ? -1 : 0;
}

/* Where nothing has the word: Windows is in the middle of its setup and will ask who it is to be. */
static int read_setup(struct windows_registry *r, bool *ret, struct failure *f)
{
    uint32_t setup = 0, oobe = 0;
    hive_key key;
    int found = hive_key_find(&r->hive, "Setup", &key, f);

    if (found > 0)
        found = hive_value_number(&r->hive, key, "SystemSetupInProgress", &setup, f);
    if (found > 0)
        found = hive_value_number(&r->hive, key, "OOBEInProgress", &oobe, f);
    *ret = setup && oobe;
    return found < 0 ? -1 : 0;
}

static int read_system(struct ntfs_files *files, struct system *s, bool know_state, struct failure *f)
{
    struct windows_registry r;
    int found = windows_registry_open(files, "SYSTEM", false, &r, f);

    if (found <= 0)
        return found;
    if (read_arch(&r, s, f) || (!know_state && read_setup(&r, &s->sysprepped, f)))
        found = -1;
    if (windows_registry_close(&r, f))
        found = -1;
    return found;
}

static int look_at_volume(struct ntfs_files *files, struct look *l, struct failure *f)
{
    bool know_state = false;
    int found = read_software(files, &l->system, &know_state, f), in_file;

    if (found > 0 && !know_state) {
        in_file = read_state_file(files, &l->system.sysprepped, f);
        if (in_file < 0)
            return -1;
        know_state = in_file > 0;
    }
    if (found > 0)
        found = read_system(files, &l->system, know_state, f);
    l->found = found > 0;
    return found < 0 ? -1 : 0;
}

static int look(void *arg, void *result, struct failure *f)
{
    struct ntfs_files *files = ntfs_files_open(arg, false, f);
    struct failure second;
    int outcome;

    if (!files)
        return -1;
    outcome = look_at_volume(files, result, f);
    ntfs_files_close(files, false, &second); /* nothing was written */
    return outcome;
}

/* What a child says is cut to be text. */
static void take(char *to, const char *from, size_t size)
{
    memcpy(to, from, size);
    to[size - 1] = '\0';
    for (; *to; to++)
        if ((unsigned char)*to < ' ' || *to == 0x7f)
            *to = '?';
}

int windows_system_find(const char *node, struct system *ret, bool *ret_found, struct failure *f)
{
    struct look l;

    *ret_found = false;
    if (windows_child_run(look, (void *)node, &l, sizeof(l), LOOK_S, f))
        return -1;
    if (!l.found)
        return 0;
    ret->kind = SYSTEM_WINDOWS;
    strcpy(ret->id, "windows");
    take(ret->name, l.system.name, sizeof(ret->name));
    take(ret->version, l.system.version, sizeof(ret->version));
    take(ret->edition, l.system.edition, sizeof(ret->edition));
    take(ret->arch, l.system.arch, sizeof(ret->arch));
    ret->sysprepped = l.system.sysprepped;
    *ret_found = true;
    return 0;
}
