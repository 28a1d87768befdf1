/** What an agent has pushed, as the adapter sees it: kept by others, read in order, deleted once it is stored. */
import type { AgentState, Question } from '#schema/agent-batch.ts';

/** Terms follow each other when one spool takes the place of another. */
export type Place = { term: number; sequence: number };

export type InboxEntry = Place & { kind: string; body: Buffer };

export type Inbox = {
  /** Null when no agent has called yet. */
  state(): Promise<AgentState | null>;
  /** Some of the entries after the place, in order; none when there is no more. */
  after(place: Place): Promise<InboxEntry[]>;
  /** What is up to the place is stored. */
  forget(place: Place): Promise<void>;
  /** The agent is to read everything once more. */
  beginAnew(): Promise<void>;
  /** The key of the question, which waits for the agent's next call until it is withdrawn. */
  ask(question: Question): Promise<string>;
  /** As it came; null while there is none. */
  answerTo(key: string): Promise<Buffer | null>;
  withdraw(key: string): Promise<void>;
};
