import { runAction } from '@tidegate/github';
import { contract } from './contract.ts';

// Loaded when the inputs are known to be good: a wrong input is refused before AWS's clients are loaded.
await runAction(contract, async (inputs, run) => (await import('./body.ts')).evaluateGate(inputs, run), {
  manifest: async (path) => (await import('../manifest.ts')).readManifest(path),
});
