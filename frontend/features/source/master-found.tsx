import Link from 'next/link';
import type { TestSourceMutation } from '@/graphql/graphql.ts';
import { labPath } from '@/paths.ts';
import { count } from '@/ui/number.ts';

export type Found = NonNullable<TestSourceMutation['testSource']['result']>;

/** What a capability is good for. */
const ABILITIES: Record<string, string> = {
  'rest-v0.2': 'jobs, boards and results by REST',
  events: 'tells of ended jobs by itself',
  'job-metadata': 'metadata with the job',
  'nested-visibility': 'tells hidden from deleted jobs',
  'results-table': 'large result sets at once',
};

/** A master as it answered: what it is, as whom it is read, what there is to see. */
export function MasterFound({ found }: { found: Found }) {
  const { version, whoAmI, jobCount, clockSkewSeconds, slowestMs, requests, capabilities, warnings, sameAs } = found;
  const notes = [
    ...(sameAs
      ? [
          <>
            This master is read already, as <Link href={labPath(sameAs.slug)}>{sameAs.slug}</Link>: its results would
            count twice.
          </>,
        ]
      : []),
    ...(jobCount === 0
      ? ['It shows no job to this user: with a token of one who may view jobs there would be some.']
      : []),
    ...warnings.map((warning) => `${warning.charAt(0).toUpperCase()}${warning.slice(1)}.`),
  ];
  return (
    <>
      <table className="kv" aria-label="What the master answered">
        <tbody>
          <Row name="Version">LAVA {version ?? 'of unknown version'}</Row>
          <Row name="Read as">{whoAmI ?? 'a visitor, without a token'}</Row>
          <Row name="Visible jobs">{jobCount === null ? 'not told' : count(jobCount)}</Row>
          <Row name="Clock">{clockInWords(clockSkewSeconds)}</Row>
          <Row name="Slowest answer">
            {slowestMs === null ? 'not measured' : `${count(Math.round(slowestMs))} ms`}
            <span className="faint"> of {requests}</span>
          </Row>
          <Row name="Can be read">{capabilities.map((name) => ABILITIES[name] ?? name).join('; ')}</Row>
        </tbody>
      </table>
      {notes.map((note, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the notes of one answer never change places
        <p key={i} className="problem" role="status">
          {note}
        </p>
      ))}
    </>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="any">{children}</td>
    </tr>
  );
}

function clockInWords(seconds: number | null): string {
  if (seconds === null) return 'not told';
  if (Math.abs(seconds) < 1.5) return 'as ours';
  return `${Math.abs(seconds).toFixed(0)} s ${seconds > 0 ? 'ahead of' : 'behind'} ours`;
}
