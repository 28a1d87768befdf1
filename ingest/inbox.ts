/** The inbox of a source in the store, for the adapter of what agents read. */
import { askAnew, forgetInbox, getAgent, listInbox } from '#store/inbox.ts';
import type { Writer } from '#store/writer.ts';
import type { InboxOf } from './sources.ts';

export function inboxIn(writer: Writer): InboxOf {
  return (slug) => ({
    state: () => getAgent(writer.store, slug),
    after: (place) => listInbox(writer.store, slug, place),
    forget: (place) => forgetInbox(writer, slug, place),
    beginAnew: () => askAnew(writer, slug),
  });
}
