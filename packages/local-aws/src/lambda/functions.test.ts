import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '../index.ts';
import { openBench, until, zipOf } from './testing/bench.ts';

const says = (word: string) => ({ 'index.mjs': `export const handler = async () => '${word}';` });
type Bench = Awaited<ReturnType<typeof openBench>>;

async function withBench(body: (bench: Bench, aws: LocalAws) => Promise<void>) {
  await using aws = await startLocalAws({ clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') } });
  const bench = await openBench(aws);
  try {
    await bench.prepare();
    await body(bench, aws);
  } finally {
    bench.close();
  }
}

const request = (bench: Bench, change: Partial<CreateFunctionRequest> = {}) =>
  new CreateFunctionCommand({
    FunctionName: 'greet',
    Role: bench.role,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: zipOf(says('hello')) },
    ...change,
  });

test('a function is pending, then active; what AWS tells of it is whole, and its code can be fetched', async () => {
  await withBench(async (bench, aws) => {
    const zip = zipOf(says('hello'));
    const made = await bench.lambda.send(
      request(bench, { Code: { ZipFile: zip }, Description: 'greets', Tags: { team: 'tides' } }),
    );
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:greet';
    const told = {
      FunctionName: 'greet',
      FunctionArn: arn,
      Runtime: 'nodejs24.x',
      Role: bench.role,
      Handler: 'index.handler',
      CodeSize: zip.length,
      Description: 'greets',
      Timeout: 3,
      MemorySize: 128,
      LastModified: '2026-11-23T10:00:00.000+0000',
      CodeSha256: createHash('sha256').update(zip).digest('base64'),
      Version: '$LATEST',
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/greet' },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      TracingConfig: { Mode: 'PassThrough' },
    };
    const pending = {
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
    };
    expect(made).toMatchObject({ ...told, ...pending, $metadata: { httpStatusCode: 201 } });
    await expect(bench.invoke('greet', {})).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await aws.clock.advance(1000);
    await waitUntilFunctionActiveV2({ client: bench.lambda, maxWaitTime: 10 }, { FunctionName: 'greet' });
    const found = await bench.lambda.send(new GetFunctionCommand({ FunctionName: arn }));
    expect(found).toMatchObject({
      Configuration: { ...told, State: 'Active', LastUpdateStatus: 'Successful' },
      Code: { RepositoryType: 'S3' },
      Tags: { team: 'tides' },
    });
    const code = await fetch(found.Code?.Location ?? '');
    expect(Buffer.from(await code.arrayBuffer()).equals(zip)).toBe(true);
    expect(await bench.lambda.send(new ListFunctionsCommand({}))).toMatchObject({ Functions: [told] });
    await bench.lambda.send(new DeleteFunctionCommand({ FunctionName: 'greet' }));
    await expect(
      bench.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'greet' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: `Function not found: ${arn}` });
  });
});

test('code from S3 replaces what was there, once the change before is done', async () => {
  await withBench(async (bench, aws) => {
    await bench.lambda.send(request(bench));
    await aws.clock.advance(1000);
    expect((await bench.invoke('greet', {})).value).toBe('hello');
    await bench.s3.send(
      new PutObjectCommand({ Bucket: 'lab', Key: 'new.zip', Body: zipOf(says('good day')) }),
    );
    const code = { FunctionName: 'greet', S3Bucket: 'lab', S3Key: 'new.zip' };
    const { RevisionId, LastUpdateStatus } = await bench.lambda.send(new UpdateFunctionCodeCommand(code));
    expect(LastUpdateStatus).toBe('InProgress');
    await expect(bench.lambda.send(new UpdateFunctionCodeCommand(code))).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message:
        'The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:123456789012:function:greet',
    });
    await aws.clock.advance(1000);
    const settings = { FunctionName: 'greet', MemorySize: 512, Environment: { Variables: { A: 'b' } } };
    await expect(
      bench.lambda.send(new UpdateFunctionConfigurationCommand({ ...settings, RevisionId: 'another' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailedException', $metadata: { httpStatusCode: 412 } });
    const changed = await bench.lambda.send(
      new UpdateFunctionConfigurationCommand({ ...settings, RevisionId }),
    );
    expect(changed).toMatchObject({ MemorySize: 512, Timeout: 3, Environment: { Variables: { A: 'b' } } });
    expect((await bench.invoke('greet', {})).value).toBe('good day');
  });
});

test('versions stay as they are, and an alias divides its events between two of them', async () => {
  await withBench(async (bench, aws) => {
    const publish = () => bench.lambda.send(new PublishVersionCommand({ FunctionName: 'greet' }));
    await bench.lambda.send(request(bench));
    await aws.clock.advance(1000);
    expect(await publish()).toMatchObject({ Version: '1', State: 'Active' });
    // Nothing has changed since.
    expect(await publish()).toMatchObject({ Version: '1' });
    await bench.lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'greet', ZipFile: zipOf(says('good day')) }),
    );
    await aws.clock.advance(1000);
    expect(await publish()).toMatchObject({
      Version: '2',
      FunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:greet:2',
    });
    const alias = { FunctionName: 'greet', Name: 'live', FunctionVersion: '1' };
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.25 } };
    await bench.lambda.send(new CreateAliasCommand({ ...alias, RoutingConfig }));
    const answers: unknown[] = [];
    for (let i = 0; i < 8; i += 1) {
      const { version, value } = await bench.invoke('greet:live', {});
      answers.push([version, value]);
    }
    const [first, second] = [
      ['1', 'hello'],
      ['2', 'good day'],
    ];
    expect(answers).toEqual([first, first, first, second, first, first, first, second]);
    const moved = { ...alias, FunctionVersion: '2', RoutingConfig: { AdditionalVersionWeights: {} } };
    await bench.lambda.send(new UpdateAliasCommand(moved));
    expect((await bench.invoke('greet', {}, { Qualifier: 'live' })).value).toBe('good day');
    expect((await bench.invoke('greet:1', {})).value).toBe('hello');
    expect(await bench.lambda.send(new ListAliasesCommand({ FunctionName: 'greet' }))).toMatchObject({
      Aliases: [{ Name: 'live', FunctionVersion: '2' }],
    });
    const { Versions } = await bench.lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName: 'greet' }),
    );
    expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
    await expect(
      bench.lambda.send(new DeleteFunctionCommand({ FunctionName: 'greet', Qualifier: '2' })),
    ).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await expect(
      bench.lambda.send(new CreateAliasCommand({ ...alias, Name: 'next', FunctionVersion: '9' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('what cannot be a function is refused in AWS’s words, and what is not built by its name', async () => {
  await withBench(async (bench) => {
    const refused = async (change: Partial<CreateFunctionRequest>) =>
      await bench.lambda.send(request(bench, change)).then(
        () => 'created',
        (error: Error & { $metadata: { httpStatusCode: number } }) => [
          error.$metadata.httpStatusCode,
          error.name,
          error.message,
        ],
      );
    const invalid = (message: string) => [400, 'InvalidParameterValueException', message];
    expect(await refused({ Role: 'arn:aws:iam::123456789012:role/none' })).toEqual(
      invalid('The role defined for the function cannot be assumed by Lambda.'),
    );
    expect(await refused({ Code: { ZipFile: Buffer.from('no zip') } })).toEqual(
      invalid(
        'Could not unzip uploaded file. Please check your file, then try to upload again: it is no zip archive.',
      ),
    );
    expect(await refused({ Code: { S3Bucket: 'lab', S3Key: 'none.zip' } })).toEqual(
      invalid(
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      ),
    );
    expect(await refused({ Environment: { Variables: { AWS_REGION: 'x' } } })).toEqual(
      invalid(
        'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION',
      ),
    );
    expect(await refused({ Timeout: 901, MemorySize: 64 })).toEqual([
      400,
      'ValidationException',
      "2 validation errors detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900; Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
    ]);
    const notBuilt = (what: string) => [
      501,
      'NotImplemented',
      `${what} is not built in this local AWS; SPEC.md lists what is.`,
    ];
    expect(await refused({ Runtime: 'java25' })).toEqual(notBuilt('lambda: runtime java25'));
    expect(await refused({ Layers: ['arn:aws:lambda:us-east-1:1:layer:a:1'] })).toEqual(
      notBuilt('lambda: Layers'),
    );
    expect(await refused({ PackageType: 'Image', Code: { ImageUri: 'a' } })).toEqual(
      notBuilt('lambda: functions of PackageType Image'),
    );
    expect(await refused({})).toBe('created');
    expect(await refused({})).toEqual([409, 'ResourceConflictException', 'Function already exist: greet']);
  });
});

test('an archive that leaves its folder, is cut or bent makes no function', async () => {
  await withBench(async (bench) => {
    const zip = zipOf({ 'index.mjs': 'export const handler = async () => 1;' });
    const outside = Buffer.from(zip.toString('latin1').replaceAll('index.mjs', '../../a.m'), 'latin1');
    const bent = Buffer.from(zip);
    bent[zip.indexOf('index.mjs') + 12]! ^= 255;
    for (const ZipFile of [outside, bent, zip.subarray(0, zip.length - 30), zip.subarray(40)]) {
      await expect(bench.lambda.send(request(bench, { Code: { ZipFile } }))).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: expect.stringMatching(/^Could not unzip uploaded file/),
      });
    }
  });
});

test('functions, and events that waited, are there again after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  // Set first, so done last, when both servers have closed.
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(directory, { recursive: true }));
  const clock = { manual: true, start: new Date('2026-11-23T10:00:00Z') };
  const code =
    'export const handler = async ({ id }) => { console.log(`ran ${id}`); throw new Error("no"); };';
  const first = await startLocalAws({ directory, clock });
  const before = await openBench(first);
  await before.prepare();
  await before.lambda.send(request(before, { Code: { ZipFile: zipOf({ 'index.mjs': code }) } }));
  await first.clock.advance(1000);
  await before.invoke('greet', { id: 1 }, { InvocationType: 'Event' });
  const ran = (bench: Bench, many: number) =>
    until(
      () => bench.lines('/aws/lambda/greet'),
      (lines) => lines.filter((line) => line.startsWith('REPORT')).length === many,
    );
  await ran(before, 1);
  before.close();
  await first.close();

  await using second = await startLocalAws({ directory, clock });
  const after = await openBench(second);
  cleanup.defer(() => after.close());
  // It had failed once, and its time has come.
  await second.clock.advance(120_000);
  await ran(after, 2);
  expect(await after.invoke('greet', { id: 2 })).toMatchObject({
    error: 'Unhandled',
    value: { errorMessage: 'no' },
  });
});
