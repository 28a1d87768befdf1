import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFaultFinder, type KernelFault } from '#analysis/kernel-fault.ts';

function faultsOf(text: string, first = 0): KernelFault[] {
  const finder = createFaultFinder();
  for (const [i, line] of text.split('\n').entries()) finder.take(first + i, line);
  return finder.done();
}

const X86_NULL = `[    1.101000] usb 1-1: new high-speed device
[    2.345678] BUG: kernel NULL pointer dereference, address: 0000000000000018
[    2.345690] #PF: supervisor read access in kernel mode
[    2.345699] PGD 0 P4D 0
[    2.345710] Oops: 0000 [#1] PREEMPT SMP NOPTI
[    2.345720] CPU: 3 PID: 117 Comm: modprobe Not tainted 6.6.1-gabc123 #1
[    2.345730] RIP: 0010:fizz_probe+0x1c/0x90 [fizz]
[    2.345740] Code: 48 8b 47 18 c3
[    2.345750] RSP: 0018:ffffc90000123d10 EFLAGS: 00010246
[    2.345760] Call Trace:
[    2.345770]  <TASK>
[    2.345780]  ? __die+0x23/0x70
[    2.345790]  platform_probe+0x44/0xa0
[    2.345800]  really_probe.part.0+0xd4/0x3a0
[    2.345810]  do_one_initcall+0x5b/0x330
[    2.345820]  </TASK>
[    2.345830] Modules linked in: fizz(+)
[    2.345840] ---[ end trace 0000000000000000 ]---
[    2.345850] Kernel panic - not syncing: Fatal exception
[    2.345860] ---[ end Kernel panic - not syncing: Fatal exception ]---`;

const ARM64_NULL = `[   12.000001][  T201] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
[   12.000002][  T201] Mem abort info:
[   12.000003][  T201]   ESR = 0x0000000096000004
[   12.000004][  T201] Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP
[   12.000005][  T201] pc : buzz_read+0x18/0x40
[   12.000006][  T201] lr : vfs_read+0xc8/0x2c0
[   12.000007][  T201] sp : ffff80008123bc90
[   12.000008][  T201] Call trace:
[   12.000009][  T201]  buzz_read+0x18/0x40
[   12.000010][  T201]  vfs_read+0xc8/0x2c0
[   12.000011][  T201]  ksys_read+0x74/0x110
[   12.000012][  T201] Code: f9400000 d65f03c0
[   12.000013][  T201] ---[ end trace 0000000000000000 ]---`;

const ARM_OOPS = `8<--- cut here ---
Unable to handle kernel paging request at virtual address bf00a0c4 when read
[bf00a0c4] *pgd=00000000
Internal error: Oops: 5 [#1] SMP ARM
PC is at wobble_irq+0x10/0x24
LR is at __handle_irq_event_percpu+0x54/0x1b0
Process init (pid: 1, stack limit = 0x0d3f1e2a)
Backtrace:
 wobble_irq from __handle_irq_event_percpu+0x54/0x1b0
 __handle_irq_event_percpu from handle_irq_event+0x4c/0x8c
 handle_irq_event from handle_fasteoi_irq+0xa0/0x1c0
---[ end trace 0000000000000000 ]---`;

const RISCV_OOPS = `[    4.500000] Unable to handle kernel access to user memory without uaccess routines at virtual address 0000000000000003
[    4.500100] Oops [#1]
[    4.500200] Hardware name: riscv-virtio,qemu (DT)
[    4.500300] epc : gizmo_ioctl+0x1a/0x2c
[    4.500400]  ra : vfs_ioctl+0x3c/0x60
[    4.500500] [<ffffffff8012a0b4>] gizmo_ioctl+0x1a/0x2c
[    4.500600] Call Trace:
[    4.500700] [<ffffffff8012a0b4>] gizmo_ioctl+0x1a/0x2c
[    4.500800] [<ffffffff80130002>] __riscv_sys_ioctl+0x8e/0xa0
[    4.500900] ---[ end trace 0000000000000000 ]---`;

const WARN = `[    3.000000] ------------[ cut here ]------------
[    3.000001] gadget: clock is already off
[    3.000002] WARNING: CPU: 1 PID: 42 at drivers/clk/gadget.c:1023 gadget_clk_disable+0xa4/0xb0
[    3.000003] Modules linked in:
[    3.000004] Call trace:
[    3.000005]  gadget_clk_disable+0xa4/0xb0
[    3.000006]  gadget_suspend+0x30/0x50
[    3.000007] ---[ end trace 0000000000000000 ]---`;

const KASAN = `[    7.000000] ==================================================================
[    7.000001] BUG: KASAN: slab-out-of-bounds in frob_parse+0x123/0x200 [frob]
[    7.000002] Read of size 8 at addr ffff888103a5b0c8 by task frobd/812
[    7.000003]
[    7.000004] CPU: 0 PID: 812 Comm: frobd Tainted: G    B
[    7.000005] Call Trace:
[    7.000006]  <TASK>
[    7.000007]  dump_stack_lvl+0x57/0x7d
[    7.000008]  print_report+0xcc/0x620
[    7.000009]  kasan_report+0xb0/0xe0
[    7.000010]  frob_parse+0x123/0x200 [frob]
[    7.000011]  frob_write+0x45/0x90 [frob]
[    7.000012]  </TASK>
[    7.000013] `;

const HUNG = `[  242.000000] INFO: task kworker/u8:2:45 blocked for more than 120 seconds.
[  242.000001]       Not tainted 6.6.1 #1
[  242.000002] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
[  242.000003] task:kworker/u8:2    state:D stack:0     pid:45    ppid:2      flags:0x00004000
[  242.000004] Call Trace:
[  242.000005]  <TASK>
[  242.000006]  __schedule+0x3ff/0x1090
[  242.000007]  schedule+0x5d/0xe0
[  242.000008]  rusty_wait+0x88/0x120
[  242.000009]  </TASK>`;

const RCU = `[   61.000000] rcu: INFO: rcu_preempt self-detected stall on CPU
[   61.000001] rcu: 	2-....: (5249 ticks this GP) idle=9d4c/1/0x4000000000000000
[   61.000002] rcu: 	(t=5250 jiffies g=1237 q=41 ncpus=4)
[   61.000003] Call trace:
[   61.000004]  spin_forever+0x10/0x20
[   61.000005]  kthread+0x110/0x120`;

const LOCKDEP = `[    9.000000] ======================================================
[    9.000001] WARNING: possible circular locking dependency detected
[    9.000002] 6.6.1 #1 Not tainted
[    9.000003] ------------------------------------------------------
[    9.000004] tester/77 is trying to acquire lock:
[    9.000005] ffff888101 (&a->lock){+.+.}-{3:3}, at: take_a+0x1f/0x60
[    9.000006] -> #1 (&b->lock){+.+.}-{3:3}:
[    9.000007]        take_b+0x23/0x40
[    9.000008] stack backtrace:
[    9.000009] CPU: 2 PID: 77 Comm: tester
[    9.000010] Call Trace:
[    9.000011]  <TASK>
[    9.000012]  check_noncircular+0x111/0x130
[    9.000013]  take_a+0x1f/0x60
[    9.000014]  tester_main+0x60/0x90
[    9.000015]  </TASK>`;

describe('finds', () => {
  const texts: [string, string, Partial<KernelFault>][] = [
    [
      'a NULL dereference of x86, with the panic that follows from it',
      X86_NULL,
      {
        type: 'NULL_DEREFERENCE',
        summary: 'kernel NULL pointer dereference',
        functions: ['fizz_probe', 'platform_probe', 'really_probe', 'do_one_initcall'],
        ...{ firstLine: 1, lastLine: 17, isFatal: true },
      },
    ],
    [
      'a NULL dereference of arm64',
      ARM64_NULL,
      {
        type: 'NULL_DEREFERENCE',
        functions: ['buzz_read', 'vfs_read', 'ksys_read'],
        ...{ firstLine: 0, lastLine: 12, isFatal: true },
      },
    ],
    [
      'an oops of arm',
      ARM_OOPS,
      {
        type: 'OOPS',
        summary: 'kernel paging request',
        functions: ['wobble_irq', '__handle_irq_event_percpu', 'handle_irq_event'],
        ...{ firstLine: 1, lastLine: 11, isFatal: true },
      },
    ],
    [
      'an oops of riscv',
      RISCV_OOPS,
      {
        type: 'OOPS',
        summary: 'kernel access to user memory without uaccess routines',
        functions: ['gizmo_ioctl', '__riscv_sys_ioctl'],
        ...{ firstLine: 0, lastLine: 9 },
      },
    ],
    [
      'a warning, from its cut',
      WARN,
      {
        type: 'WARNING',
        summary: 'gadget: clock is already off drivers/clk/gadget.c:<n> gadget_clk_disable',
        functions: ['gadget_clk_disable', 'gadget_suspend'],
        ...{ firstLine: 0, lastLine: 7, isFatal: false },
      },
    ],
    [
      'a report of KASAN, without what made the report',
      KASAN,
      {
        type: 'KASAN',
        summary: 'KASAN: slab-out-of-bounds in frob_parse [frob]',
        functions: ['frob_parse', 'frob_write'],
        ...{ firstLine: 1, isFatal: false },
      },
    ],
    ['a hung task', HUNG, { type: 'HUNG_TASK', summary: 'task kworker blocked', isFatal: false }],
    ['a stall', RCU, { type: 'RCU_STALL', functions: ['spin_forever', 'kthread'] }],
    [
      'locks in the wrong order',
      LOCKDEP,
      {
        type: 'LOCKDEP',
        summary: 'possible circular locking dependency detected',
        functions: ['take_a', 'tester_main'],
      },
    ],
    [
      'a panic',
      'x\n[ 1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\nCall Trace:\n mount_root+0x1/0x2',
      { type: 'PANIC', functions: ['mount_root'], firstLine: 1, lastLine: 3, isFatal: true },
    ],
    [
      'a BUG with its place',
      '------------[ cut here ]------------\nkernel BUG at fs/frob/inode.c:77!\nInternal error: Oops - BUG: 00000000f2000800 [#1] SMP\npc : frob_evict+0x1/0x2',
      { type: 'BUG', summary: 'kernel BUG at fs/frob/inode.c:<n>', functions: ['frob_evict'], isFatal: true },
    ],
    [
      'a report of UBSAN',
      'UBSAN: array-index-out-of-bounds in drivers/a.c:12:3\nindex 9 is out of range for type int [8]',
      { type: 'UBSAN', isFatal: false },
    ],
    [
      'a report of KFENCE',
      'BUG: KFENCE: use-after-free read in frob+0x1/0x2',
      { type: 'KFENCE', summary: 'KFENCE: use-after-free read in frob' },
    ],
    [
      'a lockup',
      'watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [frobd:99]',
      { type: 'LOCKUP', summary: 'soft lockup - CPU#<n>' },
    ],
  ];
  test.each(texts)('%s', (_, text, expected) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject(expected);
  });
});

test('the same fault has the same signature, whatever the addresses, offsets, times and processes were', () => {
  const other = X86_NULL.replaceAll('2.345', '931.9')
    .replaceAll('0000000000000018', '0000000000000020')
    .replaceAll('PID: 117', 'PID: 9')
    .replaceAll('CPU: 3', 'CPU: 0')
    .replaceAll('+0x1c/0x90', '+0x2e/0xa4')
    .replaceAll('6.6.1-gabc123', '6.7.0');
  expect(faultsOf(other, 5000)[0]?.signature).toBe(faultsOf(X86_NULL)[0]?.signature);
});

test('another function is another fault', () => {
  const other = X86_NULL.replaceAll('fizz_probe', 'fizz_remove');
  expect(faultsOf(other)[0]?.signature).not.toBe(faultsOf(X86_NULL)[0]?.signature);
});

test('a fault that comes again is counted, and keeps the place where it came first', () => {
  const faults = faultsOf(`${WARN}\n${KASAN}\n${WARN}\n${WARN}`);
  expect(faults.map(({ type, count, firstLine }) => [type, count, firstLine])).toEqual([
    ['WARNING', 3, 0],
    ['KASAN', 1, 9],
  ]);
});

test('a test that prints the words of a fault in its own sentence is none', () => {
  expect(faultsOf('looking for: Kernel panic\n+ grep -q "WARNING: " log\nno Oops today\nrcu_sched is on')).toEqual([]);
});

test('however long and hostile a log is, no more than 32 faults are kept', () => {
  const finder = createFaultFinder();
  for (let i = 0; i < 100_000; i++)
    finder.take(i, `BUG: thing ${'abcdefghijklmnopqrstuvwxyz'.slice(i % 26)} ${'q'.repeat(i % 500)}`);
  expect(finder.done()).toHaveLength(32);
});

test('any lines in any order are read without an end, a line and its number staying together', () => {
  const lines = [X86_NULL, ARM64_NULL, ARM_OOPS, RISCV_OOPS, WARN, KASAN, HUNG, RCU, LOCKDEP].join('\n').split('\n');
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 80 }), (mixed) => {
      for (const { firstLine, lastLine, count, functions, summary } of faultsOf(mixed.join('\n'))) {
        expect(firstLine).toBeGreaterThanOrEqual(0);
        expect(lastLine).toBeGreaterThanOrEqual(firstLine);
        expect(lastLine).toBeLessThan(mixed.join('\n').split('\n').length);
        expect(count).toBeGreaterThan(0);
        expect(functions.length).toBeLessThanOrEqual(16);
        expect(`${summary}${functions}`).not.toMatch(/0x[0-9a-f]/);
      }
    }),
  );
});
