import { runPost } from '@tidegate/github';
import { contract } from './contract.ts';

// After a good run the job has ended and nothing happens here; after a cancelled one no machine must be left running.
await runPost(contract, async (state, run) => {
  if (state('job') !== '') await (await import('./stop.ts')).stop(state, run);
});
