import { Copy } from '@/ui/copy.tsx';

/** A command to paste, and what it does. */
export function Command({ text, means }: { text: string; means: string }) {
  return (
    <div>
      <code>{text}</code>
      <Copy text={text} label="Copy" />
      <span className="dim">{means}</span>
    </div>
  );
}
