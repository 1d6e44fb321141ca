/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints docs/errors.md from the error table. */
#include <stdio.h>

#include "core/error.h"

int main(void)
{
    size_t count;
    const struct error_text *table = error_table(&count);

    printf("# Error codes of the boot client\n\n"
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
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
