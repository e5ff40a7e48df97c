import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '@tidegate/local-aws';

const run = promisify(execFile);
const testing = path.join(import.meta.dirname, 'testing');
const program = path.join(testing, 'provoke-errors.ts');

/** What a program that asks a fresh AWS prints. */
async function provoked(file: string): Promise<unknown> {
  await using aws = await startLocalAws();
  const env = { PATH: process.env['PATH'], ...aws.environment };
  return JSON.parse((await run(process.execPath, [file], { env })).stdout);
}

test('an error without a class of its own says what it says with one', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'unmodelled-'));
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  const bundle = path.join(folder, 'bundle.mjs');
  await run(process.execPath, [path.join(testing, 'bundle.ts'), program, bundle]);
  const left = /RepositoryNotFoundException|NoSuchEntityException/.exec(readFileSync(bundle, 'utf8'));
  expect(left).toBeNull();

  const errors = await provoked(program);
  expect(errors).toEqual(
    [
      ['ResourceNotFound', 404],
      ['ResourceNotFoundException', 400],
      ['RepositoryNotFoundException', 400],
      ['RepositoryAlreadyExistsException', 400],
      ['ResourceNotFoundException', 400],
      ['NoSuchEntity', 404],
      ['NotFoundException', 400],
      ['NoSuchBucket', 404],
      ['NoSuchKey', 404],
      ['NotFound', 404],
    ].map(([code, status]) => ({
      code,
      status,
      message: expect.any(String),
    })),
  );
  expect(await provoked(bundle)).toEqual(errors);
});
