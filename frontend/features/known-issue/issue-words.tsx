import type { IssueRowFragment, KnownIssueState } from '@/graphql/graphql.ts';
import { Tag } from '@/ui/tag.tsx';

export const STATES: Record<KnownIssueState, string> = {
  ACTIVE: 'active',
  REOPENED: 'reopened',
  FIXED: 'fixed',
  EXPIRED: 'expired',
};

export function IssueState({ state }: { state: KnownIssueState }) {
  return <Tag tone={state === 'REOPENED' ? 'new' : undefined}>{STATES[state]}</Tag>;
}

/** The rule in words. */
export function ruleOf(issue: IssueRowFragment): string {
  const { source, project, deviceType, suite, name, errorPattern, logPattern } = issue;
  const what = suite === null && name === null ? 'failed jobs' : `failed tests ${suite ?? '*'} / ${name ?? '*'}`;
  return [
    what,
    ...(source === null ? [] : [`of ${source}`]),
    ...(project === null ? [] : [`of project ${project}`]),
    ...(deviceType === null ? [] : [`on ${deviceType}`]),
    ...(errorPattern === null ? [] : [`whose error has /${errorPattern}/`]),
    ...(logPattern === null ? [] : [`whose log has /${logPattern}/`]),
  ].join(', ');
}

/** Of a tracker: written by people, so that it says where it leads and nothing of where it comes from. */
export function Tracker({ url }: { url: string | null | undefined }) {
  if (!url || !/^https?:\/\//i.test(url)) return null;
  return (
    <a className="link" href={url} rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" title={url}>
      {URL.canParse(url) ? new URL(url).host : url}
    </a>
  );
}
