import Form from 'next/form';
import type { SideBuildFragment } from '@/graphql/graphql.ts';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Instant } from '@/ui/time.tsx';
import type { Asked } from './address.ts';

type Props = {
  letter: 'A' | 'B';
  asked: Asked;
  build: SideBuildFragment | null;
  /** Versions that are offered; any other may be written. */
  versions: readonly string[];
  labs: readonly string[];
  /** Kinds of boards that are offered. */
  types: readonly string[];
};

const KEYS = {
  A: { build: 'base', lab: 'baseLab', type: 'baseType' },
  B: { build: 'target', lab: 'targetLab', type: 'targetType' },
} as const;
const KEPT = ['project', 'base', 'target', 'baseLab', 'targetLab', 'baseType', 'targetType'] as const;

/** One side: what it is, and a form that makes it another. */
export function SidePicker({ letter, asked, build, versions, labs, types }: Props) {
  const keys = KEYS[letter];
  const [version, lab, type] = [asked[keys.build], asked[keys.lab], asked[keys.type]];
  const own: readonly string[] = Object.values(keys);
  const kept = KEPT.filter((key) => !own.includes(key));
  const [listId, typesId] = [`builds-${letter}`, `types-${letter}`];
  return (
    <details className="pick side" name="floating">
      <summary>
        <span className={`abl ${letter.toLowerCase()}`}>{letter}</span>
        <span className="grow">
          <span className="abn mono">{version ?? 'no build'}</span>
          <SideFacts build={build} lab={lab} type={type} />
        </span>
        <Icon name="chev" />
        <span className="sr">change</span>
      </summary>
      <Form action="/compare" className="pop form">
        {kept.map((key) => asked[key] !== undefined && <input key={key} type="hidden" name={key} value={asked[key]} />)}
        <label className="field">
          <span>Build {letter}</span>
          <input name={keys.build} list={listId} defaultValue={version} autoComplete="off" spellCheck={false} />
          <datalist id={listId}>
            {versions.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
        <label className="field">
          <span>Lab</span>
          <select name={keys.lab} defaultValue={lab ?? ''}>
            <option value="">all labs</option>
            {labs.map((slug) => (
              <option key={slug} value={slug}>
                {slug}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Device type</span>
          <input
            name={keys.type}
            list={typesId}
            defaultValue={type}
            placeholder="all of them"
            autoComplete="off"
            spellCheck={false}
          />
          <datalist id={typesId}>
            {types.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
        <p className="hint">Without a build, {letter === 'A' ? 'the build before B' : 'the newest build'} is taken.</p>
        <div className="acts">
          <button className="btn primary" type="submit">
            Compare
          </button>
        </div>
      </Form>
    </details>
  );
}

type FactsProps = { build: SideBuildFragment | null; lab: string | undefined; type: string | undefined };

function SideFacts({ build, lab, type }: FactsProps) {
  if (!build) return <span className="dim">not known</span>;
  const { counts, jobCounts, createdAt, sources } = build;
  const done = jobCounts.complete + jobCounts.incomplete + jobCounts.canceled;
  return (
    <>
      <span className="dim" data-measure>
        <Instant at={createdAt} seconds={false} />
        {lab || type ? (
          `, only ${[lab, type].filter(Boolean).join(', ')}`
        ) : (
          <>
            ,{' '}
            {jobCounts.running > 0
              ? `${count(done)} of ${plural(done + jobCounts.running, 'job')}`
              : plural(done, 'job')}
            , {plural(counts.total, 'result')}, {plural(sources.length, 'lab')}
          </>
        )}
      </span>
      {!lab && !type && <CountsBar counts={counts} />}
    </>
  );
}
