/** What somebody types: a login, and a password that is not shown. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

export type Credentials = { login: string; password: string };
type Input = Readable & { isTTY?: boolean };

/** From a terminal, where `known` is the login without one; else two lines. @throws CommandFailure */
export async function askCredentials(known: string | null, input: Input, shown: Writable): Promise<Credentials> {
  if (!input.isTTY) {
    const [login = '', password = ''] = (await text(input)).split(/\r?\n/);
    if (!login || !password)
      throw new CommandFailure(EXIT.usage, 'no terminal to ask on: give login and password as two lines, or --token -');
    return { login, password };
  }
  let isHidden = false;
  const output = new Writable({
    write(chunk, _, done) {
      if (!isHidden) shown.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  // Both may come at once, pasted.
  const typed: string[] = [];
  let heard = () => undefined as unknown;
  lines.on('line', (line) => {
    isHidden = true;
    typed.push(line);
    heard();
  });
  lines.on('close', () => heard());
  const next = async () => {
    if (typed.length === 0) await new Promise<unknown>((resolve) => (heard = () => resolve(null)));
    const line = typed.shift();
    if (line === undefined) throw new CommandFailure(EXIT.stopped, 'nothing was typed');
    return line;
  };
  try {
    lines.setPrompt(known === null ? 'Login: ' : `Login [${known}]: `);
    lines.prompt();
    const login = (await next()).trim() || known || '';
    shown.write('Password: ');
    return { login, password: await next() };
  } finally {
    shown.write('\n');
    lines.close();
  }
}
