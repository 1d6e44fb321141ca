/* SPDX-License-Identifier: GPL-2.0-or-later */
    .section .rodata.payload, "a"
    .globl payload
payload:
    .incbin PAYLOAD
    .section .note.GNU-stack, "", @progbits
