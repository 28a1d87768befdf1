/** A known issue as a form has it, in the address or in what is posted: every value a text, empty where it says nothing. */
import type { Culprit, IssueRowFragment, KnownIssueRule, SaveKnownIssueInput } from '@/graphql/graphql.ts';

export const TEXTS = ['source', 'project', 'deviceType', 'suite', 'name', 'errorPattern', 'logPattern'] as const;
const FIELDS = ['title', 'url', ...TEXTS, 'culprit', 'intermittent', 'expires', 'fixed'] as const;
export type IssueForm = Record<(typeof FIELDS)[number], string>;

export const CULPRITS: readonly Culprit[] = ['BOARD', 'LAB', 'INFRASTRUCTURE', 'TEST', 'CODE'];

export function readForm(of: (key: string) => string | null | undefined): IssueForm {
  return Object.fromEntries(FIELDS.map((key) => [key, of(key) ?? ''])) as IssueForm;
}

export function formOf(issue: IssueRowFragment): IssueForm {
  return readForm((key) => {
    if (key === 'intermittent') return issue.intermittent ? '1' : '';
    if (key === 'expires') return issue.expiresAt?.slice(0, 10);
    if (key === 'fixed') return issue.fixedAt?.slice(0, 16);
    return issue[key as 'title'];
  });
}

export function toRule(form: IssueForm): KnownIssueRule {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, form[key] || null]));
  return { ...texts, expiresAt: instant(form.expires, 'T00:00:00Z') };
}

export function toSaved(form: IssueForm, number: number | null): SaveKnownIssueInput {
  return {
    ...{ number, title: form.title, url: form.url || null, rule: toRule(form) },
    culprit: CULPRITS.find((one) => one === form.culprit) ?? null,
    intermittent: form.intermittent === '1',
    fixedAt: instant(form.fixed, ':00Z'),
  };
}

/** Null for what is no instant. */
function instant(text: string, rest: string): string | null {
  return text !== '' && !Number.isNaN(Date.parse(`${text}${rest}`)) ? `${text}${rest}` : null;
}
