import { Copy } from './copy.tsx';
import { Scroll } from './scroll.tsx';

/** A text to take along, with a button that copies it. */
export function Code({ title, text }: { title: string; text: string }) {
  return (
    <>
      <div className="sh">
        <h3>{title}</h3>
        <span className="more">
          <Copy text={text} label={`Copy ${title}`} />
        </span>
      </div>
      <Scroll className="code" label={title}>
        <pre>
          <code>{text}</code>
        </pre>
      </Scroll>
    </>
  );
}
