/** A page that leads on by itself: a redirect would not do where cookies or the policy of forms stop at another site. */
import { xmlText } from './xml.ts';

export function onwardPage({ title, words, link, href }: Record<'title' | 'words' | 'link' | 'href', string>): string {
  const to = xmlText(href);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="0;url=${to}"><title>${xmlText(title)} · Basalt</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:34rem;margin:16vh auto;padding:0 1.5rem}h1{font-size:1.25rem}</style>
<main><h1>${xmlText(title)}</h1><p>${xmlText(words)}</p><p><a href="${to}">${xmlText(link)}</a></p></main></html>`;
}
