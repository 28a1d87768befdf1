import type { LabPageQuery, LabStateFragment } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { verdictOfSource } from '@/ui/coverage.ts';
import { duration } from '@/ui/duration.ts';
import { count, plural } from '@/ui/number.ts';
import { sentence } from '@/ui/sentence.ts';
import { Age, Instant } from '@/ui/time.tsx';
import { slowdownInWords } from './slowdown-words.ts';

export type Lab = NonNullable<LabPageQuery['source']>;

export function titleOf({ slug, status, lagSeconds }: LabStateFragment): string {
  return status === 'HEALTHY'
    ? `${slug} in sync`
    : `${slug} ${verdictOfSource(status).word}${lagSeconds === null ? '' : `, ${duration(lagSeconds)} behind`}`;
}

/** Whether the copy is true, in words: the state of the sync, then the last audit. */
export function LabVerdict({ lab }: { lab: LabStateFragment }) {
  const { slug, status, statusReason, lastSuccessAt, nextSyncAt, reconciliation } = lab;
  const { tone, word } = verdictOfSource(status);
  const slow = slowdownInWords(lab.budget.slowdown);
  const isAhead = nextSyncAt !== null && Date.parse(nextSyncAt) > Date.now();
  return (
    <p className="verdict">
      {status === 'HEALTHY' ? (
        <b className="pass">In sync.</b>
      ) : (
        <b className={tone}>{word.charAt(0).toUpperCase() + word.slice(1)}.</b>
      )}{' '}
      {reconciliation && <Audit audit={reconciliation} />}{' '}
      {slow && (
        <b className="warn" data-measure>
          {slow}
        </b>
      )}{' '}
      <span className="dim">
        {statusReason && <Measure>{`${sentence(statusReason, slug)} `}</Measure>}
        {lastSuccessAt ? (
          <>
            Last complete read <Age at={lastSuccessAt} /> ago
          </>
        ) : (
          'It has never been read completely'
        )}
        {isAhead && nextSyncAt ? (
          <>
            , next look <Age at={nextSyncAt} />.
          </>
        ) : (
          '.'
        )}
      </span>
    </p>
  );
}

function Audit({ audit }: { audit: NonNullable<LabStateFragment['reconciliation']> }) {
  const { sourceCount, storeCount, goneAtSource, deleted, missing, changed, checkedAt, alarm } = audit;
  const isEqual = missing.length === 0 && changed.length === 0;
  const present = storeCount - goneAtSource;
  return (
    <>
      <Measure>
        Master <b>{count(sourceCount)}</b> {sourceCount === present ? '=' : '≠'} stored <b>{count(present)}</b> jobs
      </Measure>
      {!isEqual && (
        <b className="warn" data-measure>
          ,{' '}
          {[missing.length > 0 && `${missing.length} missing`, changed.length > 0 && `${changed.length} changed`]
            .filter(Boolean)
            .join(', ')}
        </b>
      )}
      , checked <Instant at={checkedAt} seconds={false} />.
      {alarm !== null && (
        <b className="warn" data-measure>
          {' '}
          {alarm}
        </b>
      )}
      {goneAtSource > 0 && (
        <span className="dim" data-measure>
          {' '}
          {plural(goneAtSource, 'job')} the master does not list any more {goneAtSource === 1 ? 'is' : 'are'} kept here
          {deleted > 0 && `, ${count(deleted)} of them deleted there`}.
        </span>
      )}
    </>
  );
}
