/** Keys and stops of a table as a grid (WAI-ARIA: one stop of the Tab key, arrows inside). */
import { target } from './grid-move.ts';

/** What takes the focus of a cell: its link, or the cell. */
function stopOf(cell: HTMLElement): HTMLElement {
  return cell.querySelector<HTMLElement>('a') ?? cell;
}

function cellOf(inside: EventTarget | null): HTMLTableCellElement | null {
  return inside instanceof Element ? inside.closest<HTMLTableCellElement>('td, th') : null;
}

/** Makes the table a grid until the returned function is called. `place` is what scrolls around it. */
export function createGridKeys(place: HTMLElement, table: HTMLTableElement, labelledBy: string): () => void {
  const { rows } = table;
  const first = rows[1]?.cells[1] ?? rows[0]?.cells[0];
  if (!first) return () => undefined;
  const focused = table.contains(document.activeElement) ? cellOf(document.activeElement) : null;
  let before: Element | null = null;
  let held = stopOf(focused ?? first);
  const makeStop = (stop: HTMLElement) => {
    held.tabIndex = -1;
    stop.tabIndex = 0;
    held = stop;
  };
  const onFocus = ({ target: to, relatedTarget: from }: FocusEvent) => {
    if (from instanceof Element && !table.contains(from)) before = from;
    const cell = cellOf(to);
    if (cell && stopOf(cell) === to) makeStop(stopOf(cell));
  };
  const onPress = ({ target: to }: PointerEvent) => {
    const cell = cellOf(to);
    if (cell && stopOf(cell) === cell && cell !== held) cell.tabIndex = -1;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Escape' && before instanceof HTMLElement) return before.focus();
    const cell = cellOf(event.target);
    const row = cell?.closest('tr');
    if (!cell || !row) return;
    const place = [row.rowIndex, cell.cellIndex] as const;
    const to = target(event.key, event.ctrlKey, place, [rows.length, row.cells.length]);
    const next = to && rows[to[0]]?.cells[to[1]];
    if (!next) return;
    event.preventDefault();
    makeStop(stopOf(next));
    held.focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  table.setAttribute('role', 'grid');
  table.setAttribute('aria-labelledby', labelledBy);
  place.tabIndex = -1;
  // Cells without a link get a place among the stops when they are come to: there may be ten thousand.
  for (const link of table.querySelectorAll('a')) link.tabIndex = -1;
  makeStop(held);
  table.addEventListener('focusin', onFocus);
  table.addEventListener('pointerdown', onPress);
  table.addEventListener('keydown', onKey);
  return () => {
    table.removeEventListener('focusin', onFocus);
    table.removeEventListener('pointerdown', onPress);
    table.removeEventListener('keydown', onKey);
  };
}
