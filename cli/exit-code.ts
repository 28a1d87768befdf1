/** Exit codes of every command; documented in docs/operations/commands.md. */
export const EXIT = {
  ok: 0,
  /** It ran and found something wrong: an audit with differences, a doctor with findings. */
  findings: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The Basalt that is asked over the network does not answer, or is none. */
  unreachable: 3,
  /** A source could not be read; what could be read is stored. */
  source: 69,
  /** Our own fault. */
  internal: 70,
  /** The store's file is damaged. */
  damaged: 74,
  /** Not now: another process reads the sources into this store, or its database does not answer. */
  busy: 75,
  /** The configuration is wrong. */
  config: 78,
  /** A signal ended it. */
  stopped: 130,
} as const;

/** Of `verdict` and `wait`; whatever keeps a verdict from being found is CANNOT_TELL, which `git bisect run` skips. */
export const VERDICT_EXIT = { PASS: 0, FAIL: 1, INFRASTRUCTURE: 2, INCOMPLETE: 3, CANNOT_TELL: 125 } as const;
