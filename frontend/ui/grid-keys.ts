/** Keys and stops of a table as a grid (WAI-ARIA: one stop of the Tab key, arrows inside). */
import { target } from './grid-move.ts';

/** What takes the focus of a cell: its link, or the cell. */
function stopOf(cell: HTMLElement): HTMLElement {
  return cell.querySelector<HTMLElement>('a') ?? cell;
}

/** Makes the table a grid until the returned function is called. `place` is what scrolls around it. */
export function createGridKeys(place: HTMLElement, table: HTMLTableElement, labelledBy: string): () => void {
  const cells = [...table.rows].map((row) => [...row.cells]);
  const first = cells[1]?.[1] ?? cells[0]?.[0];
  if (!first) return () => undefined;
  const stops = cells.flat().map(stopOf);
  const isStop = new Set(stops);
  let before: Element | null = null;
  let held = stops.find((stop) => stop === document.activeElement) ?? stopOf(first);
  const makeStop = (stop: HTMLElement) => {
    held.tabIndex = -1;
    stop.tabIndex = 0;
    held = stop;
  };
  const onFocus = ({ target: to, relatedTarget: from }: FocusEvent) => {
    if (from instanceof Element && !table.contains(from)) before = from;
    if (to instanceof HTMLElement && isStop.has(to)) makeStop(to);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Escape' && before instanceof HTMLElement) return before.focus();
    const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>('td, th') : null;
    const row = cell ? cells.findIndex((list) => list.includes(cell)) : -1;
    const column = cell ? (cells[row]?.indexOf(cell) ?? -1) : -1;
    if (column < 0) return;
    const to = target(event.key, event.ctrlKey, [row, column], [cells.length, cells[row]?.length ?? 0]);
    const next = to && cells[to[0]]?.[to[1]];
    if (!next) return;
    event.preventDefault();
    stopOf(next).focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  table.setAttribute('role', 'grid');
  table.setAttribute('aria-labelledby', labelledBy);
  place.tabIndex = -1;
  for (const stop of stops) stop.tabIndex = -1;
  makeStop(held);
  table.addEventListener('focusin', onFocus);
  table.addEventListener('keydown', onKey);
  return () => {
    table.removeEventListener('focusin', onFocus);
    table.removeEventListener('keydown', onKey);
  };
}
