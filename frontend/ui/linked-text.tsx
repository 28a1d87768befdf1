import { partsOf } from './linked-parts.ts';

/** What people wrote: plain text whose addresses are links. */
export function LinkedText({ text }: { text: string }) {
  return partsOf(text).map(({ text: part, href }, i) =>
    href ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
      <a key={i} className="link" href={href} rel="noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
