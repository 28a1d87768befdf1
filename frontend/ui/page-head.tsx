import Link from 'next/link';
import { Fragment, type ReactNode } from 'react';

export type Crumb = { label: string; href?: string };

type Props = {
  title: ReactNode;
  /** The name is an identity of the data (a version, a host): drawn in mono. */
  mono?: boolean;
  crumbs?: readonly Crumb[];
  facts?: readonly (readonly [term: string, value: ReactNode] | false | null | '')[];
  actions?: ReactNode;
};

export function PageHead({ title, mono, crumbs, facts, actions }: Props) {
  return (
    <>
      {crumbs && (
        <nav className="crumbs" aria-label="Breadcrumb">
          {crumbs.map(({ label, href }, i) => (
            <Fragment key={label}>
              {i > 0 && <span aria-hidden="true">/</span>}
              {href ? (
                <Link href={href} prefetch={false}>
                  {label}
                </Link>
              ) : (
                <span>{label}</span>
              )}
            </Fragment>
          ))}
        </nav>
      )}
      <div className="head">
        <div className="grow">
          <h1>{mono ? <span className="mono">{title}</span> : title}</h1>
          {facts && (
            <dl className="facts">
              {facts.map(
                (fact) =>
                  fact && (
                    <div key={fact[0]}>
                      <dt>{fact[0]}</dt>
                      <dd>{fact[1]}</dd>
                    </div>
                  ),
              )}
            </dl>
          )}
        </div>
        {actions && <div className="acts">{actions}</div>}
      </div>
    </>
  );
}
