/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the PXE ROM to C, and from C down to the BIOS and the ROM: all code that runs in real mode. It lies below 64 KiB
 * and is reached with segment 0. */

#define CODE32 0x08
#define DATA32 0x10
#define CODE16 0x18
#define DATA16 0x20

/* struct real_registers, real.h */
#define R_EAX 0
#define R_EBX 4
#define R_ECX 8
#define R_EDX 12
#define R_ESI 16
#define R_EDI 20
#define R_EBP 24
#define R_DS 28
#define R_ES 30
#define R_ENTRY 32
#define R_FLAGS 36
#define R_PUSHED 38
#define R_STACK 40
#define R_SIZE 48

#define PROGRAM 0x7c00 /* where this program begins, and a boot sector too */

/* Of the 32-bit boot protocol of Linux: __BOOT_CS, __BOOT_DS. */
#define LINUX_CODE 0x10
#define LINUX_DATA 0x18

#define MOVER 0x600

    .section .text16, "ax"
    .code16
    .globl entry
entry:
    ljmp $0, $1f /* some ROMs come by 07c0:0000 */
1:  cli
    cld
    movw %bx, %cs:rom_pxenv
    movw %es, %cs:rom_pxenv + 2
    movw %sp, %cs:rom_stack
    movw %ss, %cs:rom_stack + 2
    movw %sp, %bp
    movl %ss:4(%bp), %eax
    movl %eax, %cs:rom_pxe
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $real_stack_end, %esp

    movl $stack_end, c_stack
    movl $start32, %ebx

    /* To %ebx with the C stack. Interrupts stay off there: their handlers are the BIOS's, for real mode. */
to_protected:
    cli
    lgdtl gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE32, $1f
    .code32
1:  movw $DATA32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl c_stack, %esp
    jmp *%ebx

start32:
    cld
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    rep stosb
    call slipway_main
    movl $back_to_rom, %ebx

    /* To %bx with the real-mode stack. */
to_real:
    ljmp $CODE16, $1f
    .code16
1:  movw $DATA16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    lidtl real_idt
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmp $0, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl $real_stack_end, %esp
    jmp *%bx

back_to_rom:
    lssw rom_stack, %sp
    sti
    lretw

    /* void real_call(struct real_registers *r) */
    .code32
    .globl real_call
real_call:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl 20(%esp), %esi
    movl %esp, c_stack
    movl $registers, %edi
    movl $R_SIZE / 4, %ecx
    rep movsl
    movl $call_real, %ebx
    jmp to_real

    .code16
call_real:
    movw registers + R_PUSHED, %cx
    movw %cx, %si
    shlw $1, %si
1:  jcxz 2f
    subw $2, %si
    pushw registers + R_STACK(%si)
    decw %cx
    jmp 1b
2:  pushw %cs
    pushw $called
    pushl registers + R_ENTRY
    pushw registers + R_FLAGS
    movl registers + R_EAX, %eax
    movl registers + R_EBX, %ebx
    movl registers + R_ECX, %ecx
    movl registers + R_EDX, %edx
    movl registers + R_ESI, %esi
    movl registers + R_EDI, %edi
    movl registers + R_EBP, %ebp
    movw registers + R_ES, %es
    movw registers + R_DS, %ds
    popfw
    lretw

called:
    pushfw
    popw %cs:registers + R_FLAGS
    cli
    cld
    movw %ds, %cs:registers + R_DS
    movw %es, %cs:registers + R_ES
    movl %eax, %cs:registers + R_EAX
    xorw %ax, %ax
    movw %ax, %ds
    movl %ebx, registers + R_EBX
    movl %ecx, registers + R_ECX
    movl %edx, registers + R_EDX
    movl %esi, registers + R_ESI
    movl %edi, registers + R_EDI
    movl %ebp, registers + R_EBP
    movl $1f, %ebx
    jmp to_protected
    .code32
1:  movl $registers, %esi
    movl 20(%esp), %edi
    movl $R_SIZE / 4, %ecx
    rep movsl
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    /* void linux_jump(uint32_t code, const uint8_t *boot_params) */
    .section .text16.linux_jump, "ax"
    .code32
    .globl linux_jump
linux_jump:
    cli
    movl 4(%esp), %ecx
    movl 8(%esp), %esi
    lgdtl linux_gdt_pointer
    ljmp $LINUX_CODE, $1f
1:  movw $LINUX_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    xorl %ebx, %ebx
    xorl %edi, %edi
    xorl %ebp, %ebp
    jmp *%ecx

    .balign 8
linux_gdt:
    .quad 0, 0
    .quad 0x00cf9b000000ffff /* __BOOT_CS */
    .quad 0x00cf93000000ffff /* __BOOT_DS */
linux_gdt_end:
linux_gdt_pointer:
    .word linux_gdt_end - linux_gdt - 1
    .long linux_gdt

    /* void disk_jump(uint8_t drive): starts what lies at disk_sector as the firmware starts the boot sector of a disk. */
    .section .text16.disk_jump, "ax"
    .globl disk_jump
disk_jump:
    movl 4(%esp), %edx
    movl $1f, %ebx
    jmp to_real
    .code16
1:  movl $disk_sector, %eax
    movw %ax, %si
    andw $15, %si
    shrl $4, %eax
    movw %ax, %ds
    /* The copy ends in this program's place: by code that lies elsewhere. */
    pushw %ds
    pushw %si
    xorw %ax, %ax
    movw %ax, %ds
    movw $move_sector, %si
    movw $MOVER, %di
    movw $move_sector_end - move_sector, %cx
    rep movsb
    popw %si
    popw %ds
    movw $PROGRAM, %di
    movw $512 / 2, %cx
    ljmp $0, $MOVER
move_sector:
    rep movsw
    movw %cx, %ds
    sti
    ljmp $0, $PROGRAM
move_sector_end:

    /* void nbp_jump(const uint8_t *nbp, size_t size): puts the program in this one's place, and enters it as the ROM
     * entered this one, from code and tables that lie elsewhere. */
    .section .text16.nbp_jump, "ax"
    .code32
    .globl nbp_jump
nbp_jump:
    cli
    movl 4(%esp), %ebp
    movl 8(%esp), %edx
    movl rom_stack, %eax
    movl %eax, nbp_stack
    movl rom_pxenv, %eax
    movl %eax, nbp_pxenv
    movl $nbp_mover, %esi
    movl $MOVER, %edi
    movl $nbp_mover_end - nbp_mover, %ecx
    rep movsb
    movl $MOVER, %eax
    jmp *%eax
nbp_mover:
    lgdtl MOVER + nbp_gdt_pointer - nbp_mover
    movl %ebp, %esi
    movl $PROGRAM, %edi
    movl %edx, %ecx
    rep movsb
    ljmp $CODE16, $MOVER + 1f - nbp_mover
    .code16
1:  movw $DATA16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    lidtl MOVER + nbp_real_idt - nbp_mover
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmp $0, $MOVER + 1f - nbp_mover
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %fs
    movw %ax, %gs
    xorl %esp, %esp /* the next program's stack begins without an upper half, like this one's */
    lssw MOVER + nbp_stack - nbp_mover, %sp
    lesw MOVER + nbp_pxenv - nbp_mover, %bx
    sti
    ljmp $0, $PROGRAM
    .balign 8
nbp_gdt:
    .quad 0, 0, 0
    .quad 0x00009b000000ffff /* CODE16 */
    .quad 0x000093000000ffff /* DATA16 */
nbp_gdt_end:
nbp_gdt_pointer:
    .word nbp_gdt_end - nbp_gdt - 1
    .long MOVER + nbp_gdt - nbp_mover
nbp_real_idt:
    .word 0x3ff
    .long 0
nbp_stack:
    .long 0
nbp_pxenv:
    .long 0
nbp_mover_end:

    .section .text16, "ax"
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* CODE32: all 4 GiB */
    .quad 0x00cf93000000ffff /* DATA32 */
    .quad 0x00009b000000ffff /* CODE16: what real mode expects to find in its segment registers */
    .quad 0x000093000000ffff /* DATA16 */
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt
real_idt:
    .word 0x3ff
    .long 0

    .balign 4
    .globl rom_pxenv, rom_pxe
rom_pxenv:
    .long 0
rom_pxe:
    .long 0
rom_stack:
    .long 0

    /* What each call down writes. Far from code: a processor, and an emulator more so, is slow where both share a page. */
    .section .low, "aw", @nobits
    .balign 4096
real_stack_start:
    .fill 0x5000
real_stack_end:
c_stack:
    .fill 4
registers:
    .fill R_SIZE

    .bss
    .balign 16
    .globl stack_start, stack_end
stack_start:
    .fill 32768
stack_end:
    .section .note.GNU-stack, "", @progbits
