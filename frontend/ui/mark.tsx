/** Three basalt columns. */
export function Mark() {
  return (
    <svg viewBox="0 0 18 18" aria-hidden="true">
      <path d="M1.2 8.4 4 6.8l2.8 1.6V16H1.2Z" fill="currentColor" opacity=".55" />
      <path d="M6.2 4.1 9 2.5l2.8 1.6V16H6.2Z" fill="currentColor" />
      <path d="M11.2 10.7 14 9.1l2.8 1.6V16h-5.6Z" fill="currentColor" opacity=".75" />
    </svg>
  );
}
