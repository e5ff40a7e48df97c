import { parseArgs } from 'node:util';
import { UserError } from './errors.ts';
import { startLocalGithub } from './start.ts';

const USAGE = `A GitHub on this machine, until it is told to stop.

  node packages/local-github/src/main.ts --directory DIR [--port N]
    --repository acme/model=/path/to/git     a repository whose commits are pushed from that folder (again and again)
    --actions tidegate/tidegate=/path        a folder that stands for this repository in \`uses:\`
    --env NAME=VALUE --secret NAME=VALUE --var NAME=VALUE

Prints one line of JSON with apiUrl, serverUrl and token when it is ready, then every event as a line of JSON.`;

const LISTS = { type: 'string', multiple: true } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      port: { type: 'string' },
      help: { type: 'boolean' },
      repository: LISTS,
      actions: LISTS,
      env: LISTS,
      secret: LISTS,
      var: LISTS,
    },
  });
  if (values.help) return print(USAGE);
  if (values.directory === undefined) throw new UserError(`--directory is missing.\n\n${USAGE}`);
  const github = await startLocalGithub({
    directory: values.directory,
    port: Number(values.port ?? 0),
    repositories: pairs(values.repository),
    actions: pairs(values.actions),
    environment: pairs(values.env),
    secrets: pairs(values.secret),
    vars: pairs(values.var),
    onProgress: (event) => print(JSON.stringify(event)),
  });
  const { apiUrl, serverUrl, token } = github;
  print(JSON.stringify({ apiUrl, serverUrl, token }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void github.close());
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const pairs = (given: string[] = []): Record<string, string> =>
  Object.fromEntries(
    given.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new UserError(`'${pair}' is not NAME=VALUE.`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UserError ? `Error: ${error.message}` : (error as Error).stack}\n`,
  );
  process.exitCode = 1;
});
