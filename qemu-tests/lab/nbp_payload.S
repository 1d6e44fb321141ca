/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BIOS boot program that says on the first serial port whether it was entered as a PXE ROM enters one, and whether all
 * of it has arrived: lab/nbp_payload.py fills it up, and sets `adjust` so that the words of the whole file come to 0. */

#define NBP 0x7c00
#define COM1 0x3f8
#define COM1_STATUS 0x3fd
#define READY 0x20
#define PIECE 0x0fff /* paragraphs that one segment reaches */

    .code16
    .text
    .globl _start
_start:
    jmp begin
    .org 4
paragraphs: /* of 16 bytes, in the whole file */
    .word 0
adjust:
    .word 0

    /* ES:BX and SS:BP stay what ES:BX and SS:SP were. */
begin:
    cld
    movw %sp, %bp
    movw %cs:NBP + paragraphs - _start, %di
    movw $NBP / 16, %ax
    xorw %dx, %dx
piece:
    movw %ax, %ds
    movw %di, %cx
    cmpw $PIECE, %cx
    jbe 1f
    movw $PIECE, %cx
1:  subw %cx, %di
    addw %cx, %ax
    pushw %ax
    shlw $3, %cx
    xorw %si, %si
1:  lodsw
    addw %ax, %dx
    loop 1b
    popw %ax
    testw %di, %di
    jnz piece
    movw %cx, %ds

    testw %dx, %dx
    jnz 1f
    movb $'y', NBP + whole - _start
1:  pushw %cs
    call 1f
1:  popw %ax
    popw %cx
    cmpw $NBP + 1b - _start, %ax
    jne 1f
    testw %cx, %cx
    jnz 1f
    movb $'y', NBP + place - _start
1:  cmpl $0x4e455850, %es:(%bx) /* "PXEN" */
    jne 1f
    cmpw $0x2b56, %es:4(%bx) /* "V+" */
    jne 1f
    movb $'y', NBP + pxenv - _start
1:  lesw 4(%bp), %bx
    cmpl $0x45585021, %es:(%bx) /* "!PXE" */
    jne 1f
    movb $'y', NBP + pxe - _start

1:  movw $NBP + text - _start, %si
print:
    lodsb
    testb %al, %al
    jz stop
    movb %al, %ah
1:  movw $COM1_STATUS, %dx
    inb %dx, %al
    testb $READY, %al
    jz 1b
    movw $COM1, %dx
    movb %ah, %al
    outb %al, %dx
    jmp print
stop:
    hlt
    jmp stop

text:
    .ascii "Boot program at 0000:7C00 "
place:
    .ascii "n, ES:BX at PXENV+ "
pxenv:
    .ascii "n, SS:[SP+4] at !PXE "
pxe:
    .ascii "n, whole "
whole:
    .asciz "n\r\n"
    .section .note.GNU-stack, "", @progbits
