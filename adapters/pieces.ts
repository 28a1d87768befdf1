/** An answer's bytes as they arrive; what is long is held compressed. */
import { StringDecoder } from 'node:string_decoder';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** At most so much is held as it came. */
const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 10;
/** Here a piece is put together: what is compressed at once is needed no more. */
const together = Buffer.allocUnsafeSlow(PIECE_BYTES);

/** Iterated, it gives the bytes in order, a piece at a time. */
export class Pieces implements Iterable<Buffer> {
  readonly #packed: Buffer[] = [];
  #open: Buffer[] = [];
  #openBytes = 0;
  #length = 0;
  #lines = 0;
  #tail = 0;

  get length(): number {
    return this.#length;
  }

  /** Lines that have an end, and the bytes after the last of them. */
  get lines(): number {
    return this.#lines;
  }

  get tail(): number {
    return this.#tail;
  }

  add(chunk: Buffer): void {
    // A text lies in V8's own memory: what fills that makes it collect the chunks that were taken before.
    const text = chunk.toString('latin1');
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines += 1;
    const newline = text.lastIndexOf('\n');
    this.#tail = newline < 0 ? this.#tail + chunk.length : chunk.length - newline - 1;
    this.#length += chunk.length;
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, PIECE_BYTES - this.#openBytes);
      rest = rest.subarray(part.length);
      this.#open.push(part);
      this.#openBytes += part.length;
      if (this.#openBytes === PIECE_BYTES) this.#pack();
    }
  }

  #pack(): void {
    let at = 0;
    for (const chunk of this.#open) at += chunk.copy(together, at);
    this.#packed.push(zstdCompressSync(together));
    this.#open = [];
    this.#openBytes = 0;
  }

  *[Symbol.iterator](): Generator<Buffer> {
    for (const piece of this.#packed) yield zstdDecompressSync(piece);
    if (this.#openBytes > 0) yield Buffer.concat(this.#open);
  }

  /** All of it, as UTF-8. */
  text(): string {
    const decoder = new StringDecoder('utf8');
    let text = '';
    for (const piece of this.#packed) text += decoder.write(zstdDecompressSync(piece));
    for (const chunk of this.#open) text += decoder.write(chunk);
    return text + decoder.end();
  }

  /** The last line that has an end, as UTF-8; empty without one. */
  lastLine(): string {
    if (this.#lines === 0) return '';
    let end = Buffer.concat(this.#open);
    for (let i = this.#packed.length; ; ) {
      const upTo = end.length - this.#tail - 2;
      const after = upTo < 0 ? 0 : end.lastIndexOf(NEWLINE, upTo) + 1;
      const packed = after > 0 ? undefined : this.#packed[--i];
      if (!packed) return end.toString('utf8', after, end.length - this.#tail);
      end = Buffer.concat([zstdDecompressSync(packed), end]);
    }
  }

  /** The first so many bytes, at most those of the first piece, as UTF-8. */
  beginning(bytes: number): string {
    for (const piece of this) return piece.toString('utf8', 0, bytes);
    return '';
  }
}
