/** Growing buffer of unsigned and zigzag varints, seven bits a byte, lowest first; up to 2^53. */
export type Writer = {
  readonly length: number;
  byte(value: number): void;
  uint(value: number): void;
  int(value: number): void;
  /** Zigzag integers, nulls left out; `relative`: each as the difference from the one before. */
  ints(values: readonly (number | null)[], relative: boolean): void;
  bytes(value: Uint8Array): void;
  /** Length, then UTF-8. The text must be well formed (see text.ts). */
  text(value: string): void;
  finish(): Buffer;
};

const LIMIT = 2 ** 53;

export function createWriter(size = 256): Writer {
  let buffer = Buffer.allocUnsafe(size);
  let at = 0;
  const room = (n: number) => {
    if (at + n <= buffer.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + n));
    buffer.copy(bigger, 0, 0, at);
    buffer = bigger;
  };
  const uint = (value: number) => {
    if (!(value >= 0 && value <= LIMIT)) throw new RangeError(`not an unsigned integer below 2^53: ${value}`);
    room(8);
    let rest = value;
    while (rest >= 0x80000000) {
      buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
  };
  return {
    get length() {
      return at;
    },
    byte(value) {
      room(1);
      buffer[at++] = value;
    },
    uint,
    int: (value) => uint(value < 0 ? -2 * value - 1 : 2 * value),
    ints(values, relative) {
      let last = 0;
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (value == null) continue;
        const step = relative ? value - last : value;
        last = value;
        if (step >= -32 && step < 64) {
          if (at >= buffer.length) room(1);
          buffer[at++] = step < 0 ? -2 * step - 1 : 2 * step;
        } else uint(step < 0 ? -2 * step - 1 : 2 * step);
      }
    },
    bytes(value) {
      room(value.length);
      buffer.set(value, at);
      at += value.length;
    },
    text(value) {
      const length = Buffer.byteLength(value);
      uint(length);
      room(length);
      at += buffer.write(value, at);
    },
    finish: () => buffer.subarray(0, at),
  };
}

/** Of a column: from one cell up to, and without, another. */
export type Part = { size: number; from: number; until: number };

export type Reader = {
  readonly done: boolean;
  byte(): number;
  uint(): number;
  int(): number;
  /** What Writer.ints wrote of `part.size` integers: those of the part; the others are passed over. */
  ints(part: Part, relative: boolean): number[];
  bytes(length: number): Buffer;
  /** All that is left. */
  rest(): Buffer;
  text(): string;
};

export function createReader(source: Uint8Array): Reader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  const byte = () => {
    const value = buffer[at++];
    if (value === undefined) throw new RangeError('packed bytes end too early');
    return value;
  };
  const uint = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      scale *= 128;
    }
  };
  const int = () => {
    const value = uint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  };
  const bytes = (length: number) => {
    if (at + length > buffer.length) throw new RangeError('packed bytes end too early');
    at += length;
    return buffer.subarray(at - length, at);
  };
  return {
    get done() {
      return at >= buffer.length;
    },
    byte,
    uint,
    int,
    ints({ size, from, until }, relative) {
      const values = new Array<number>(until - from).fill(0);
      let last = 0;
      for (let i = 0; i < until; i++) {
        const first = buffer[at];
        let step: number;
        if (first !== undefined && first < 128) {
          at += 1;
          step = first & 1 ? -(first + 1) >> 1 : first >> 1;
        } else step = int();
        last = relative ? last + step : step;
        if (i >= from) values[i - from] = last;
      }
      for (let left = size - until; left > 0; ) if (byte() < 128) left -= 1;
      return values;
    },
    bytes,
    rest: () => bytes(buffer.length - at),
    text: () => bytes(uint()).toString('utf8'),
  };
}
