/** Bytes from outside as text that can be shown anywhere. */

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Controls but tab and line feed, and what turns or hides the text around it. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Printable UTF-8 as it is; every other byte as \x1b. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOf(bytes[at] ?? 0);
    const character = length === 0 ? null : decode(bytes.subarray(at, at + length));
    if (character === null) {
      text += hex(bytes.subarray(at, at + 1));
      at += 1;
    } else {
      text += character;
      at += length;
    }
  }
  return text.replace(UNSEEN, (character) => hex(new TextEncoder().encode(character)));
}

/** Of the UTF-8 character that the byte begins; 0 where it begins none. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

function decode(bytes: Uint8Array): string | null {
  try {
    // A decoder drops a byte order mark at the beginning.
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : decoder.decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) return null;
    throw cause;
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
