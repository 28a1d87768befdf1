import Link from 'next/link';
import { jobPath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Status } from '@/ui/status.tsx';
import { absolute } from '@/ui/time.tsx';
import type { Lab } from './lab-verdict.tsx';

/** What the master holds against what is stored. */
export function Audit({ lab }: { lab: Lab }) {
  const { slug, reconciliation: audit } = lab;
  return (
    <Section id="audit" title="Audit" caption="what the master holds against what is stored">
      {audit ? (
        <table className="kv">
          <tbody>
            <tr>
              <th scope="row">State</th>
              <td className="any">
                <State audit={audit} />
              </td>
            </tr>
            <tr>
              <th scope="row">On the master</th>
              <td data-measure>{count(audit.sourceCount)} jobs</td>
            </tr>
            <tr>
              <th scope="row">Stored</th>
              <td data-measure>{count(audit.storeCount - audit.goneAtSource)} jobs</td>
            </tr>
            <Ids label="Missing here" ids={audit.missing} />
            <Ids label="Differ" ids={audit.changed} slug={slug} />
            {audit.sampled > 0 && (
              <tr>
                <th scope="row">Contents</th>
                <td data-measure>
                  {count(audit.sampled - audit.altered)} of {count(audit.sampled)} jobs{' '}
                  <span className="dim">had the same results and log; chosen at random</span>
                </td>
              </tr>
            )}
            <Kept label="Read again" jobs={audit.repaired} what="were missing or differed" />
            <Kept label="Deleted there" jobs={audit.deleted} what="kept here" />
            <Kept
              label="Not listed there"
              jobs={audit.goneAtSource - audit.deleted}
              what="hidden or deleted; kept here"
            />
            <tr>
              <th scope="row">Checked</th>
              <td data-measure>{absolute(audit.checkedAt)}</td>
            </tr>
          </tbody>
        </table>
      ) : (
        <p className="dim">
          Not audited yet. It comes by itself; <code>npx basalt audit {slug}</code> does it now.
        </p>
      )}
    </Section>
  );
}

function State({ audit: { alarm, missing, changed } }: { audit: NonNullable<Lab['reconciliation']> }) {
  if (alarm !== null)
    return (
      <>
        <Status shape="warn" tone="warn" word="alarm" />
        <p className="dim">{alarm}</p>
      </>
    );
  return missing.length + changed.length === 0 ? (
    <Status shape="pass" tone="pass" word="equal" />
  ) : (
    <Status shape="warn" tone="warn" word="differs" />
  );
}

function Kept({ label, jobs, what }: { label: string; jobs: number; what: string }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td data-measure>{jobs === 0 ? <span className="faint">none</span> : `${plural(jobs, 'job')}, ${what}`}</td>
    </tr>
  );
}

function Ids({ label, ids, slug }: { label: string; ids: readonly string[]; slug?: string }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td className="any">
        {ids.length === 0 ? (
          <span className="faint">none</span>
        ) : (
          ids.map((id, i) => (
            <span key={id} className="mono">
              {i > 0 && ', '}
              {slug ? (
                <Link className="link" href={jobPath(slug, id)} prefetch={false}>
                  {id}
                </Link>
              ) : (
                id
              )}
            </span>
          ))
        )}
        {ids.length === 100 && <span className="faint"> and maybe more</span>}
      </td>
    </tr>
  );
}
