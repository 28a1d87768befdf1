'use client';
import Link from 'next/link';
import { Glyph } from './glyph.tsx';
import { Mark } from './mark.tsx';
import { Nav } from './nav.tsx';

/** What a page shows when its question could not be answered. */
export function Failure({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <>
      <title>Could not be read · Basalt</title>
      <header className="top">
        <div>
          <Link className="brand" href="/" aria-label="Basalt, home">
            <Mark />
            <span>Basalt</span>
          </Link>
          <Nav />
        </div>
      </header>
      <main className="page" id="main">
        <div className="state">
          <h1>
            <span className="st warn">
              <Glyph shape="warn" />
              This page could not be read
            </span>
          </h1>
          <p>
            Nothing is lost: the stored results are untouched, and the other pages do not depend on this one.
            {error.digest && ` Reference ${error.digest}.`}
          </p>
          <div className="acts">
            <button className="btn" type="button" onClick={retry}>
              Try again
            </button>
            <Link className="btn ghost" href="/">
              Home
            </Link>
          </div>
        </div>
      </main>
    </>
  );
}
