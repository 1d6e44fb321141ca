/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An NTFS volume with what a Windows has where this project looks: folders, hives of real format, files beside them. */
#ifndef SLIPWAY_AGENT_TESTS_WINDOWS_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_WINDOWS_FIXTURE_H

#include "agent/system/windows_system.h"

#include "agent/tests/hive_fixture.h"

#define CONTROL_SET(name) "[R\\ControlSet00" name

/* Two control sets, of which the second counts. */
#define SYSTEM_HIVE                                                                                                    \
    "[R\\Select]\r\n\"Current\"=dword:00000002\r\n\"Default\"=dword:00000002\r\n\r\n"                                  \
    "[R\\Setup]\r\n\"SystemSetupInProgress\"=dword:00000000\r\n\"OOBEInProgress\"=dword:00000000\r\n\r\n"              \
    "[R\\ControlSet001\\Control\\ComputerName\\ComputerName]\r\n\"ComputerName\"=\"FIRST\"\r\n\r\n"                    \
    "[R\\ControlSet001\\Services\\Tcpip\\Parameters]\r\n\"Hostname\"=\"first\"\r\n\"NV Hostname\"=\"first\"\r\n\r\n"   \
    "[R\\ControlSet002\\Control\\ComputerName\\ComputerName]\r\n\"ComputerName\"=\"SOURCE\"\r\n\r\n"                   \
    "[R\\ControlSet002\\Control\\ComputerName\\ActiveComputerName]\r\n\"ComputerName\"=\"SOURCE\"\r\n\r\n"             \
    "[R\\ControlSet002\\Control\\Session Manager\\Environment]\r\n\"PROCESSOR_ARCHITECTURE\"=\"AMD64\"\r\n\r\n"        \
    "[R\\ControlSet002\\Services\\Tcpip\\Parameters]\r\n\"Hostname\"=\"source\"\r\n\"NV Hostname\"=\"source\"\r\n"     \
    "\"DataBasePath\"=\"x\"\r\n\r\n"

#define SOFTWARE_HIVE(state)                                                                                           \
    "[R\\Microsoft\\Windows NT\\CurrentVersion]\r\n\"ProductName\"=\"Windows 10 Pro\"\r\n\"EditionID\"="               \
    "\"Professional\"\r\n\"CurrentBuild\"=\"19045\"\r\n\"CurrentVersion\"=\"6.3\"\r\n"                                 \
    "\"CurrentMajorVersionNumber\"=dword:0000000a\r\n\"CurrentMinorVersionNumber\"=dword:00000000\r\n\r\n"             \
    "[R\\Microsoft\\Windows\\CurrentVersion\\Setup\\State]\r\n" state "\r\n"

#define COMPLETE "\"ImageState\"=\"IMAGE_STATE_COMPLETE\"\r\n"
#define SYSPREPPED "\"ImageState\"=\"IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE\"\r\n"

/* Runs commands with the volume `name` mounted at mnt, by ntfs-3g, and waits for its process. In mounts of its own:
 * what copies everybody's mounts meanwhile would keep the volume busy. */
static inline void with_ntfs(const char *name, const char *commands)
{
    run("cat > commands <<'END-OF-COMMANDS'\n%s\nEND-OF-COMMANDS\n"
        "unshare --mount sh -c 'mkdir -p mnt; ntfs-3g -o no_detach %s mnt > mount.log 2>&1 & pid=$!; "
        "for i in $(seq 500); do mountpoint -q mnt && break; sleep 0.02; done; "
        "mountpoint -q mnt && sh -e commands; result=$?; umount mnt; wait $pid; exit $result'",
        commands, name);
}

/* A volume `name` of 24 MiB with these hives, in a folder written in another case than ours; 200 files in one of its
 * folders, so that its index has more than one block. */
static inline void make_windows(const char *name, const char *system, const char *software)
{
    make_hive("SYSTEM", system);
    make_hive("SOFTWARE", software);
    run("truncate -s 24M %s; mkntfs -F -Q -q -L WINDOWS %s > mkntfs.log 2>&1", name, name);
    with_ntfs(name,
              "mkdir -p mnt/WINDOWS/system32/Config mnt/WINDOWS/Panther mnt/Users/a; cp SYSTEM SOFTWARE "
              "mnt/WINDOWS/system32/Config/; for i in $(seq 200); do echo $i > mnt/WINDOWS/system32/file-$i.dll; done; "
              "echo old > mnt/WINDOWS/Panther/unattend.xml; echo data > mnt/Users/a/document.txt");
}

#endif
