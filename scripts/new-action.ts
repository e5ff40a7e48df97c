import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/* Lays out an action: npm run new-action -- prepare-data "Prepares data with Glue." */

const [name, description] = process.argv.slice(2);
if (name === undefined || description === undefined || !/^[a-z]+(-[a-z]+)*$/.test(name)) {
  console.error('usage: npm run new-action -- <name-in-kebab-case> "<what it does, in a sentence>"');
  process.exit(2);
}
const folder = path.resolve(import.meta.dirname, '..', 'actions', name);
if (existsSync(folder)) {
  console.error(`actions/${name} exists already`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });

const files: Record<string, string> = {
  'contract.ts': `import { defineAction, name } from '@tidegate/github';

export const contract = defineAction({
  name: '${name}',
  description: ${JSON.stringify(description)},
  inputs: {
    model: name({ description: 'The model’s name.', required: true, manifest: 'model' }),
  },
  outputs: {},
});
`,
  'main.ts': `import { runAction } from '@tidegate/github';
import { contract } from './contract.ts';

await runAction(contract, async (inputs, { log }) => {
  log.info(\`nothing is done for \${inputs.model} yet\`);
  throw new Error('${name} has no use-case yet: write it in packages/pipeline and call it here');
});
`,
  'README.md': `# ${name}

${description}

\`\`\`yaml
- uses: tidegate/tidegate/actions/${name}@v1
  with:
    model: flight-delay
\`\`\`

<!-- contract: made by npm run docs -->

<!-- /contract -->
`,
};
for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
console.log(`actions/${name} is laid out; next: a use-case in packages/pipeline/src, then npm run docs`);
