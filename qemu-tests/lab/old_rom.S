/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PXE 1.x ROM, played over a 2.x one: a boot program that puts itself below the ROM and starts the boot program behind
 * it, with a PXENV+ structure of an old version, something that is no !PXE, and of all cached packets the DHCPACK alone,
 * copied to where the caller has room. Address line 20 is off when the boot program starts and after each call. */

#define NBP 0x7c00
#define NBP_MAX 0x8000
#define BASE_MEMORY_KIB 0x413
#define KIB_TAKEN 1
#define GET_CACHED_INFO 0x71
#define CACHED_ACK 2
#define STATUS_FAILURE 1
#define CACHED_KIND 2    /* offsets in the parameters */
#define CACHED_SIZE 4
#define PXENV_ENTRY 0x0a /* offset in PXENV+ */
#define PXENV_OLD_SIZE 0x26
#define SYSTEM_CONTROL 0x92 /* a port */
#define SYSTEM_CONTROL_A20 0x02
#define NO_PXE 0xf000fff0 /* the processor's first instruction */

    .code16
    .text
    .globl _start
_start:
    ljmp $0, $NBP + 1f - _start
1:  cld
    movw %sp, %bp
    movl $NO_PXE, 4(%bp)
    movl %es:PXENV_ENTRY(%bx), %eax
    movl %eax, %cs:NBP + rom_entry - _start

    xorw %ax, %ax
    movw %ax, %ds
    subw $KIB_TAKEN, BASE_MEMORY_KIB
    movw BASE_MEMORY_KIB, %ax
    shlw $6, %ax
    movw %ax, %es
    movw %ax, NBP + old_entry + 2 - _start
    movw $NBP + pxenv - _start, %si
    movw $PXENV_OLD_SIZE, %cx
    xorw %bx, %bx
1:  addb (%si), %bl
    incw %si
    loop 1b
    negb %bl
    movb %bl, NBP + checksum - _start

    movw $NBP, %si
    xorw %di, %di
    movw $shim_end - _start, %cx
    rep movsb
    pushw %es
    pushw $move - _start
    lretw

    /* From here on in the segment below the ROM, with offsets from _start. */
move:
    movw $NBP + shim_end - _start, %si
    movw %cx, %es
    movw $NBP, %di
    movw $NBP_MAX / 2, %cx
    rep movsw
    pushw %cs
    popw %es
    movw $pxenv - _start, %bx
    call switch_a20_off
    ljmp $0, $NBP

switch_a20_off:
    pushw %ax
    inb $SYSTEM_CONTROL, %al
    andb $0xff - SYSTEM_CONTROL_A20, %al
    outb %al, $SYSTEM_CONTROL
    popw %ax
    ret

    /* BX: function, ES:DI: parameters */
entry:
    cmpw $GET_CACHED_INFO, %bx
    jne 1f
    cmpw $CACHED_ACK, %es:CACHED_KIND(%di)
    jne 2f
    cmpw $0, %es:CACHED_SIZE(%di)
    jne 1f
2:  movw $STATUS_FAILURE, %ax
    movw %ax, %es:(%di)
    lretw
1:  lcall *%cs:rom_entry - _start
    call switch_a20_off
    lretw

    .balign 16
pxenv:
    .ascii "PXENV+"
    .word 0x0102
    .byte PXENV_OLD_SIZE
checksum:
    .byte 0
old_entry:
    .word entry - _start
    .word 0
    .fill PXENV_OLD_SIZE - (. - pxenv)
rom_entry:
    .long 0
    .balign 512
shim_end:
    .section .note.GNU-stack, "", @progbits
