/** The text with the part that was looked for marked, where it is there as it was written. */
export function Marked({ text, part }: { text: string; part: string }) {
  const [lower, wanted] = [text.toLowerCase(), part.trim().toLowerCase()];
  const at = lower.length === text.length && wanted !== '' ? lower.indexOf(wanted) : -1;
  if (at < 0) return text;
  const end = at + wanted.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
