/**
 * What a kernel says of itself when it breaks, found line by line in a log: panics, oopses, BUGs, sanitizer reports,
 * warnings, hung tasks, stalls, lock problems. Holds one open report and at most FAULTS of them, however long the log.
 */
import { createHash } from 'node:crypto';
import { normaliseMessage } from './normalise-message.ts';

export const FAULT_TYPES = [
  'PANIC',
  'OOPS',
  'NULL_DEREFERENCE',
  'BUG',
  'KASAN',
  'KFENCE',
  'UBSAN',
  'LOCKUP',
  'HUNG_TASK',
  'RCU_STALL',
  'LOCKDEP',
  'WARNING',
] as const;
export type FaultType = (typeof FAULT_TYPES)[number];

export type KernelFault = {
  type: FaultType;
  /** What the kernel said, without what differs from run to run. */
  summary: string;
  /** Of the call trace, the innermost first, without offsets; at most FUNCTIONS. */
  functions: string[];
  /** Numbers of its lines in the log; of the first, where it was said more than once. */
  firstLine: number;
  lastLine: number;
  /** How often the log has the same, as far as it was looked at. */
  count: number;
  /** Whether the kernel stopped or killed something by it: a warning alone fails no job. */
  isFatal: boolean;
  /** The same for the same fault, whatever the addresses, offsets, CPUs and processes were. */
  signature: string;
};

/** Goes into each signature: another number where the same report would get another one. */
export const FAULT_VERSION = 1;
const FAULTS = 32;
/** Reports looked at in a log: what says the same for ever is not worth more. */
const REPORTS = 2000;
const FUNCTIONS = 16;
/** Functions that make a signature: further out, one fault is reached by several ways. */
const SIGNED = 5;
/** Lines of one report, and those between two lines of it that say nothing of it. */
const LINES = 250;
const SILENCE = 40;
const LONGEST = 1024;

/** Every line that may begin a report has one of these: what is tried before anything costs. */
export const FAULT_WORDS =
  /Kernel panic|\[ cut here \]|BUG[: ]|UBSAN: |WARNING: |Oops|Unable to handle kernel|Unhandled |Internal error: |general protection fault|blocked for more than|rcu: INFO|rcu_\w{1,40} (?:self-)?detected|hard LOCKUP/;

const BEFORE =
  /^(?:<\d{1,3}>)?(?:\[ {0,6}\d{1,9}\.\d{1,9}\] ?)?(?:\[ {0,6}[CT]\d{1,9}\] ?)?(?:\(\d{1,3}\)\[\d{1,9}:[^\]]{1,40}\] ?)?/;

const CUT_HERE = /^-{4,}\[ cut here \]/;
/** In this order; the first group is what is told, else the whole line. */
const BEGINNINGS: readonly [FaultType, RegExp][] = [
  ['PANIC', /^Kernel panic - not syncing: (.*)/],
  ['KASAN', /^BUG: (K[AM]SAN: .*)/],
  ['KFENCE', /^BUG: (KFENCE: .*)/],
  ['UBSAN', /^(UBSAN: .*)/],
  ['NULL_DEREFERENCE', /^(?:BUG: )?(?:unable|Unable) to handle (kernel NULL pointer dereference)/],
  ['NULL_DEREFERENCE', /^BUG: (kernel NULL pointer dereference)/],
  ['OOPS', /^(?:BUG: )?[Uu]nable to handle ([a-z ]{1,80}?)(?: for| at|:)/],
  ['LOCKUP', /^(?:watchdog: )?BUG: ((?:soft lockup|workqueue lockup).*)/],
  ['LOCKUP', /^(?:NMI )?watchdog: (.*hard LOCKUP.*)/],
  ['BUG', /^(kernel BUG at .*)!/],
  ['BUG', /^BUG: (.*)/],
  ['OOPS', /^(Internal error: .*)/],
  ['OOPS', /^(general protection fault[^,:]{0,80})/],
  ['OOPS', /^(Unhandled (?:fault|prefetch abort|exception)[^:(]{0,80})/],
  ['OOPS', /^(Oops)(?: - [^:]{1,60})?(?::| \[)/],
  ['HUNG_TASK', /^INFO: task (.*) blocked for more than/],
  ['RCU_STALL', /^(?:rcu: )?(?:INFO: )?(rcu_\w{1,40} (?:self-)?detected (?:expedited )?stalls?)/],
  [
    'LOCKDEP',
    /^WARNING: (possible [a-z -]{1,60}|inconsistent lock state|suspicious RCU usage|bad unlock balance.*|held lock freed.*)/,
  ],
  ['WARNING', /^WARNING: (?:CPU: .*? at )?(.*)/],
];
/** Says what a report that is open already is about, and begins none of its own. */
const INSIDE = new Set<FaultType>(['OOPS', 'BUG', 'NULL_DEREFERENCE']);
const KILLS = new Set<FaultType>(['PANIC', 'OOPS', 'NULL_DEREFERENCE', 'LOCKUP']);
/** A panic that only says that something before it was fatal. */
const CONSEQUENCE =
  /^(?:Fatal exception|Oops|panic_on_warn|kernel: panic_on_warn|softlockup|hung_task|Hard LOCKUP|KASAN|Aiee)/;
const ENDS = /^-{3}\[ end (?:trace|Kernel panic)/;
const TRACE = /^(?:Call [Tt]race|Backtrace|stack backtrace)\s?:/;
const COUNTER = /^(?:RIP: [0-9a-f]{1,4}:|pc : |PC is at |epc ?: )/;
const FUNCTION = /(?:^|[\s:(])([A-Za-z_][\w.$]{0,127})\+0x[0-9a-f]{1,16}\/0x[0-9a-f]{1,16}/;
/** "? f+0x1/0x2" was found on the stack and need not have been called. */
const DOUBTFUL = /^\s*(?:\[<[0-9a-f]{1,16}>\]\s{0,8})?\? /;
const ARM_FRAME = /^\s*(?:\[<[0-9a-f]{1,16}>\] )?\(?([A-Za-z_][\w.$]{0,127})(?:\+0x[0-9a-f/x]{1,24})?\)? from /;
/** Part of a trace without being a frame of it. */
const IN_TRACE =
  /^\s*(?:<\/?(?:TASK|IRQ|NMI|SOFTIRQ|#?[A-Z]{1,6})>|\[<[0-9a-f]{1,16}>\]|[A-Z][\w ]{0,30}stack\(|[0-9a-f]{4,8}: |$)/;
/** How the report itself was made. */
const PLUMBING =
  /^(?:_{0,2}dump_(?:stack|backtrace)|show_stack|dump_stack_lvl|print_(?:report|address_description|circular_bug|usage_bug)|kasan_|__kasan_|__asan_|kfence_|ubsan_|__ubsan_|panic$|oops_|__warn|warn_slowpath|report_bug|handle_bug|exc_|asm_exc_|die$|die_|__die|page_fault|check_noncircular|__schedule_bug|__might_)/;
const COMPILED = /\.(?:isra|constprop|part|cold|llvm)(?:\.\d{1,20})*/g;

type Open = {
  type: FaultType;
  said: string;
  functions: string[];
  counter: string | null;
  firstLine: number;
  lastLine: number;
  lines: number;
  inTrace: boolean;
  isFatal: boolean;
};

export type FaultFinder = {
  /** Whether the lines that follow may belong to a report that was begun. */
  isInside(): boolean;
  /** A line of the kernel's by its number; lines in their order, some may be left out. */
  take(n: number, text: string): void;
  /** All that was found, in the order of their first lines. */
  done(): KernelFault[];
};

export function createFaultFinder(): FaultFinder {
  const found = new Map<string, KernelFault>();
  let open: Open | null = null;
  /** Line of a "cut here" whose report has not said yet what it is, and what it said first. */
  let cut: { line: number; said: string } | null = null;
  let last: KernelFault | null = null;
  let reports = 0;

  const close = () => {
    if (open) last = keep(found, open) ?? last;
    open = null;
  };
  const begin = (n: number, type: FaultType, said: string) => {
    close();
    reports += 1;
    open = {
      ...{ type, said, functions: [], counter: null, firstLine: cut?.line ?? n, lastLine: n, lines: 0, inTrace: false },
      isFatal: KILLS.has(type) || said.startsWith('kernel BUG at'),
    };
    cut = null;
  };
  const panic = (n: number, said: string) => {
    close();
    if (last && CONSEQUENCE.test(said) && n - last.lastLine <= SILENCE) {
      last.isFatal = true;
      return;
    }
    begin(n, 'PANIC', said);
  };

  return {
    isInside: () => open !== null || cut !== null,
    take(n, raw) {
      if (reports >= REPORTS) return close();
      const text = raw.slice(0, LONGEST).replace(BEFORE, '');
      if (open && (n - open.lastLine > SILENCE || open.lines >= LINES)) close();
      if (cut && n - cut.line > SILENCE) cut = null;
      if (CUT_HERE.test(text)) {
        close();
        cut = { line: n, said: '' };
        return;
      }
      const beginning = beginningOf(text);
      if (beginning) {
        const [type, said] = beginning;
        if (type === 'PANIC') return panic(n, said);
        if (open && continues(open, type)) {
          open.lastLine = n;
          open.isFatal = true;
          return;
        }
        return begin(n, type, type === 'WARNING' && cut?.said ? `${cut.said} ${said}` : said);
      }
      if (cut && cut.said === '') cut.said = text;
      if (!open) return;
      open.lines += 1;
      if (ENDS.test(text)) {
        open.lastLine = n;
        close();
      } else follow(open, n, text);
    },
    done() {
      close();
      return [...found.values()].sort((a, b) => a.firstLine - b.firstLine);
    },
  };
}

function beginningOf(text: string): [FaultType, string] | null {
  if (!FAULT_WORDS.test(text)) return null;
  for (const [type, pattern] of BEGINNINGS) {
    const match = pattern.exec(text);
    if (match) return [type, match[1] ?? match[0]];
  }
  return null;
}

/** The second line of a report that says its kind twice: "Unable to handle ...", then "Internal error: Oops". */
function continues(open: Open, type: FaultType): boolean {
  return type === 'OOPS' && INSIDE.has(open.type) && open.functions.length === 0 && !open.inTrace;
}

function follow(open: Open, n: number, text: string): void {
  if (TRACE.test(text.trimStart())) {
    open.inTrace = true;
    open.lastLine = n;
    // Of several traces in a report the last is its own, where it says so.
    if (/^stack backtrace/.test(text)) open.functions = [];
    return;
  }
  const counter = COUNTER.test(text) ? FUNCTION.exec(text)?.[1] : undefined;
  if (counter) {
    open.counter ??= counter;
    open.lastLine = n;
    return;
  }
  if (!open.inTrace) return;
  const name = DOUBTFUL.test(text) ? undefined : (ARM_FRAME.exec(text)?.[1] ?? FUNCTION.exec(text)?.[1]);
  if (name && open.functions.length < 2 * FUNCTIONS) open.functions.push(name);
  if (name || IN_TRACE.test(text) || DOUBTFUL.test(text)) open.lastLine = n;
  else open.inTrace = false;
}

function keep(found: Map<string, KernelFault>, open: Open): KernelFault | null {
  const frames = [...(open.counter === null ? [] : [open.counter]), ...open.functions]
    .map((name) => name.replace(COMPILED, ''))
    .filter((name) => !PLUMBING.test(name));
  const functions = frames.filter((name, i) => name !== frames[i - 1]).slice(0, FUNCTIONS);
  const summary = summaryOf(open);
  const signature = createHash('sha256')
    .update(JSON.stringify([FAULT_VERSION, open.type, summary, functions.slice(0, SIGNED)]))
    .digest('hex')
    .slice(0, 32);
  const same = found.get(signature);
  if (same) {
    same.count += 1;
    return same;
  }
  if (found.size >= FAULTS) return null;
  const { type, firstLine, lastLine, isFatal } = open;
  const fault = { type, summary, functions, firstLine, lastLine, count: 1, isFatal, signature };
  found.set(signature, fault);
  return fault;
}

/** Without what the machine it ran on adds: its CPU, its process, how the kernel was built. */
function summaryOf({ type, said }: Open): string {
  const text = type === 'HUNG_TASK' ? `task ${said.replace(/:\d{1,9}$/, '').replace(/\/.*/, '')} blocked` : said;
  return normaliseMessage(
    text
      .replace(/ \[#\d{1,6}\].*/, '')
      .replace(/ by task .*|, CPU#\d.*/, '')
      .replace(/ on CPU.?\d.*| stuck for .*/, '')
      .replace(/\+0x[0-9a-f]{1,16}\/0x[0-9a-f]{1,16}/g, ''),
  );
}
