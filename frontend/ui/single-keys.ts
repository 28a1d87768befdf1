/** Whether single keys are on: they can be switched off for people whose software sends them (WCAG 2.1.4). */
export function areKeysOn(): boolean {
  return localStorage.getItem('keys') !== 'off';
}

export function setKeys(on: boolean): void {
  localStorage.setItem('keys', on ? 'on' : 'off');
}

/** True for a plain key pressed outside of fields that take it, when single keys are on. */
export function isSingleKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest('input:not([type=checkbox]), textarea, select, [contenteditable], dialog')) return false;
  return areKeysOn();
}
