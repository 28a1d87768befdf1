import type { ReactNode } from 'react';

type Props = {
  id: string;
  title: string;
  caption?: ReactNode;
  more?: ReactNode;
  hidden?: boolean;
  className?: string;
  children: ReactNode;
};

/** A part of a page under its heading. `hidden` keeps the heading for assistive technology only. */
export function Section({ id, title, caption, more, hidden, className, children }: Props) {
  return (
    <section aria-labelledby={id} className={className}>
      {hidden ? (
        <h2 id={id} className="sr">
          {title}
        </h2>
      ) : (
        <div className="sh">
          <h2 id={id}>{title}</h2>
          {caption !== undefined && <span className="c">{caption}</span>}
          {more && <span className="more">{more}</span>}
        </div>
      )}
      {children}
    </section>
  );
}
