/** What somebody types: a login, and a password that is not shown. */
import { createInterface, type Interface } from 'node:readline';
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
  try {
    const login = (await ask(lines, known === null ? 'Login: ' : `Login [${known}]: `)) || known || '';
    const answer = ask(lines, 'Password: ');
    isHidden = true;
    return { login, password: await answer };
  } finally {
    isHidden = false;
    shown.write('\n');
    lines.close();
  }
}

function ask(lines: Interface, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new CommandFailure(EXIT.stopped, 'nothing was typed'));
    lines.once('close', closed);
    lines.question(prompt, (answer) => {
      lines.removeListener('close', closed);
      resolve(answer.trim() === '' ? '' : answer);
    });
  });
}
