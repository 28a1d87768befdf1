/** A cell of a table that holds nothing: quiet, and in words for who cannot see it. */
export function Dash({ says }: { says: string }) {
  return (
    <>
      <span className="faint" aria-hidden="true">
        –
      </span>
      <span className="sr">{says}</span>
    </>
  );
}
