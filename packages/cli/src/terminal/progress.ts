import { elapsed, style } from './style.ts';

/** One line that says what is going on and for how long, rewritten in a terminal and never printed elsewhere. */
export type Progress = {
  /** What runs now, asked again whenever it is drawn; undefined when nothing does. */
  now(text: string | (() => string) | undefined): void;
  /** A finished line, kept. */
  line(text: string): void;
  end(): void;
};

export function showProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const live = out.isTTY && process.env['TERM'] !== 'dumb';
  let current: { text: string | (() => string); since: number } | undefined;
  let drawn = false;
  const clear = () => {
    if (drawn) out.write('\r\u001B[2K');
    drawn = false;
  };
  const draw = () => {
    if (!live || current === undefined) return;
    clear();
    const said = typeof current.text === 'string' ? current.text : current.text();
    const text = `  … ${said} ${elapsed(performance.now() - current.since)}`;
    out.write(style.dim(text.slice(0, (out.columns || 100) - 1)));
    drawn = true;
  };
  const timer = live ? setInterval(draw, 200).unref() : undefined;
  return {
    now(text) {
      if (text === current?.text) return;
      current = text === undefined ? undefined : { text, since: performance.now() };
      clear();
      draw();
    },
    line(text) {
      clear();
      out.write(`${text}\n`);
      draw();
    },
    end() {
      clear();
      current = undefined;
      clearInterval(timer);
    },
  };
}
