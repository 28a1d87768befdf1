import { publicOrigin } from '@/public-origin.ts';
import { asHtml, asMarkdown } from './badge-text.ts';
import { Code } from './code.tsx';
import { Icon } from './glyph.tsx';

/** Lines that show a badge elsewhere. `badge`, `page`: their addresses here; `name`: what the badge is of. */
export async function BadgeMenu({ name, badge, page }: { name: string; badge: string; page: string }) {
  const origin = await publicOrigin();
  const of = { name, badge: origin + badge, page: origin + page };
  return (
    <details className="pick" name="floating">
      <summary className="btn ghost">
        <Icon name="copy" />
        Badge
      </summary>
      <div className="pop">
        <h2>Badge of {name}</h2>
        <Code title="Markdown" text={asMarkdown(of)} />
        <Code title="HTML" text={asHtml(of)} />
        <p className="dim">
          It shows what a visitor without a token sees. “.json” instead of “.svg” is for shields.io.
        </p>
      </div>
    </details>
  );
}
