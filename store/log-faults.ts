/** Lines of a log as they are looked at when it is packed or read again. */
import { createFaultFinder, FAULT_WORDS, type KernelFault } from '#analysis/kernel-fault.ts';
import { parseLogLine } from '#schema/lava-log.ts';

/** So much of a line is looked at. */
export const LINE_BYTES = 4096;
const LEVEL = /^- \{.{0,60}?"lvl": ?"([a-z]{1,20})"/;
/** Levels at which the board itself speaks: a dispatcher that lists what it looks for is no crash. */
export const BOARD = new Set(['target', 'feedback', '']);
const NEWLINE = 10;

export type SeenLine = { line: string; level: string };

/** Finds what kernels said in lines that are given in their order, each with its newline. */
export function createLineReader() {
  const finder = createFaultFinder();
  let count = 0;
  return {
    faults: () => finder.done(),
    take(bytes: Buffer, start: number, end: number): SeenLine {
      const line = bytes.toString('utf8', start, Math.min(end, start + LINE_BYTES));
      const level = LEVEL.exec(line)?.[1] ?? '';
      if (BOARD.has(level) && (finder.isInside() || FAULT_WORDS.test(line)))
        finder.take(count, parseLogLine(line).text);
      count += 1;
      return { line, level };
    },
  };
}

/** The same as when the log was packed. */
export function findFaults(frames: Iterable<Buffer>): KernelFault[] {
  const lines = createLineReader();
  eachLine(frames, (frame, start, end) => {
    lines.take(frame, start, end);
    return true;
  });
  return lines.faults();
}

/** Each line with its newline, until `take` is false. A frame ends with the end of a line. */
export function eachLine(frames: Iterable<Buffer>, take: (frame: Buffer, start: number, end: number) => boolean): void {
  for (const frame of frames) {
    for (let from = 0; from < frame.length; ) {
      const newline = frame.indexOf(NEWLINE, from);
      const end = newline < 0 ? frame.length : newline + 1;
      if (!take(frame, from, end)) return;
      from = end;
    }
  }
}
