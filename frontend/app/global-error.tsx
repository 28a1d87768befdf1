'use client';
import { Failure } from '@/ui/failure.tsx';
import { Sprite } from '@/ui/sprite.tsx';
import './globals.css';

export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <Sprite />
        <Failure error={error} retry={reset} />
      </body>
    </html>
  );
}
