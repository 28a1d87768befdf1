/** Entries to records: Basalt's half. What is not understood is set aside with its bytes, the rest is given. */
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { CaseList, JobChange, JobRecord, Rejected } from '#schema/records.ts';
import { GrowingCases } from '../case-list.ts';
import { Pieces } from '../pieces.ts';
import { createRedactor } from '../redact.ts';
import type { InboxEntry } from './inbox.ts';
import { CasesMessage, DeltaMessage, JobMessage, MAX_RAW_BYTES, RejectedMessage, RunMessage } from './message.ts';

/** As long as the longest answer of a master. */
const MAX_LOG_BYTES = 256 * 1024 * 1024;
/** Of what is given at once, logs aside: a million cases. */
const MAX_DELTA_BYTES = 256 * 1024 * 1024;
const MAX_KEPT_BYTES = 1024 * 1024;

export type Assembled = {
  changes: JobChange[];
  rejected: Rejected[];
  left: number;
  /** As that of Delta. */
  settled: string[];
  run: RunMessage | null;
};

const strike = createRedactor(null);

export function createAssembler() {
  let changes: JobChange[] = [];
  let rejected: Rejected[] = [];
  let log = new Pieces();
  let cases = new Map<number, GrowingCases>();
  /** Of what waits for the end of its delta. */
  let held = 0;
  /** What was wrong with a part of the job that has not ended yet. */
  let spoiled: Rejected | null = null;

  const nextJob = () => {
    [log, cases, spoiled] = [new Pieces(), new Map(), null];
  };
  const reset = () => {
    [changes, rejected, held] = [[], [], 0];
    nextJob();
  };
  const messageIn = (body: Buffer): unknown => {
    const raw = bytesOf(body);
    held += raw.length;
    if (held > MAX_DELTA_BYTES) throw new Error(`more than ${MAX_DELTA_BYTES} bytes are sent as one`);
    return JSON.parse(raw.toString('utf8'));
  };
  const endJob = (body: Buffer) => {
    const { job, settled, results } = JobMessage.parse(messageIn(body));
    if (spoiled) {
      rejected.push({ ...spoiled, externalId: job.externalId });
      return;
    }
    const suites = results?.suites.map(({ cases: n, ...suite }, i) => ({
      ...suite,
      cases: whole(cases.get(i)?.list() ?? [], n),
    }));
    const text = results?.log ? { bytes: log, truncated: results.log.truncated } : null;
    changes.push({ job: inOneOrder(job), settled, results: suites ? { suites, log: text } : null });
  };
  const take = ({ kind, body }: InboxEntry): Assembled | null => {
    switch (kind) {
      case 'log':
        log.add(bytesOf(body));
        if (log.length > MAX_LOG_BYTES) throw new Error(`the log is longer than ${MAX_LOG_BYTES} bytes`);
        return null;
      case 'cases': {
        const { suite, cases: some } = CasesMessage.parse(messageIn(body));
        const growing = cases.get(suite) ?? new GrowingCases();
        // One message alone is a small job's.
        if (cases.has(suite)) growing.pack();
        for (const one of some) growing.add(one);
        cases.set(suite, growing);
        return null;
      }
      case 'job':
        endJob(body);
        nextJob();
        return null;
      case 'rejected':
        rejected.push(RejectedMessage.parse(messageIn(body)));
        return null;
      case 'delta': {
        const { jobs, left, settled } = DeltaMessage.parse(jsonOf(body));
        const given = { changes, rejected, left, settled, run: null };
        if (jobs !== changes.length && rejected.length === 0)
          throw new Error(`${changes.length} jobs came, and ${jobs} were sent`);
        reset();
        return given;
      }
      case 'run': {
        const run = RunMessage.parse(jsonOf(body));
        return { changes: [], rejected: [], left: run.left, settled: [], run };
      }
      default:
        throw new Error(`${JSON.stringify(kind)} is no entry Basalt knows: is the agent of a newer version?`);
    }
  };

  return {
    /** What begun in another spool does not go on. */
    reset,
    /** What is whole with this entry; null before. */
    take(entry: InboxEntry): Assembled | null {
      const isEnd = entry.kind === 'delta' || entry.kind === 'run';
      // It is told once, and nothing more of it is looked at.
      if (held > MAX_DELTA_BYTES && !isEnd) return null;
      try {
        return take(entry);
      } catch (cause) {
        const letter = letterOf(entry, cause);
        if (isEnd) {
          const given = { changes, rejected: [...rejected, letter], left: 0, settled: [], run: null };
          reset();
          return given;
        }
        if (held > MAX_DELTA_BYTES) {
          [changes, rejected] = [[], [letter]];
          nextJob();
        } else if (entry.kind === 'log' || entry.kind === 'cases') spoiled ??= letter;
        else {
          if (entry.kind === 'job') nextJob();
          rejected.push(letter);
        }
        return null;
      }
    },
  };
}

/** As an adapter writes it, which is what the store compares: a job that an agent sends is the one that was read before. */
function inOneOrder(job: JobRecord): JobRecord {
  const { externalId, url, state, health, endAt, description, submitter, priority, healthCheck, deviceType } = job;
  const { device, tags, submitAt, startAt, isPublic, multinodeGroup, role, definition, metadata, plannedSuites } = job;
  const { failureComment, errorType, errorMessage } = job;
  return {
    ...{ externalId, url, state, health, endAt, description, submitter, priority, healthCheck, deviceType },
    ...{ device, tags, submitAt, startAt, isPublic, multinodeGroup, role, definition, metadata, plannedSuites },
    ...{ failureComment, errorType, errorMessage },
  };
}

/** @throws Error when it is longer than an entry may be. */
function bytesOf(body: Buffer): Buffer {
  return zstdDecompressSync(body, { maxOutputLength: MAX_RAW_BYTES });
}

/** @throws Error when the entry is none. */
export function jsonOf(body: Buffer): unknown {
  return JSON.parse(bytesOf(body).toString('utf8'));
}

function whole(cases: CaseList, wanted: number): CaseList {
  if (cases.length !== wanted) throw new Error(`${cases.length} cases came, and ${wanted} were sent`);
  return cases;
}

function letterOf({ kind, term, sequence, body }: InboxEntry, cause: unknown): Rejected {
  const why =
    cause instanceof z.ZodError
      ? cause.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)[0]
      : cause instanceof Error
        ? cause.message
        : String(cause);
  const [raw, externalId] = readable(body);
  const reason = `what the agent sent is not understood (${why}): it is not stored; give the agent and Basalt the same version`;
  return { stage: 'job', externalId, path: `agent/${term}/${sequence}/${kind}`, reason, raw };
}

const Named = z.object({ job: z.object({ externalId: z.string().regex(/^[1-9]\d{0,14}$/) }) });

/** As text, with the number of the job it is about; in base64 when it cannot be unpacked. */
function readable(body: Buffer): [string, string | null] {
  try {
    const text = bytesOf(body).toString('utf8');
    return [strike(text.slice(0, MAX_KEPT_BYTES)), numberIn(text)];
  } catch {
    return [body.toString('base64').slice(0, MAX_KEPT_BYTES), null];
  }
}

function numberIn(text: string): string | null {
  try {
    const named = Named.safeParse(JSON.parse(text));
    return named.success ? named.data.job.externalId : null;
  } catch {
    return null;
  }
}
