/** What happens, told to everybody who listens at that moment. */
import { GraphQLError } from 'graphql';

/** Events that wait for one listener. */
const MOST_WAITING = 1_000;

export type Topic<Event> = {
  publish(event: Event): void;
  /** From now on, behind those that are `known`. Fails with TOO_SLOW when more events wait than are kept. */
  listen(...known: Event[]): AsyncIterableIterator<Event>;
  listenerCount(): number;
};

/** `onChange` hears whenever somebody comes or leaves. */
export function createTopic<Event>(onChange: () => void = () => undefined): Topic<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    publish(event) {
      for (const hear of listeners) hear(event);
    },
    listen(...known) {
      const waiting = [...known];
      let wake = (): void => undefined;
      let isOver = false;
      let isTooSlow = false;
      const hear = (event: Event) => {
        if (waiting.length >= MOST_WAITING) isTooSlow = true;
        else waiting.push(event);
        wake();
      };
      const leave = () => {
        isOver = true;
        if (listeners.delete(hear)) onChange();
        wake();
      };
      listeners.add(hear);
      onChange();
      return {
        async next() {
          while (!isOver) {
            if (isTooSlow) {
              leave();
              throw new GraphQLError(`More than ${MOST_WAITING} events wait to be read: subscribe again.`, {
                extensions: { code: 'TOO_SLOW' },
              });
            }
            const event = waiting.shift();
            if (event !== undefined) return { value: event, done: false };
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          return { value: undefined, done: true };
        },
        async return() {
          leave();
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    listenerCount: () => listeners.size,
  };
}

/** What `toOutcomes` makes of each event: nothing, where it is not for this listener. */
export function mapEvents<Event, Outcome>(
  events: AsyncIterableIterator<Event>,
  toOutcomes: (event: Event) => Promise<Outcome[]>,
): AsyncIterableIterator<Outcome> {
  let ready: Outcome[] = [];
  return {
    async next() {
      while (ready.length === 0) {
        const { value, done } = await events.next();
        if (done) return { value: undefined, done: true };
        ready = await toOutcomes(value).catch(async (cause: unknown) => {
          await events.return?.();
          throw cause;
        });
      }
      const [value, ...rest] = ready as [Outcome, ...Outcome[]];
      ready = rest;
      return { value, done: false };
    },
    async return() {
      await events.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
