/** One moving line a source on a terminal; elsewhere only what has ended, a line each. */
export type Progress = { update(name: string, text: string): void; finish(name: string, text: string): void };

export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const moving = new Map<string, string>();
  let drawn = 0;
  const draw = () => {
    if (!out.isTTY) return;
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
    for (const [name, text] of moving) out.write(`${name}: ${text}\n`);
    drawn = moving.size;
  };
  return {
    update(name, text) {
      moving.set(name, text);
      draw();
    },
    finish(name, text) {
      if (out.isTTY && drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
      drawn = 0;
      moving.delete(name);
      out.write(`${name}: ${text}\n`);
      draw();
    },
  };
}
