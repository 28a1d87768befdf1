/** What a resolver is given besides its parent and arguments. */
import type { MappingRule } from '#analysis/build-mapping.ts';
import type { VerdictPolicy } from '#schema/verdict-policy.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { Store } from '#store/store.ts';
import type { CursorSeal } from './cursor-seal.ts';
import type { LiveJobs } from './live-jobs.ts';
import type { Loaders } from './loaders.ts';
import type { Budget } from './rate-limit.ts';
import type { Served } from './served.ts';
import type { SourceDesk } from './source-desk.ts';
import type { FinishedJob } from './subscription.ts';
import type { Topic } from './topic.ts';

export type Context = {
  store: Store;
  viewer: Viewer;
  loaders: Loaders;
  /** Microseconds. */
  now: () => number;
  version: string;
  startedAt: number;
  served: Served;
  canSignIn: boolean;
  /** What people call whoever else vouches for accounts; null where nobody does. */
  signInWith: string | null;
  budget: Budget;
  desk: SourceDesk | null;
  live: LiveJobs;
  cursors: CursorSeal;
  /** Of sources by slug. */
  events: { jobFinished: Topic<FinishedJob>; sourceStatus: Topic<string>; syncRuns: Topic<string> };
  /** By slug of the project. */
  policies: ReadonlyMap<string, VerdictPolicy>;
  /** Mapping rules of the configuration. */
  rules: readonly MappingRule[];
};
