import * as core from '@actions/core';

export type Log = {
  info(text: string): void;
  /** An annotation on the run's page. */
  notice(text: string): void;
  warning(text: string): void;
  /** A section that the reader can fold. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
  /** Lines that somebody else wrote (a training log): printed as they are, and never obeyed as workflow commands. */
  untrusted(lines: readonly string[]): void;
  /** From here on the runner prints *** in the value's place. */
  mask(value: string): void;
};

export const log: Log = {
  info: core.info,
  notice: (text) => core.notice(text),
  warning: (text) => core.warning(text),
  group: core.group,
  untrusted(lines) {
    if (lines.length === 0) return;
    // Between these two lines the runner takes no command; nobody who writes a log can guess the token.
    // Node's global crypto is loaded when it is first used, which is not at every start.
    const token = crypto.randomUUID();
    process.stdout.write(`::stop-commands::${token}\n${lines.join('\n')}\n::${token}::\n`);
  },
  mask: core.setSecret,
};
