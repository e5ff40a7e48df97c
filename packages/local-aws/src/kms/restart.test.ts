import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const signing = {
  KeyId: 'alias/signing',
  Message: Buffer.from('text'),
  SigningAlgorithm: 'ECDSA_SHA_256',
} as const;

test('after kill -9 the same key is there under the same alias, and knows its signatures', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kms-'));
  // Set first, so done last, when both servers have ended.
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(directory, { recursive: true }));

  const child = spawn(process.execPath, [main, '--directory', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  const before = new KMSClient({ endpoint, region: 'us-east-1', credentials });
  const { KeyMetadata } = await before.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  );
  await before.send(new CreateAliasCommand({ AliasName: 'alias/signing', TargetKeyId: KeyMetadata?.KeyId }));
  const { Signature } = await before.send(new SignCommand(signing));
  const { PublicKey } = await before.send(new GetPublicKeyCommand({ KeyId: signing.KeyId }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  before.destroy();

  await using aws = await startLocalAws({ directory });
  const after = new KMSClient({ endpoint: aws.endpoint, region: aws.region, credentials });
  expect(await after.send(new GetPublicKeyCommand({ KeyId: signing.KeyId }))).toMatchObject({
    KeyId: KeyMetadata?.Arn,
    PublicKey,
  });
  expect(await after.send(new VerifyCommand({ ...signing, Signature }))).toMatchObject({
    SignatureValid: true,
  });
  after.destroy();
});
