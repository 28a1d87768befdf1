import { count, plural } from '../../ui/number.ts';

type Queue = { jobCount: number; deviceTypes: readonly { jobCount: number; deviceType: { name: string } }[] };

/** How many jobs wait for boards, by the master's own count. */
export function queueInWords(queue: Queue | null): string {
  if (queue === null)
    return 'Queue: not known. This master does not count the jobs that wait; LAVA 2023.06 and later do.';
  if (queue.jobCount === 0) return 'Queue: no job waits for a device.';
  const types = queue.deviceTypes.map(({ deviceType, jobCount }) => `${deviceType.name} ${count(jobCount)}`);
  const more = types.length > SHOWN ? ', …' : '';
  return `Queue: ${plural(queue.jobCount, 'job')} waiting (${types.slice(0, SHOWN).join(', ')}${more}).`;
}

const SHOWN = 12;
