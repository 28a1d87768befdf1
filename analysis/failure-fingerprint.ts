/** Which failures are the same: what a job's end and its log say of it, without what differs from run to run. */
import { createHash } from 'node:crypto';
import type { KernelFault } from './kernel-fault.ts';
import { normaliseMessage } from './normalise-message.ts';

/** Another number where a failure would get another fingerprint: the store then derives all of them anew. */
export const FINGERPRINT_VERSION = 1;

export const GROUP_KINDS = ['JOB', 'KERNEL_FAULT'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

export type Failure<Class extends string> = {
  failureClass: Class;
  /** In the source's words. */
  errorType: string | null;
  errorMessage: string | null;
  step: { name: string; line: number | null } | null;
  /** Names that say where it ran and not what failed. */
  hostnames: readonly string[];
  faults: readonly KernelFault[];
};

export type Fingerprint<Class extends string> = {
  /** "v1:" and a hash; whatever else says what the group is follows from it. */
  fingerprint: string;
  kind: GroupKind;
  failureClass: Class | 'TEST';
  title: string;
  /** What tells it from groups of the same title comes first: lists have room for a line of it. */
  why: string;
  /** Where the log says so. */
  line: number | null;
};

/** So much of a message is looked at, and so much of it makes a title. */
const LOOKED_AT = 4096;
const TITLE = 200;
const SHOWN = 3;
/** A person ended it, or nothing failed. */
const NO_FAILURE = new Set(['NONE', 'CANCELED']);
const OF_THE_LAB = new Set(['INFRASTRUCTURE', 'CONFIGURATION', 'BUG']);

/**
 * A group for each kernel fault in the log, and one for how the job ended; none for that where the kernel died and the
 * lab was not at fault: where LAVA noticed it then says nothing of what failed.
 */
export function fingerprintsOf<Class extends string>(failure: Failure<Class>): Fingerprint<Class>[] {
  const { failureClass, faults } = failure;
  const groups: Fingerprint<Class>[] = faults.map((fault) => ofFault<Class>(fault));
  const isExplained = faults.some((fault) => fault.isFatal) && !OF_THE_LAB.has(failureClass);
  if (NO_FAILURE.has(failureClass) || isExplained) return groups;
  return [...groups, ofJob(failure)];
}

export function fingerprintOfFault({ signature }: Pick<KernelFault, 'signature'>): string {
  return idOf('KERNEL_FAULT', signature);
}

function ofFault<Class extends string>(fault: KernelFault): Fingerprint<Class> {
  const { type, summary, functions, firstLine } = fault;
  const inner = functions.slice(0, SHOWN).join(', ');
  const where = inner === '' ? 'No call trace' : `Innermost functions ${inner}`;
  return {
    fingerprint: fingerprintOfFault(fault),
    kind: 'KERNEL_FAULT',
    failureClass: 'TEST',
    title: shorten(titleOf(fault)),
    why: `${where}: the kernel said the same in their logs (${nameOf(type)}: ${shorten(summary)}) once addresses, offsets, CPUs and processes are left out.`,
    line: firstLine,
  };
}

/** Of a panic or a warning, the text alone does not say what it is. */
function titleOf({ type, summary, functions: [innermost] }: KernelFault): string {
  const what = type === 'PANIC' || type === 'WARNING' ? `${nameOf(type)}: ${summary}` : summary;
  return innermost && !summary.includes(innermost) ? `${what} in ${innermost}` : what;
}

function ofJob<Class extends string>(failure: Failure<Class>): Fingerprint<Class> {
  const { failureClass, errorType, errorMessage, step, hostnames } = failure;
  const message = normaliseMessage((errorMessage ?? '').slice(0, LOOKED_AT), hostnames);
  const type = errorType === null ? 'no error type' : `error type ${normaliseMessage(errorType)}`;
  const name = step && normaliseMessage(step.name, hostnames);
  const said =
    message === ''
      ? 'without a message'
      : 'with the same message once boards, numbers, times and addresses are left out';
  return {
    fingerprint: idOf('JOB', failureClass, errorType, name, message),
    kind: 'JOB',
    failureClass,
    title: shorten(message || (name ? `${name} failed` : `Ended with ${type}`)),
    why: `${name ? `Step ${name}` : 'No step'}, ${type}: these jobs ended ${said}.`,
    line: step?.line ?? null,
  };
}

function idOf(...parts: (string | null)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `v${FINGERPRINT_VERSION}:${hash.slice(0, 32)}`;
}

function nameOf(type: KernelFault['type']): string {
  return type.toLowerCase().replaceAll('_', ' ');
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > TITLE ? `${characters.slice(0, TITLE - 1).join('')}…` : text;
}
