'use client';
import { Failure } from '@/ui/failure.tsx';
import './globals.css';

export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Basalt could not be read</title>
        <Failure error={error} retry={reset} />
      </body>
    </html>
  );
}
