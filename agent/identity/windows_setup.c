/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/identity/windows_answer.h"
#include "agent/windows/windows_registry.h"

#define PANTHER WINDOWS_FOLDER "/Panther/"
#define SCRIPTS WINDOWS_FOLDER "/Setup/Scripts/"
#define SCRIPT_LIMIT (1u << 20)

/* Windows' own letter for the volume that it starts from. */
#define ANSWER_PATH "C:\\Windows\\Panther\\unattend.xml"

/* First the registry's own pointer, then these folders, each with both names. */
static const char *const others[] = {PANTHER "Unattend/unattend.xml", PANTHER "Unattend/Autounattend.xml",
                                     PANTHER "Autounattend.xml"};

static int point_at(struct windows_registry *r, unsigned *ret_others, struct failure *f)
{
    char path[260];
    hive_key key;
    int found = hive_key_find(&r->hive, "Setup", &key, f);

    if (found > 0)
        found = hive_value_text(&r->hive, key, "UnattendFile", path, sizeof(path), f);
    if (found <= 0 || !strcmp(path, ANSWER_PATH))
        return found < 0 ? -1 : 0;
    ++*ret_others;
    return hive_value_set_text(&r->hive, key, "UnattendFile", ANSWER_PATH, f) || hive_commit(&r->hive, f) ? -1 : 0;
}

static int point_registry(struct ntfs_files *files, unsigned *ret_others, struct failure *f)
{
    struct windows_registry r;
    struct failure second;
    int found = windows_registry_open(files, "SYSTEM", true, &r, f), result;

    if (found <= 0)
        return found;
    result = point_at(&r, ret_others, f);
    if (windows_registry_close(&r, result ? &second : f))
        result = -1;
    return result;
}

int windows_setup_answer(struct ntfs_files *files, const void *text, size_t size, unsigned *ret_others,
                         struct failure *f)
{
    *ret_others = 0;
    if (ntfs_files_write(files, PANTHER "unattend.xml", text, size, true, f))
        return -1;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        int removed = ntfs_files_remove(files, others[i], f);
        if (removed < 0)
            return -1;
        *ret_others += (unsigned)removed;
    }
    return point_registry(files, ret_others, f);
}

/* It removes itself first: a command that restarts the machine is not run again. cmd.exe has read the whole line by
 * then. */
static int write_command(struct ntfs_files *files, const char *command, struct failure *f)
{
    char text[2048];
    int n = snprintf(text, sizeof(text), "@echo off\r\nchcp 65001 >nul\r\ndel \"%%~f0\" & %s\r\n", command);

    for (const char *c = command; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return fail(f, "identity", "the first-boot command has a control character");
    if (n < 0 || (size_t)n >= sizeof(text))
        return fail(f, "identity", "the first-boot command is too long");
    return ntfs_files_write(files, SCRIPTS WINDOWS_FIRST_BOOT, text, (size_t)n, true, f);
}

/* A line before all others: the image's own script may end with "exit". */
static int call_command(struct ntfs_files *files, struct failure *f)
{
    static const char line[] = "@if exist \"%~dp0" WINDOWS_FIRST_BOOT "\" call \"%~dp0" WINDOWS_FIRST_BOOT "\"\r\n";
    struct buffer text = {0};
    int result;

    if (!buffer_append(&text, line, strlen(line)))
        return fail(f, "out-of-memory", "no memory for SetupComplete.cmd");
    result = ntfs_files_read(files, SCRIPTS "SetupComplete.cmd", &text, SCRIPT_LIMIT, f);
    if (result == 0 || (result > 0 && !strstr((const char *)text.data + strlen(line), line)))
        result = ntfs_files_write(files, SCRIPTS "SetupComplete.cmd", text.data, text.size, false, f);
    free(text.data);
    return result < 0 ? -1 : 0;
}

int windows_setup_first_boot(struct ntfs_files *files, const char *command, struct failure *f)
{
    if (!command[0])
        return ntfs_files_remove(files, SCRIPTS WINDOWS_FIRST_BOOT, f) < 0 ? -1 : 0;
    return write_command(files, command, f) || call_command(files, f) ? -1 : 0;
}
