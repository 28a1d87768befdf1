import type { ReactNode } from 'react';
import { Measure } from '@/ui/count.tsx';
import { Note } from '@/ui/note.tsx';

export type Part = { title: string; text: ReactNode };

/** What has to be known before numbers are read: one note, or none. */
export function KnownFirst({ parts }: { parts: readonly Part[] }) {
  if (parts.length === 0) return null;
  return (
    <Note>
      {parts.map(({ title, text }) => (
        <p key={title}>
          <b>{title}</b> <Measure>{text}</Measure>
        </p>
      ))}
    </Note>
  );
}
