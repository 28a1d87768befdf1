/** The inbox of a source in the store, for the adapter of what agents read. */
import type { Micros } from '#schema/records.ts';
import { askAgent, readAnswer, withdrawQuestion } from '#store/agent-question.ts';
import { askAnew, forgetInbox, getAgent, listInbox } from '#store/inbox.ts';
import type { Writer } from '#store/writer.ts';
import type { InboxOf } from './sources.ts';

export function inboxIn(writer: Writer, now: () => Micros = () => Date.now() * 1000): InboxOf {
  return (slug) => ({
    state: () => getAgent(writer.store, slug),
    after: (place) => listInbox(writer.store, slug, place),
    forget: (place) => forgetInbox(writer, slug, place),
    beginAnew: () => askAnew(writer, slug),
    ask: (question) => askAgent(writer, slug, question, now()),
    answerTo: (key) => readAnswer(writer.store, key),
    withdraw: (key) => withdrawQuestion(writer, key),
  });
}
