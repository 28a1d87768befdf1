/** Failure groups that people take apart: which part a failure is in follows from the split and the failure alone. */
import { createHash } from 'node:crypto';
import type { LinearPattern } from './linear-pattern.ts';

export const SPLIT_BY = ['SOURCE', 'DEVICE_TYPE', 'MESSAGE'] as const;
export type SplitBy = (typeof SPLIT_BY)[number];

/** `value`: the one lab or device type that is taken out, null where each is a part; of MESSAGE the pattern. */
export type Split = { by: SplitBy; value: string | null };
export type CompiledSplit = Split & { /** Of MESSAGE alone. */ pattern: LinearPattern | null };

/** What of a failure a split looks at. */
export type SplitPlace = {
  /** Slug. */
  source: string;
  /** As it is called here. */
  deviceType: string;
  /** What LAVA or the kernel said; null where nothing did. */
  text: string | null;
};

type Named = { fingerprint: string; title: string; why: string };

/** So deep may parts of parts go. */
export const DEEPEST = 4;
/** Characters of a message that a pattern is looked for in. */
export const LOOKED_AT = 4096;
const DIGITS = 12;
const SHOWN = { title: 60, why: 200 };

/** Two splits of a group that say the same have the same key. */
export function splitKey({ by, value }: Split): string {
  return digits(by, value);
}

/** What the fingerprints of all parts of a split begin with. */
export function partsBegin(fingerprint: string, split: Split): string {
  return `${fingerprint}~${splitKey(split)}`;
}

/** Of a part: the group that was split, and the key of the split. Null of a group that no split made. */
export function splitOfPart(fingerprint: string): { parent: string; key: string } | null {
  const at = fingerprint.lastIndexOf('~');
  return at < 0 ? null : { parent: fingerprint.slice(0, at), key: fingerprint.slice(at + 1, at + 1 + DIGITS) };
}

export function depthOf(fingerprint: string): number {
  return fingerprint.split('~').length - 1;
}

/** Into which part the split puts the failure; null where it leaves it in the group. */
export function partFor(
  { by, value, pattern }: CompiledSplit,
  { source, deviceType, text }: SplitPlace,
): string | null {
  if (by === 'MESSAGE') return text !== null && pattern?.test(text) ? value : null;
  const is = by === 'SOURCE' ? source : deviceType;
  return value === null || value === is ? is : null;
}

/** Of several splits the first that takes the failure out does, and the part may be split again. */
export function splitUp<Group extends Named>(
  group: Group,
  splitsOf: (fingerprint: string) => readonly CompiledSplit[],
  place: SplitPlace,
): Group {
  for (const split of splitsOf(group.fingerprint)) {
    const part = partFor(split, place);
    if (part !== null) return splitUp(namedPart(group, split, part), splitsOf, place);
  }
  return group;
}

/** The part by its own name; all of it follows from the group, the split and the value. */
export function namedPart<Group extends Named>(group: Group, split: Split, part: string): Group {
  const [short, long] = [shown(part, SHOWN.title), shown(part, SHOWN.why)];
  const [title, which] = {
    SOURCE: [`lab ${short}`, `of the lab ${long}`],
    DEVICE_TYPE: [short, `of boards of the type ${long}`],
    MESSAGE: [`/${short}/`, `whose message has the pattern ${long}`],
  }[split.by];
  return {
    ...group,
    fingerprint: `${partsBegin(group.fingerprint, split)}${digits(part)}`,
    title: `${group.title} · ${title}`,
    why: `${group.why} Of these, it has those ${which}.`,
  };
}

function digits(...parts: (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}

function shown(text: string, most: number): string {
  const characters = [...text.toWellFormed().replace(/[\p{Cc}\p{Cf}]+/gu, ' ')];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
