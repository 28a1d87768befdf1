import type { UserProblemFragment } from '@/graphql/graphql.ts';

type Props = { problems: readonly UserProblemFragment[]; of: string | null };

/** What is wrong with a field; without a field, with the whole. */
export function Problems({ problems, of }: Props) {
  return problems
    .filter(({ field }) => (field?.split('.')[0] ?? null) === of)
    .map(({ code, message }) => (
      <p key={`${code} ${message}`} className="problem" id={of === null ? undefined : `${of}-problem`} role="alert">
        {message}
      </p>
    ));
}
