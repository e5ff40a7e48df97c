import { readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Contract } from '@tidegate/github';
import { manifestJsonSchema } from '@tidegate/pipeline';

const actions = path.resolve(import.meta.dirname, '../actions');

type Schema = { properties?: Record<string, Schema>; additionalProperties?: Schema | boolean };

test('every place in the manifest that an action looks at is one the manifest may have', async () => {
  const strangers: string[] = [];
  for (const name of readdirSync(actions).filter((each) =>
    existsSync(path.join(actions, each, 'contract.ts')),
  )) {
    const { contract } = (await import(path.join(actions, name, 'contract.ts'))) as { contract: Contract };
    for (const [input, { manifest }] of Object.entries(contract.inputs)) {
      for (const key of [manifest ?? []].flat())
        if (!isKnown(key)) strangers.push(`${name}: ${input} looks at ${key}`);
    }
  }
  expect(strangers).toEqual([]);
});

function isKnown(key: string): boolean {
  let at: Schema | undefined = manifestJsonSchema();
  for (const part of key.split('.')) at = at?.properties?.[part];
  return at !== undefined;
}
