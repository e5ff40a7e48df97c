import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '../index.ts';
import { openBench, until } from './testing/bench.ts';

let aws: LocalAws;
let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  // What takes AWS seconds takes milliseconds here; time limits of functions are real seconds in any case.
  aws = await startLocalAws({ clock: { speed: 20 } });
  bench = await openBench(aws);
  await bench.prepare();
});
afterAll(async () => {
  bench.close();
  await aws.close();
});

test('a Node function gets its event and context, and is kept warm', async () => {
  const code = `
let calls = 0;
export const handler = async (event, context) => {
  console.log('hello', { n: event.n });
  return {
    calls: ++calls,
    doubled: event.n * 2,
    arn: context.invokedFunctionArn,
    memory: context.memoryLimitInMB,
    hasTime: context.getRemainingTimeInMillis() > 1000,
    greeting: process.env.GREETING,
    stranger: process.env.SHELL ?? 'unknown',
  };
};`;
  const change = { MemorySize: 256, Environment: { Variables: { GREETING: 'hi' } } };
  await bench.create('double', { 'index.mjs': code }, change);
  const first = await bench.invoke('double', { n: 21 }, { LogType: 'Tail' });
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:double';
  const value = {
    calls: 1,
    doubled: 42,
    arn,
    memory: '256',
    hasTime: true,
    greeting: 'hi',
    stranger: 'unknown',
  };
  expect(first).toMatchObject({ status: 200, version: '$LATEST', error: undefined, value });
  const id = /START RequestId: (\S+) Version: \$LATEST\n/.exec(first.log ?? '')?.[1];
  expect(first.log).toMatch(
    new RegExp(
      `^START RequestId: ${id} Version: \\$LATEST\\n\\S+Z\\t${id}\\tINFO\\thello \\{ n: 21 \\}\\nEND RequestId: ${id}\\nREPORT RequestId: ${id}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: [\\d.]+ ms\\t\\n$`,
    ),
  );
  expect((await bench.invoke(arn, { n: 1 })).value).toMatchObject({ calls: 2, doubled: 2 });
  const lines = await bench.lines('/aws/lambda/double');
  expect(lines.map((line) => line.split(/[\s\t]/)[0]?.replace(/^\d{4}-.*Z$/, 'said'))).toEqual([
    'START',
    'said',
    'END',
    'REPORT',
    'START',
    'said',
    'END',
    'REPORT',
  ]);
});

test('a function has the SDK of its runtime, and reaches this AWS with it', async () => {
  await bench.s3.send(new PutObjectCommand({ Bucket: 'lab', Key: 'greeting.txt', Body: 'good day' }));
  const code = `
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
const s3 = new S3Client({ forcePathStyle: true });
export const handler = async ({ key }) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lab', Key: key }));
  return await Body.transformToString();
};`;
  await bench.create('reads', { 'index.mjs': code });
  expect(await bench.invoke('reads', { key: 'greeting.txt' })).toMatchObject({
    error: undefined,
    value: 'good day',
  });
});

test('a Python function runs on this machine’s Python', async () => {
  const code = `
import os, sys
import helper
def handler(event, context):
    print("counting", event["n"])
    return {"sum": helper.total(event["n"]), "name": context.function_name, "root": os.environ["LAMBDA_TASK_ROOT"] in sys.path}
`;
  await bench.create('adds', {
    'app.py': code,
    'helper.py': 'def total(n):\n    return sum(range(n + 1))\n',
  });
  const { value, log } = await bench.invoke('adds', { n: 4 }, { LogType: 'Tail' });
  expect(value).toEqual({ sum: 10, name: 'adds', root: true });
  expect(log).toContain('\ncounting 4\nEND');
});

test.each([
  [
    'thrown in Node',
    { 'index.mjs': 'export const handler = async () => { throw new RangeError("too far"); };' },
    {
      errorType: 'RangeError',
      errorMessage: 'too far',
      trace: expect.arrayContaining(['RangeError: too far']),
    },
  ],
  [
    'raised in Python',
    { 'app.py': 'def handler(event, context):\n    raise ValueError("no such column")\n' },
    {
      errorType: 'ValueError',
      errorMessage: 'no such column',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      stackTrace: [
        expect.stringMatching(/app\.py", line 2, in handler\n {4}raise ValueError\("no such column"\)\n$/),
      ],
    },
  ],
  [
    'a module that is not there',
    { 'other.mjs': '' },
    { errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'index'" },
  ],
  [
    'a handler that is not there',
    { 'index.mjs': 'export const other = 1;' },
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
  ],
  [
    'a callback, which this runtime has no more',
    { 'index.js': 'exports.handler = (event, context, callback) => callback(null, 1);' },
    { errorType: 'Runtime.CallbackHandlerDeprecated' },
  ],
  [
    'a module of Python that does not load',
    { 'app.py': 'import nothing_of_this_name\n' },
    {
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Unable to import module 'app': No module named 'nothing_of_this_name'",
    },
  ],
  [
    'a process that ends itself',
    { 'index.mjs': 'export const handler = async () => process.exit(3);' },
    {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 3$/),
    },
  ],
  [
    'a rejection that nobody caught',
    {
      'index.mjs':
        'export const handler = () => { Promise.reject(new Error("late")); return new Promise(() => {}); };',
    },
    { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: late' },
  ],
  [
    'more than six megabytes',
    { 'index.mjs': 'export const handler = async () => "x".repeat(6_400_000);' },
    {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    },
  ],
])('an error is answered with 200 and its own words: %s', async (what, files, value) => {
  const name = what.replaceAll(/[^a-zA-Z]+/g, '-');
  await bench.create(name, files);
  expect(await bench.invoke(name, {})).toMatchObject({ status: 200, error: 'Unhandled', value });
});

test('a function that takes too long is ended, and the next event finds a new one', async () => {
  const code = `
let calls = 0;
export const handler = async ({ wait }) => {
  calls += 1;
  if (wait) await new Promise((done) => setTimeout(done, 60_000));
  return calls;
};`;
  await bench.create('slow', { 'index.mjs': code }, { Timeout: 1 });
  expect((await bench.invoke('slow', {})).value).toBe(1);
  const { error, value, log } = await bench.invoke('slow', { wait: true }, { LogType: 'Tail' });
  expect(error).toBe('Unhandled');
  expect(value).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
  });
  expect(log).toMatch(/Z \S+ Task timed out after 1\.00 seconds\nEND RequestId/);
  expect((await bench.invoke('slow', {})).value).toBe(1);
});

test('events at the same time run beside each other', async () => {
  const code = `
import { writeFileSync, existsSync } from 'node:fs';
export const handler = async ({ mine, other }) => {
  writeFileSync(mine, '');
  while (!existsSync(other)) await new Promise((done) => setTimeout(done, 5));
  return 'met';
};`;
  await bench.create('meets', { 'index.mjs': code }, { Timeout: 60 });
  const [a, b] = ['a', 'b'].map((name) => `${aws.world.directory}/${name}`);
  const met = await Promise.all([
    bench.invoke('meets', { mine: a, other: b }),
    bench.invoke('meets', { mine: b, other: a }),
  ]);
  expect(met.map(({ value }) => value)).toEqual(['met', 'met']);
});

test('an event for later is taken at once, run, and tried again when it fails', async () => {
  const code =
    'export const handler = async ({ id }) => { console.log(`ran ${id}`); throw new Error("no"); };';
  await bench.create('later', { 'index.mjs': code });
  expect(await bench.invoke('later', { id: 7 }, { InvocationType: 'Event' })).toMatchObject({
    status: 202,
    value: undefined,
  });
  const runs = (many: number) =>
    until(
      () => bench.lines('/aws/lambda/later'),
      (lines) => lines.filter((line) => line.includes('ran 7')).length === many,
    );
  await runs(1);
  await until(
    async () => await bench.lines('/aws/lambda/later'),
    (lines) => lines.some((line) => line.startsWith('REPORT')),
  );
  await aws.clock.advance(61_000);
  await runs(2);
});

test('a dry run runs nothing; requests that cannot be meant are refused', async () => {
  await bench.create('dry', { 'index.mjs': 'export const handler = async () => 1;' });
  expect(await bench.invoke('dry', {}, { InvocationType: 'DryRun' })).toMatchObject({ status: 204 });
  expect(await bench.lines('/aws/lambda/dry')).toEqual([]);
  await expect(bench.invoke('dry', {}, { Payload: Buffer.from('{') })).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(bench.invoke('dry', 'x'.repeat(6_300_000))).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    $metadata: { httpStatusCode: 413 },
  });
  await expect(bench.invoke('nobody', {})).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
    $metadata: { httpStatusCode: 404 },
  });
  await expect(bench.invoke('dry', {}, { TenantId: 'a' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
});
