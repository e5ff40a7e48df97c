import { parseArgs } from 'node:util';
import { startLocalAws } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    directory: { type: 'string' },
    account: { type: 'string' },
    region: { type: 'string' },
    'github-api': { type: 'string' },
    'clock-speed': { type: 'string', default: '1' },
  },
});

const aws = await startLocalAws({
  port: Number(values.port),
  clock: { speed: Number(values['clock-speed']) },
  ...(values.directory !== undefined && { directory: values.directory }),
  ...(values.account !== undefined && { account: values.account }),
  ...(values.region !== undefined && { region: values.region }),
  ...(values['github-api'] !== undefined && { githubApi: values['github-api'] }),
  log: process.stderr,
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void aws.close().then(() => process.exit()));
console.log(
  JSON.stringify({
    endpoint: aws.endpoint,
    account: aws.account,
    region: aws.region,
    environment: aws.environment,
  }),
);
