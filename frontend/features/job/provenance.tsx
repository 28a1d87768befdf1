import type { JobPageQuery } from '@/graphql/graphql.ts';
import { Section } from '@/ui/section.tsx';
import { absolute } from '@/ui/time.tsx';

type Job = NonNullable<JobPageQuery['job']>;

/** Where this copy comes from and how it was checked. */
export function Provenance({ job }: { job: Job }) {
  const { provenance, source, externalId, epoch } = job;
  const rows = [
    ['Identity', `${source.slug}/${externalId}${epoch > 0 ? `, epoch ${epoch}` : ''}`],
    ['First seen', `${absolute(provenance.firstSeenAt)}, by ${provenance.via.toLowerCase()}`],
    ['Last verified', absolute(provenance.lastVerifiedAt)],
    ['Revision', `${provenance.revision}${provenance.settled ? '' : ', results may still arrive'}`],
    ['Content hash', provenance.contentHash ?? 'none'],
    [
      'On its master',
      provenance.goneAtSourceAt ? `deleted, seen ${absolute(provenance.goneAtSourceAt)}` : 'not known to be deleted',
    ],
  ] as const;
  return (
    <Section id="provenance" title="Provenance">
      <table className="kv">
        <tbody>
          {rows.map(([key, value]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td className={key === 'Content hash' || key === 'Identity' ? 'mono any' : undefined} data-measure>
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

/** Metadata of the definition, as the submitter wrote it. */
export function Metadata({ job }: { job: Job }) {
  if (job.metadata.length === 0) return null;
  return (
    <Section id="metadata" title="Metadata" caption={`${job.metadata.length}`} total={job.metadata.length}>
      <table className="kv">
        <tbody>
          {job.metadata.map(({ key, value }) => (
            <tr key={key}>
              <th scope="row" className="mono any">
                {key}
              </th>
              <td className="any" data-measure>
                {/^https?:\/\//.test(value) ? (
                  <a className="link" href={value} rel="noreferrer">
                    {value}
                  </a>
                ) : (
                  value
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
