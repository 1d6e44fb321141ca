/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints docs/errors.md from the error table, and the codes of ROMs after it. */
#include <stdio.h>

#include "core/error.h"
#include "core/tools/rom_errors.h"

static void print_rom_errors(void)
{
    printf("\n## Codes of other PXE ROMs\n\n"
           "slipway.efi does not show these. A machine's own PXE ROM does, before Slipway is there.\n\n"
           "| code | what happened | what helps |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof(rom_errors) / sizeof(rom_errors[0]); i++)
        printf("| %s | %s | %s |\n", rom_errors[i].codes, rom_errors[i].meaning, rom_errors[i].cure);
}

int main(void)
{
    size_t count;
    const struct error_text *table = error_table(&count);

    printf(
        "# Error codes of the boot client\n\n"
        "The screen shows the code and its title, then who answered and what was received, then a line of cause and a\n"
        "line of cure. `PXE-E` numbers are those of the PXE specification and mean what they mean in any PXE ROM;\n"
        "`SLW-E` numbers are Slipway's own.\n\n"
        "This page is made from the table in `core/error.c` by `make docs/errors.md`: change it there.\n\n"
        "| code | what happened |\n|---|---|\n");
    for (size_t i = 0; i < count; i++)
        printf("| [%s](#%s) | %s |\n", table[i].name, table[i].name, table[i].title);
    for (size_t i = 0; i < count; i++)
        printf("\n<a id=\"%s\"></a>\n## %s: %s\n\n- Cause: %s\n- Cure: %s\n", table[i].name, table[i].name,
               table[i].title, table[i].cause, table[i].cure);
    print_rom_errors();
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
