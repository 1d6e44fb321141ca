/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolve_branches <PROGRAM >PREPARED: what is packed into bstrap.0. */
#include <stdio.h>

#include "bstrap/branches.h"

#define PROGRAM_MAX 0xa0000 /* base memory */

int main(void)
{
    static uint8_t program[PROGRAM_MAX + 1];
    size_t size = fread(program, 1, sizeof(program), stdin);

    if (ferror(stdin) || size > PROGRAM_MAX) {
        fputs("resolve_branches: cannot read the program, or it is too large\n", stderr);
        return 1;
    }
    branches_resolve(program, size);
    if (fwrite(program, 1, size, stdout) != size || fflush(stdout) != 0) {
        perror("resolve_branches");
        return 1;
    }
    return 0;
}
