import type { ReactNode, Ref } from 'react';

type Props = {
  labelledBy?: string;
  label?: string;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  /** As CSS; else the style sheet's. */
  height?: string;
  children: ReactNode;
};

/** What may be wider or longer than its place scrolls here and never the page. Reachable by keyboard, so it has a name. */
export function Scroll({ labelledBy, label, className = 'scroll', ref, height, children }: Props) {
  const name = { 'aria-labelledby': labelledBy, 'aria-label': label };
  const style = height ? { height } : undefined;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className={className} ref={ref} style={style} tabIndex={0} role="group" {...name}>
      {children}
    </div>
  );
}
