/** What stands between the contract as it was published last and as it is now. */
import { buildSchema, DangerousChangeType, findBreakingChanges, findDangerousChanges, printSchema } from 'graphql';

/** A breaking change that is meant, and why; `change` in the words of graphql-js. */
export type AcceptedChange = { change: string; why: string };

export type SchemaDiff = {
  /** The contract of now, as it is published. */
  text: string;
  isCurrent: boolean;
  accepted: AcceptedChange[];
  /** Breaking changes that nobody gave a reason for. */
  refused: string[];
  /** Reasons for what does not happen. */
  pointless: string[];
  /** What a client may notice though nothing that it asks for is gone. */
  noticeable: string[];
};

/** What graphql-js calls dangerous only: another answer to the same query. */
const BREAKING_TOO: readonly string[] = [DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE];

/** The contract as one text, in the words of `printSchema`. */
export function publishedForm(sdl: string): string {
  return `${printSchema(buildSchema(sdl))}\n`;
}

/** `sdl` in any form; `reasons` of this publication alone. */
export function diffSchema(published: string, sdl: string, reasons: readonly AcceptedChange[]): SchemaDiff {
  const [before, after] = [buildSchema(published), buildSchema(sdl)];
  const dangerous = findDangerousChanges(before, after);
  const breaking = new Set(
    [...findBreakingChanges(before, after), ...dangerous.filter(({ type }) => BREAKING_TOO.includes(type))].map(
      ({ description }) => description,
    ),
  );
  const text = publishedForm(sdl);
  const accepted = reasons.filter(({ change }) => breaking.has(change));
  return {
    text,
    isCurrent: text === published,
    accepted,
    refused: [...breaking].filter((description) => !accepted.some(({ change }) => change === description)),
    pointless: reasons.filter(({ change }) => !breaking.has(change)).map(({ change }) => change),
    noticeable: dangerous.map(({ description }) => description).filter((description) => !breaking.has(description)),
  };
}
