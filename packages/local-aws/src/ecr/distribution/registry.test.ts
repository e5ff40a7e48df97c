import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../../index.ts';
import { sha256 } from '../blobs.ts';
import { Client, name, putImage, start, startProcess, withRepository } from '../testing/client.ts';

test('without a token, or with one that has expired, nobody gets in', async () => {
  await using server = await withRepository({ clock: { manual: true, start } });
  const bare = await fetch(`${server.aws.endpoint}/v2/`);
  expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([
    401,
    `Basic realm="${server.aws.endpoint}/",service="ecr.amazonaws.com"`,
  ]);
  expect((await server.registry('/v2/')).status).toBe(200);
  await server.aws.clock.advance(12 * 60 * 60 * 1000 + 1);
  expect((await server.registry('/v2/')).status).toBe(401);
});

test('an upload in parts is what was sent, and a wrong digest is refused', async () => {
  await using server = await withRepository();
  const begun = await server.registry('/v2/models/flight/blobs/uploads/', { method: 'POST' });
  const location = begun.headers.get('location') ?? '';
  const part = (range: string, body: string) =>
    server.registry(location, { method: 'PATCH', body, headers: { 'content-range': range } });
  expect((await part('0-4', 'hello')).headers.get('range')).toBe('0-4');
  expect((await part('9-13', 'world')).status).toBe(416);
  expect((await part('5-9', 'world')).headers.get('range')).toBe('0-9');
  const digest = sha256(Buffer.from('helloworld'));
  expect((await server.registry(`${location}?digest=${digest}`, { method: 'PUT' })).status).toBe(201);
  const ranged = await server.registry(`/v2/models/flight/blobs/${digest}`, {
    headers: { range: 'bytes=5-' },
  });
  expect([ranged.status, await ranged.text()]).toEqual([206, 'world']);
  const wrong = `/v2/models/flight/blobs/uploads/?digest=${sha256(Buffer.from('other'))}`;
  const refused = await server.registry(wrong, { method: 'POST', body: 'helloworld' });
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { errors: [{ code: 'DIGEST_INVALID' }] },
  ]);
});

test('an SBOM that refers to an image is found by its referrers', async () => {
  await using server = await withRepository();
  const image = await putImage(server, 'v1');
  const empty = await server.blob(Buffer.from('{}'));
  const artifact = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.cyclonedx+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: empty, size: 2 },
    layers: [{ mediaType: 'application/vnd.cyclonedx+json', digest: empty, size: 2 }],
    subject: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: image.digest,
      size: image.manifest.length,
    },
  });
  const digest = sha256(Buffer.from(artifact));
  const put = await server.registry(`/v2/models/flight/manifests/${digest}`, {
    method: 'PUT',
    body: artifact,
  });
  expect([put.status, put.headers.get('oci-subject')]).toEqual([201, image.digest]);
  const found = await server.registry(`/v2/models/flight/referrers/${image.digest}`);
  expect(await found.json()).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: artifact.length,
        artifactType: 'application/vnd.cyclonedx+json',
      },
    ],
  });
});

test('a public base is made up for the mirror, the same in every world', async () => {
  const digests = await Promise.all(
    [0, 1].map(async () => {
      await using aws = await startLocalAws();
      const index = await fetch(`${aws.endpoint}/v2/library/python/manifests/3.12-slim?ns=docker.io`);
      const { manifests } = (await index.json()) as { manifests: { platform: object; digest: string }[] };
      expect(manifests.map(({ platform }) => platform)).toEqual([
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
      ]);
      const unknown = await fetch(`${aws.endpoint}/v2/library/redis/manifests/7?ns=docker.io`);
      expect([unknown.status, await unknown.json()]).toMatchObject([
        404,
        { errors: [{ code: 'NAME_UNKNOWN' }] },
      ]);
      return index.headers.get('docker-content-digest');
    }),
  );
  expect(digests[0]).toBe(digests[1]);
});

test('what was pushed is there after kill -9, and a half-sent layer goes on', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'tidegate-ecr-'));
  const first = await startProcess(directory);
  const before = new Client(first.endpoint);
  await before.ecr.send(new CreateRepositoryCommand(name));
  const digest = await before.blob(Buffer.from('a layer'));
  const { headers } = await before.registry('/v2/models/flight/blobs/uploads/', { method: 'POST' });
  const upload = headers.get('location') ?? '';
  await before.registry(upload, { method: 'PATCH', body: 'half and ' });
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');

  const second = await startProcess(directory);
  const after = new Client(second.endpoint);
  expect(await (await after.registry(`/v2/models/flight/blobs/${digest}`)).text()).toBe('a layer');
  expect((await after.registry(upload)).headers.get('range')).toBe('0-8');
  const whole = sha256(Buffer.from('half and half'));
  const finished = await after.registry(`${upload}?digest=${whole}`, { method: 'PUT', body: 'half' });
  expect(finished.status).toBe(201);
  second.process.kill('SIGKILL');
  await once(second.process, 'exit');
});
