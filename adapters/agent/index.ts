/**
 * A source that an agent reads for us: what the agent has pushed is given as if it had been read here. Asks nobody
 * anything; how fresh it is, and what the source is ill of, is what the agent says of it.
 */
import { z } from 'zod';
import type { AgentState } from '#schema/agent-batch.ts';
import { type Asked, Micros } from '#schema/records.ts';
import type { Adapter, Delta, Usage } from '../adapter.ts';
import { SourceError } from '../error.ts';
import { createAsking } from './ask.ts';
import { createAssembler, jsonOf } from './assemble.ts';
import type { Inbox, InboxEntry, Place } from './inbox.ts';
import { Failure, FleetMessage, ProbeMessage, type RunMessage } from './message.ts';

/** An agent that lives calls at least every few seconds. */
export const SILENT_AFTER = 300_000_000;
/** Deltas are many; what was read stays a little while. */
const FORGET_EVERY = 50;

const Bookmark = z.object({
  agent: z.literal(1),
  term: z.int(),
  sequence: z.int(),
  /** As of the last run of the agent that was read here. */
  upTo: Micros.nullable(),
  failure: Failure.nullable(),
  left: z.int(),
});
type Bookmark = z.infer<typeof Bookmark>;

const START: Bookmark = { agent: 1, term: 0, sequence: 0, upTo: null, failure: null, left: 0 };

/** One of another kind of source begins anew: writing the same again changes nothing. */
function readBookmark(text: string | null): Bookmark {
  const known = text === null ? null : Bookmark.safeParse(JSON.parse(text));
  return known?.success ? known.data : START;
}

export function createAgentAdapter(slug: string, inbox: Inbox): Adapter {
  const usage: Usage = { requests: 0, bytes: 0, usedLastMinute: 0, p95Ms: null, slowdown: null, isUsedUp: false };
  let asked: Asked[] = [];

  const called = async (): Promise<AgentState> => {
    const state = await inbox.state();
    if (state) return state;
    const message = 'no agent has called yet: start `basalt agent` in the lab, with the key of this source';
    throw new SourceError('UNREACHABLE', slug, message);
  };
  const newest = async <Message>(part: 'probe' | 'fleet', schema: z.ZodType<Message>): Promise<Message> => {
    const body = (await called())[part];
    if (!body) throw new SourceError('UNREACHABLE', slug, 'its agent has not read the master yet');
    try {
      return schema.parse(jsonOf(body));
    } catch (cause) {
      const message = `what its agent says of the ${part === 'probe' ? 'master' : 'boards'} is not understood: give the agent and Basalt the same version`;
      throw new SourceError('BAD_PAYLOAD', slug, message, { cause });
    }
  };
  const noteRun = ({ at, asked: some, usage: now }: RunMessage) => {
    Object.assign(usage, now);
    for (const one of some) {
      usage.requests += one.requests;
      usage.bytes += one.bytes;
      asked.push({ ...one, at });
    }
  };
  const asking = createAsking(slug, inbox, async ({ now }) => assertHeard(slug, await called(), now()));

  return {
    async probe() {
      const probe = await newest('probe', ProbeMessage);
      return { ...probe, capabilities: [...probe.capabilities, 'agent'] };
    },
    /** What an agent reads is not followed while somebody looks. */
    tail: () => null,

    async snapshot() {
      const fleet = await newest('fleet', FleetMessage);
      return { ...fleet, queue: fleet.queue && new Map(fleet.queue) };
    },

    async *changes(text, { now, signal }) {
      let mark = readBookmark(text);
      const { wasRead, clockOffset } = await called();
      // What is not in the inbox any more comes once more.
      if (text === null && wasRead) await inbox.beginAnew();
      // Whoever read before may have broken off after it had stored this.
      await inbox.forget(mark);
      const assembler = createAssembler();
      let deltas = 0;
      for await (const entry of entriesAfter(inbox, mark, signal)) {
        if (entry.isOfNewTerm) assembler.reset();
        const given = assembler.take(entry);
        if (!given) continue;
        const { changes, rejected, left, settled, run } = given;
        if (run) noteRun(run);
        const { term, sequence } = entry;
        const { upTo, failure } = run ? stateAfter(run, mark, clockOffset, now()) : mark;
        mark = { agent: 1, term, sequence, upTo, failure, left };
        yield deltaOf(mark, { changes, rejected, settled });
        // Whoever asks for the next one has stored this one.
        deltas += 1;
        if (deltas % FORGET_EVERY === 0) await inbox.forget(mark);
      }
      if (deltas % FORGET_EVERY !== 0) await inbox.forget(mark);
      yield deltaOf(mark, { changes: [], rejected: [] });
      assertWell(slug, await called(), mark, now());
    },

    // Nothing is to be had by asking: what is in the inbox is read whole.
    unread: () => [],
    /** The agent knows what it waits for; it gives up after a day. */
    waitsFor: () => true,
    listen: () => null,
    ...asking,

    usage: () => ({ ...usage }),
    async drain(save) {
      const taken = asked;
      asked = [];
      try {
        if (taken.length > 0) await save(taken);
      } catch (cause) {
        asked = [...taken, ...asked];
        throw cause;
      }
    },
  };
}

type Step = InboxEntry & { isOfNewTerm: boolean };

async function* entriesAfter(inbox: Inbox, from: Place, signal: AbortSignal): AsyncGenerator<Step> {
  let at: Place = { term: from.term, sequence: from.sequence };
  for (;;) {
    signal.throwIfAborted();
    const entries = await inbox.after(at);
    if (entries.length === 0) return;
    for (const entry of entries) {
      yield { ...entry, isOfNewTerm: entry.term !== at.term };
      at = { term: entry.term, sequence: entry.sequence };
    }
  }
}

function deltaOf(mark: Bookmark, given: Pick<Delta, 'changes' | 'rejected' | 'settled'>): Delta {
  return { ...given, bookmark: JSON.stringify(mark), left: mark.left, upTo: mark.upTo };
}

/** Nothing was read later than now, whatever the agent's clock says. */
function stateAfter(run: RunMessage, mark: Bookmark, clockOffset: Micros, now: Micros) {
  const upTo = run.upTo === null ? mark.upTo : Math.min(now, run.upTo + clockOffset);
  return { upTo, failure: run.failure ?? (run.isWhole ? null : mark.failure) };
}

/** @throws SourceError when what is stored is not up to now, and why. */
function assertWell(slug: string, state: AgentState, { failure }: Bookmark, now: Micros): void {
  const { waiting } = state;
  assertHeard(slug, state, now);
  if (waiting.isFull) {
    const message = `the spool of its agent is full (${megabytes(waiting.bytes)} of ${megabytes(waiting.limitBytes)} MB): it reads on once that is here`;
    throw new SourceError('UNREACHABLE', slug, message);
  }
  if (failure) throw new SourceError(failure.code, slug, failure.message);
}

/** @throws SourceError when the agent does not call any more. */
function assertHeard(slug: string, { heardAt }: AgentState, now: Micros): void {
  if (now - heardAt > SILENT_AFTER) {
    const since = new Date(heardAt / 1000).toISOString().slice(0, 19).replace('T', ' ');
    const message = `its agent has not called since ${since} UTC: does it run, and can it reach Basalt? What it has read meanwhile is kept there`;
    throw new SourceError('UNREACHABLE', slug, message);
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
