'use client';
/** The shapes of the page, defined once and drawn by <use>: the status glyphs are ours, the icons are outlines of 24 px. */
export function Sprite() {
  return (
    <svg width="0" height="0" aria-hidden="true" className="absolute">
      <defs>
        <symbol id="g-pass" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5.5" fill="currentColor" />
          <path
            d="M3.6 6.2 5.3 7.9 8.5 4.4"
            fill="none"
            stroke="var(--color-canvas)"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </symbol>
        <symbol id="g-fail" viewBox="0 0 12 12">
          <rect x=".5" y=".5" width="11" height="11" rx="2" fill="currentColor" />
          <path
            d="m3.8 3.8 4.4 4.4m0-4.4L3.8 8.2"
            stroke="var(--color-canvas)"
            strokeWidth="1.6"
            strokeLinecap="round"
          />
        </symbol>
        <symbol id="g-infra" viewBox="0 0 12 12">
          <path d="M6 1.1 11.2 10.4H.8Z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
          <path d="M6 4.6v2.5m0 1.5v.1" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
        </symbol>
        <symbol id="g-skipped" viewBox="0 0 12 12">
          <path
            d="M6 .9 11.1 6 6 11.1.9 6Z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
        </symbol>
        <symbol id="g-unknown" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray="2 1.6" />
          <path d="M6 5v3m0-4.6v.1" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
        </symbol>
        <symbol id="g-run" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M6 1a5 5 0 0 1 0 10Z" fill="currentColor" />
        </symbol>
        <symbol id="g-cancel" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="m2.7 9.3 6.6-6.6" stroke="currentColor" strokeWidth="1.4" />
        </symbol>
        <symbol id="g-inc" viewBox="0 0 12 12">
          <rect x="1" y="1" width="10" height="10" rx="2" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M3.6 6h4.8" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
        </symbol>
        <symbol id="g-warn" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path
            d="M6 3.2V6l2 1.3"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </symbol>
        <symbol id="g-queued" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <circle cx="6" cy="6" r="1.3" fill="currentColor" />
        </symbol>
        <symbol id="g-differ" viewBox="0 0 12 12">
          <rect x="1" y="1" width="10" height="10" rx="2" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M1.5 10.500 10.500 1.500V9a1.500 1.500 0 0 1-1.500 1.500Z" fill="currentColor" />
        </symbol>
        <symbol id="i-search" viewBox="0 0 24 24">
          <circle cx="11" cy="11" r="7" />
          <path d="m20 20-3.8-3.8" />
        </symbol>
        <symbol id="i-chev" viewBox="0 0 24 24">
          <path d="m6 9 6 6 6-6" />
        </symbol>
        <symbol id="i-x" viewBox="0 0 24 24">
          <path d="m6 6 12 12M18 6 6 18" />
        </symbol>
        <symbol id="i-plus" viewBox="0 0 24 24">
          <path d="M12 5v14M5 12h14" />
        </symbol>
        <symbol id="i-link" viewBox="0 0 24 24">
          <path d="M9 17H7A5 5 0 0 1 7 7h2m6 0h2a5 5 0 0 1 0 10h-2M8 12h8" />
        </symbol>
        <symbol id="i-code" viewBox="0 0 24 24">
          <path d="m8 6-6 6 6 6m8-12 6 6-6 6" />
        </symbol>
        <symbol id="i-down" viewBox="0 0 24 24">
          <path d="M12 3v12m-5-5 5 5 5-5M4 21h16" />
        </symbol>
        <symbol id="i-sun" viewBox="0 0 24 24">
          <circle cx="12" cy="12" r="4" />
          <path d="M12 2v2m0 16v2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M2 12h2m16 0h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4" />
        </symbol>
        <symbol id="i-ext" viewBox="0 0 24 24">
          <path d="M14 4h6v6m0-6L10 14M18 14v6H4V6h6" />
        </symbol>
        <symbol id="i-wrap" viewBox="0 0 24 24">
          <path d="M3 6h18M3 12h15a3 3 0 1 1 0 6h-4m2-2-2 2 2 2M3 18h7" />
        </symbol>
        <symbol id="i-refresh" viewBox="0 0 24 24">
          <path d="M3 12a9 9 0 0 1 15-6.7L21 8m0-5v5h-5m5 4a9 9 0 0 1-15 6.7L3 16m0 5v-5h5" />
        </symbol>
        <symbol id="i-check" viewBox="0 0 24 24">
          <path d="m4 12 5 5L20 6" />
        </symbol>
        <symbol id="i-copy" viewBox="0 0 24 24">
          <rect x="9" y="9" width="12" height="12" rx="2" />
          <path d="M5 15H3V3h12v2" />
        </symbol>
        <symbol id="i-left" viewBox="0 0 24 24">
          <path d="m15 6-6 6 6 6" />
        </symbol>
        <symbol id="i-right" viewBox="0 0 24 24">
          <path d="m9 6 6 6-6 6" />
        </symbol>
        <symbol id="i-swap" viewBox="0 0 24 24">
          <path d="m16 3 4 4-4 4m4-4H4m4 14-4-4 4-4m-4 4h16" />
        </symbol>
        <symbol id="i-moon" viewBox="0 0 24 24">
          <path d="M20 14.5A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z" />
        </symbol>
      </defs>
    </svg>
  );
}
