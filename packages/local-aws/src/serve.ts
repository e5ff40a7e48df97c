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

const end = () => void aws.close().then(() => process.exit());
process.once('SIGTERM', end).once('SIGINT', end);
// Whoever started this over a channel and is gone, killed even, cannot end it any more.
process.once('disconnect', end);
console.log(
  JSON.stringify({
    endpoint: aws.endpoint,
    account: aws.account,
    region: aws.region,
    environment: aws.environment,
  }),
);
