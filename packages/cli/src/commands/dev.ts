import path from 'node:path';
import { startServers } from '../local/servers.ts';
import { parseCommandLine, parsePositive } from './arguments.ts';

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, {
    repository: { type: 'string', default: '.' },
    port: { type: 'string' },
    'github-port': { type: 'string' },
    'clock-speed': { type: 'string', default: '1' },
    directory: { type: 'string', default: path.join('.tidegate', 'dev') },
  });
  const servers = await startServers({
    folder: values.repository,
    directory: path.resolve(values.directory),
    clockSpeed: parsePositive('clock-speed', values['clock-speed']),
    ...(values.port === undefined ? {} : { awsPort: parsePositive('port', values.port) }),
    ...(values['github-port'] === undefined
      ? {}
      : { githubPort: parsePositive('github-port', values['github-port']) }),
  });
  for (const [name, value] of Object.entries(servers.environment)) console.log(`export ${name}=${value}`);
  console.log(
    `# ${servers.repository} is at ${servers.github.serverUrl}; state is kept in ${values.directory}. Ctrl-C ends both.`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await servers.close();
  return 0;
}
