/** Open jobs as their masters said last: for a page, and event by event while somebody looks. */
import { parseLogLine } from '#schema/lava-log.ts';
import type { LiveStatus } from '#schema/records.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import { getJob, type JobRow } from '#store/job.ts';
import { getLiveJob, type LiveJob, MOST_WATCHED } from '#store/live-job.ts';
import type { Context } from './context.ts';
import type { JobFollowing, JobProgress, Resolvers, SubscriptionJobProgressArgs } from './graphql/types.ts';
import { MAX_LOG_LINES } from './limits.ts';
import type { Look } from './live-jobs.ts';
import { fromNodeId } from './node-id.ts';

/** Of what was told longer ago nobody can say that it is still so. */
const FRESH = 20_000_000;
const WORDS: Record<Exclude<JobFollowing, 'FOLLOWED'>, string> = {
  UNWATCHED: 'Nobody was looking at this job.',
  WAITING: 'The master is being asked.',
  ENDED: 'It has ended on the master; its results are being read.',
  PAUSED: 'Reading of this lab is paused.',
  QUIET_HOURS: 'It is within the quiet hours of this lab, in which only what is new is read.',
  BUDGET: 'What this lab may be asked is used up for the moment.',
  SLOW: 'The master takes long to answer.',
  FAILING: 'The master could not be asked.',
  CROWDED: `${MOST_WATCHED} other jobs of this lab are looked at: no more are followed at the same time.`,
  UNATTENDED: 'Whoever reads this lab for Basalt has said nothing for 20 s.',
  UNABLE: 'Jobs of this lab cannot be followed; they are read when they have finished.',
  GONE: 'The master does not show this job any more.',
};

type Event = { jobProgress: JobProgress };

export const jobProgress: { Job: Pick<NonNullable<Resolvers['Job']>, 'progress'> } = {
  Job: {
    async progress({ id, state }, args, { store, viewer, now }) {
      const limit = readLimit(args.limit ?? 500);
      if (state === 'FINISHED') return null;
      const found = await getLiveJob(store, viewer, id, { from: null, limit });
      return found && toProgress(found, followingAt(found, now()));
    },
  },
};

export const progressSubscription = {
  jobProgress: {
    async subscribe(_: unknown, { id, fromLine, limit }: SubscriptionJobProgressArgs, context: Context) {
      const window = { from: fromLine ?? null, limit: readLimit(limit ?? 1_000) };
      if (window.from !== null && window.from < 0) throw new InvalidInput(`Line ${window.from}: ask from line 0 on.`);
      const job = await findJob(context, id);
      if (!job) throw new NotFound('There is no such job, or it may not be seen.');
      return streamOf(context, job, window);
    },
  },
};

function readLimit(limit: number): number {
  if (limit >= 1 && limit <= MAX_LOG_LINES) return limit;
  throw new InvalidInput(`${limit} lines: ask for 1 to ${MAX_LOG_LINES} at once.`);
}

async function findJob({ store, viewer }: Context, id: string): Promise<JobRow | null> {
  const node = fromNodeId(id);
  if (node?.kind !== 'Job') return null;
  const [slug, epoch, externalId] = node.key;
  return getJob(store, viewer, String(slug), String(externalId), Number(epoch));
}

type Window = { from: number | null; limit: number };

/** One who leaves is not waited for: nothing more is asked for the sake of them. */
function streamOf(context: Context, job: JobRow, window: Window): AsyncIterableIterator<Event> {
  const leaving = new AbortController();
  const events = eventsOf(context, job, window, leaving.signal);
  return {
    next: () => events.next(),
    return() {
      leaving.abort();
      return events.return(undefined);
    },
    throw: (cause) => events.throw(cause),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** An event is made when the one before has left: who reads slowly gets fewer of them, and no line twice. */
async function* eventsOf(
  { store, viewer, live }: Context,
  job: JobRow,
  { from, limit }: Window,
  signal: AbortSignal,
): AsyncGenerator<Event, undefined> {
  const look = live.look(job.id);
  try {
    for (let next = from; !signal.aborted; ) {
      const version = look.version();
      const found = await getLiveJob(store, viewer, job.id, { from: next, limit });
      if (!found || !isSame(found.job, job)) return;
      const event = toProgress(found, followingOf(found, look));
      yield { jobProgress: event };
      if (event.isStored) return;
      next = Math.max(next ?? 0, (event.lines.at(-1)?.n ?? event.lineCount - 1) + 1);
      if (next >= event.lineCount) await look.changedSince(version, signal);
    }
  } finally {
    look.leave();
  }
}

/** Of a job that was removed, the store's own number may be another's now. */
function isSame(one: JobRow, other: JobRow): boolean {
  return one.slug === other.slug && one.epoch === other.epoch && one.externalId === other.externalId;
}

function toProgress({ job, live, lines }: LiveJob, { following, reason }: Following): JobProgress {
  const isStored = job.state === 'FINISHED';
  return {
    state: isStored ? job.state : (live?.state ?? job.state),
    health: isStored ? job.health : (live?.health ?? job.health),
    startTime: job.startAt ?? live?.startAt ?? null,
    asOf: live?.asOf ?? null,
    following,
    reason,
    lineCount: live?.lineCount ?? 0,
    lines: lines.map(({ n, raw }) => ({ n, ...parseLogLine(raw) })),
    isStored,
  };
}

type Following = { following: JobFollowing; reason: string | null };

function followingOf(found: LiveJob, look: Look): Following {
  return told(standing(found) ?? look.obstacle() ?? found.live?.status ?? 'WAITING', found);
}

/** The same for one who only passes by. */
function followingAt(found: LiveJob, now: number): Following {
  const { live } = found;
  const isWatched = live !== null && live.watchedAt !== null && live.toldAt !== null && now - live.toldAt < FRESH;
  return told(standing(found) ?? (isWatched ? (live.status ?? 'WAITING') : 'UNWATCHED'), found);
}

/** What is so whoever looks. */
function standing({ job, source }: LiveJob): JobFollowing | null {
  if (job.state === 'FINISHED') return 'ENDED';
  if (source.paused || !source.configured) return 'PAUSED';
  return job.epoch === source.epoch ? null : 'GONE';
}

function told(following: JobFollowing | LiveStatus, { live }: LiveJob): Following {
  if (following === 'FOLLOWED') return { following, reason: null };
  const said = following === live?.status ? live.reason : null;
  return { following, reason: said ?? WORDS[following] };
}
