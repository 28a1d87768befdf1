import type { ReactNode } from 'react';

type Props = {
  id: string;
  title: string;
  caption?: ReactNode;
  /** Of the list in it, where the caption says one: of its rows, or `apart` from them. */
  total?: number;
  apart?: boolean;
  /** Only a part of it is shown, and nothing leads to the rest. */
  cut?: boolean;
  more?: ReactNode;
  hidden?: boolean;
  className?: string;
  children: ReactNode;
};

/** A part of a page under its heading. `hidden` keeps the heading for assistive technology only. */
export function Section({ id, title, caption, total, apart, cut, more, hidden, className, children }: Props) {
  return (
    <section aria-labelledby={id} className={className}>
      {hidden ? (
        <h2 id={id} className="sr">
          {title}
        </h2>
      ) : (
        <div className="sh">
          <h2 id={id}>{title}</h2>
          {caption !== undefined && (
            <span className="c" data-total={total} data-apart={apart} data-cut={cut}>
              {caption}
            </span>
          )}
          {more && <span className="more">{more}</span>}
        </div>
      )}
      {children}
    </section>
  );
}
