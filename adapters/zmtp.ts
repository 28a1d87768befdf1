/** ZMTP 3 (https://rfc.zeromq.org/spec/23/), as far as whoever subscribes without a login needs it. */

/** What came is no ZMTP, or more than is taken. */
export class NotZmtp extends Error {
  override name = 'NotZmtp';
}

export type Part =
  | { kind: 'greeting' }
  | { kind: 'command'; name: string; data: Buffer }
  | { kind: 'message'; frames: Buffer[] };

type Taken = { length: number; part: Part | null };

const SIGNATURE = 10;
const GREETING = 64;
const NULL = 'NULL';
/** Of one message; an event of LAVA has five. */
const MOST_FRAMES = 64;

const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** Version 3.0, no login. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write(NULL, 12, 'latin1');
  return bytes;
}

/** Of at most 255 bytes. */
function command(name: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([COMMAND, 1 + name.length + data.length, name.length]), Buffer.from(name), data]);
}

export function readyToSubscribe(): Buffer {
  const [key, value] = ['Socket-Type', 'SUB'];
  return command('READY', Buffer.concat([Buffer.from([key.length]), Buffer.from(`${key}\0\0\0${'\x03'}${value}`)]));
}

/** To everything. */
export const subscription = (): Buffer => Buffer.from([0, 1, 1]);
export const ping = (): Buffer => command('PING', Buffer.alloc(2));
/** `data`: of the ping. */
export const pong = (data: Buffer): Buffer => command('PONG', data.subarray(2, 18));

/**
 * Takes bytes as they arrive and gives what is whole, also what came before rubbish.
 * @throws NotZmtp, and is of no use after it.
 */
export function createReader(maxBytes: number): (bytes: Buffer) => Generator<Part> {
  let waiting: Buffer[] = [];
  let size = 0;
  /** Fewer bytes than these are not worth a look. */
  let wanted = SIGNATURE;
  let isGreeted = false;
  let frames: Buffer[] = [];

  const greet = (bytes: Buffer): Taken => {
    if (bytes[0] !== 0xff || bytes[9] !== 0x7f) throw new NotZmtp('something else answers');
    wanted = GREETING;
    if (bytes.length < GREETING) return { length: 0, part: null };
    const version = bytes[10] ?? 0;
    const mechanism = bytes.toString('latin1', 12, 32).replace(/\0+$/, '');
    if (version < 3) throw new NotZmtp(`it speaks version ${version} of ZMTP, and 3 is needed`);
    if (mechanism !== NULL) throw new NotZmtp(`it wants a login (${JSON.stringify(mechanism)})`);
    isGreeted = true;
    return { length: GREETING, part: { kind: 'greeting' } };
  };

  /** The first frame and its bytes, header included; 0 where it is not whole. */
  const take = (bytes: Buffer): Taken => {
    const flags = bytes[0] ?? 0;
    if (flags > (MORE | LONG | COMMAND) || (flags & COMMAND && flags & MORE)) throw new NotZmtp('it sends rubbish');
    const header = flags & LONG ? 9 : 2;
    wanted = header;
    if (bytes.length < header) return { length: 0, part: null };
    const length = flags & LONG ? Number(bytes.readBigUInt64BE(1)) : bytes.readUInt8(1);
    const before = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (before + length > maxBytes || frames.length >= MOST_FRAMES) {
      throw new NotZmtp(`it sends a message of more than ${maxBytes} bytes or ${MOST_FRAMES} frames`);
    }
    wanted = header + length;
    if (bytes.length < wanted) return { length: 0, part: null };
    const body = bytes.subarray(header, wanted);
    if (flags & COMMAND) return { length: wanted, part: readCommand(body) };
    frames.push(body);
    if (flags & MORE) return { length: wanted, part: null };
    const message = frames;
    frames = [];
    return { length: wanted, part: { kind: 'message', frames: message } };
  };

  return function* (chunk) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    let bytes = Buffer.concat(waiting);
    for (;;) {
      const { length, part } = isGreeted ? take(bytes) : greet(bytes);
      if (length === 0) break;
      bytes = bytes.subarray(length);
      wanted = 1;
      if (part) yield part;
      if (bytes.length === 0) break;
    }
    waiting = [bytes];
    size = bytes.length;
  };
}

function readCommand(body: Buffer): Part {
  const end = 1 + (body[0] ?? 0);
  if (body.length < end) throw new NotZmtp('it sends rubbish');
  return { kind: 'command', name: body.toString('latin1', 1, end), data: body.subarray(end) };
}
