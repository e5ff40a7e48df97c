import { rolldown } from 'rolldown';
import { unmodelledErrors } from '../unmodelled-errors.ts';

/* Bundles a program as the build does its actions, in a process of its own: rolldown does not run inside of jest. */

const [input = '', file = ''] = process.argv.slice(2);
const bundle = await rolldown({
  input,
  platform: 'node',
  plugins: [unmodelledErrors],
  resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'module', 'node', 'default'] },
  treeshake: { moduleSideEffects: false },
  external: [/^node:/],
  checks: { circularDependency: false },
});
await bundle.write({ file, format: 'esm', codeSplitting: false });
