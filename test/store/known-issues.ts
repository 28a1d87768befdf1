/** Known issues as people enter them. */
import type { Viewer } from '#schema/viewer.ts';
import { explainStored } from '#store/explain-stored.ts';
import type { IssueFields } from '#store/known-issue.ts';
import { saveKnownIssue } from '#store/save-known-issue.ts';
import type { Writer } from '#store/writer.ts';

export const TRIAGER: Viewer = { kind: 'person', login: 'tess', teams: [], role: 'triage' };

export function issueOf(fields: Partial<IssueFields>): IssueFields {
  return {
    ...{ title: 'usb hub flaps', url: 'https://tracker.example/LAVA-123', source: null, project: null },
    ...{ deviceType: null, suite: null, name: null, errorPattern: null, logPattern: null },
    ...{ culprit: null, intermittent: false, expiresAt: null, fixedAt: null, ...fields },
  };
}

/** Saves an issue and holds it against all that is stored. */
export async function addIssue(
  writer: Writer,
  fields: Partial<IssueFields>,
  at = 1_790_000_000_000_000,
): Promise<number> {
  const { id } = await saveKnownIssue(writer.store, TRIAGER, null, issueOf(fields), at);
  while (await explainStored(writer));
  return id;
}
