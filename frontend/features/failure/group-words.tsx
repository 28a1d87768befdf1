import type { FailureClass, GroupRowFragment } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import { Status } from '@/ui/status.tsx';

const WORDS: Record<FailureClass, string> = {
  NONE: '',
  TEST: 'Test',
  JOB: 'Job',
  INFRASTRUCTURE: 'Infrastructure',
  CONFIGURATION: 'Configuration',
  BUG: 'Bug',
  TIMEOUT: 'Timeout',
  CANCELED: 'Canceled',
  UNCLASSIFIED: 'no reason given',
};

/** Whose fault it is, in shape, word and colour: the kernel's, or LAVA's class. */
export function GroupClass({ group }: { group: Pick<GroupRowFragment, 'kind' | 'class'> }) {
  if (group.kind === 'KERNEL_FAULT') return <Status shape="fail" tone="fail" word="Kernel" />;
  if (isInfrastructure(group.class)) return <Status shape="infra" tone="infra" word={WORDS[group.class]} />;
  const isCode = group.class === 'TEST' || group.class === 'JOB';
  return <Status shape="inc" tone={isCode ? 'fail' : 'unknown'} word={WORDS[group.class]} />;
}
