import { cookies } from 'next/headers';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { FreshnessFragment } from '@/graphql/graphql.ts';
import { CoverageChip } from '@/ui/coverage-chip.tsx';
import { EXPLORER } from '@/ui/explorer-address.ts';
import { Help } from '@/ui/help.tsx';
import { Mark } from '@/ui/mark.tsx';
import { Nav } from '@/ui/nav.tsx';
import { SearchBox } from '@/ui/search-box.tsx';
import { readTheme } from '@/ui/theme.ts';
import { ThemeToggle } from '@/ui/theme-toggle.tsx';
import { Instant } from '@/ui/time.tsx';
import { SignedIn } from './signed-in.tsx';
import { StaleNote } from './stale-note.tsx';

type Props = {
  /** Absent only where no question was asked (not found, failed). */
  freshness?: FreshnessFragment;
  concerns?: readonly string[];
  /** What is being looked for. */
  search?: string;
  children: ReactNode;
};

/**
 * Header, freshness and footer. It belongs to the page and not to the layout, because a layout is kept
 * between pages and would show the freshness of the first one.
 */
export async function Shell({ freshness, concerns, search, children }: Props) {
  const theme = readTheme((await cookies()).get('theme')?.value);
  const now = new Date().toISOString();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <div>
          <Link className="brand" href="/" aria-label="Basalt, home">
            <Mark />
            <span>Basalt</span>
          </Link>
          <Nav />
          <span className="grow" />
          <SearchBox text={search} />
          {freshness && (
            <CoverageChip
              storeLagSeconds={freshness.coverage.storeLagSeconds}
              labs={freshness.coverage.sources.map(({ source, ...lab }) => ({
                ...lab,
                slug: source.slug,
                lagSeconds: lab.lagSeconds ?? null,
                asOf: lab.asOf ?? null,
              }))}
            />
          )}
          <ThemeToggle initial={theme} />
        </div>
      </header>
      <main className="page" id="main" tabIndex={-1}>
        {freshness && <StaleNote coverage={freshness.coverage} concerns={concerns} />}
        {children}
      </main>
      <footer className="foot">
        <div>
          <span>
            As of <Instant at={now} /> UTC
          </span>
          <span>Page read 0 requests from the masters</span>
          {freshness && <span>Basalt {freshness.meta.version}</span>}
          <Link className="link" href={EXPLORER} prefetch={false}>
            API explorer
          </Link>
          {freshness && <SignedIn {...freshness} />}
          <Help />
        </div>
      </footer>
    </>
  );
}
