import type { Span } from '../../ui/span.ts';

/** One step of LAVA's own account of a job; `loggedAt` is its end. */
export type Step = { name: string; loggedAt: string | null; metadata: unknown };

type Times = { submitTime: string | null; startTime: string | null; endTime: string | null };

const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

/** The outermost number of a step's level: "2.4.5" lies in action 2. */
function actionOf({ metadata }: Step): number | null {
  if (typeof metadata !== 'object' || metadata === null || !('level' in metadata)) return null;
  const action = Number.parseInt(String(metadata.level), 10);
  return Number.isNaN(action) ? null : action;
}

/** What an action does, by the names of its steps: LAVA numbers actions and does not name them. */
function kindOf(steps: readonly Step[]): 'deploy' | 'boot' | 'test' {
  if (steps.some(({ name }) => /login|kernel-messages|bootloader|boot-|reset-device|power-off|pdu-reboot/.test(name)))
    return 'boot';
  if (steps.some(({ name }) => /download|deploy|overlay|git-repo|validate/.test(name))) return 'deploy';
  return 'test';
}

/**
 * A job's life in stretches: queued, then deploy and boot as far as LAVA's steps tell, then the rest.
 * Without steps it is one stretch.
 */
export function phasesOf(
  { submitTime, startTime, endTime }: Times,
  steps: readonly Step[],
  now = new Date().toISOString(),
): Span[] {
  if (!submitTime) return [];
  if (!startTime) return [{ name: 'queued', kind: 'q', seconds: Math.max(0, seconds(submitTime, endTime ?? now)) }];
  const spans: Span[] = [{ name: 'queued', kind: 'q', seconds: Math.max(0, seconds(submitTime, startTime)) }];
  const end = endTime ?? now;
  let from = startTime;
  const groups = Map.groupBy(
    steps.filter((step) => step.loggedAt !== null),
    actionOf,
  );
  for (const [action, group] of [...groups].toSorted(([a], [b]) => (a ?? 0) - (b ?? 0))) {
    const last = group
      .map((step) => step.loggedAt ?? '')
      .toSorted()
      .at(-1);
    const kind = action === null ? 'test' : kindOf(group);
    if (kind === 'test' || !last || last <= from || last > end) continue;
    const known = spans.find(({ name }) => name === kind);
    if (known) known.seconds += seconds(from, last);
    else spans.push({ name: kind, kind: kind === 'deploy' ? 'd' : 'b', seconds: seconds(from, last) });
    from = last;
  }
  spans.push({ name: spans.length > 1 ? 'test' : 'run', kind: 't', seconds: Math.max(0, seconds(from, end)) });
  return spans;
}
