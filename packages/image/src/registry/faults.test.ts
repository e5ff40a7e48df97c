import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { baseImage } from '../base.ts';
import { copyBlob } from '../copy-blobs.ts';
import { copyImage } from '../copy-image.ts';
import { ImageError } from '../errors.ts';
import { describeJson, sha256 } from '../manifest.ts';
import { media } from '../media-types.ts';
import { noise, pushBase } from '../testing/base.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import type { Fault } from '../testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from '../testing/registries.ts';
import type { TestRegistry } from '../testing/registries.ts';
import { hasBlob, readBlob, streamBlob } from './blobs.ts';
import { findManifest, putManifest, putTags } from './manifests.ts';
import { uploadBytes, uploadStream } from './upload.ts';

const isThere = has('docker-registry');
const check = isThere ? test : test.skip;
let registry: TestRegistry;

beforeAll(async () => {
  if (isThere) registry = await startDockerRegistry();
});
afterAll(async () => registry?.[Symbol.asyncDispose]());

describe('an upload arrives whole when', () => {
  const bytes = noise(5_000_000);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  const cases: [string, (method: string, seen: number) => Fault | undefined][] = [
    [
      'the first answers are 429 with a wish',
      (_, seen) => (seen <= 2 ? { kind: 'answer', status: 429, headers: { 'retry-after': '0' } } : undefined),
    ],
    ['the first answers are 500', (_, seen) => (seen <= 2 ? { kind: 'answer', status: 500 } : undefined)],
    [
      'the connection is cut in the middle of the body',
      (method, seen) =>
        method === 'PATCH' && seen === 1 ? { kind: 'cut-request', afterBytes: 2_000_000 } : undefined,
    ],
    [
      'it is cut again and again',
      (method, seen) =>
        method === 'PATCH' && seen <= 3 ? { kind: 'cut-request', afterBytes: 700_000 } : undefined,
    ],
    [
      'it is cut before the first byte',
      (method, seen) =>
        method === 'PATCH' && seen === 1 ? { kind: 'cut-request', afterBytes: 0 } : undefined,
    ],
    [
      'the answer to the last request is cut',
      (method, seen) => (method === 'PUT' && seen === 1 ? { kind: 'cut-answer', afterBytes: 0 } : undefined),
    ],
    [
      'the registry forgets the session before the body',
      (method, seen) => (method === 'PATCH' && seen === 1 ? { kind: 'forget' } : undefined),
    ],
    [
      'the registry forgets the session before the end',
      (method, seen) => (method === 'PUT' && seen === 1 ? { kind: 'forget' } : undefined),
    ],
  ];

  check.each(cases)('%s', async (name, fault) => {
    const seen: Record<string, number> = {};
    await using proxy = await startFaultProxy(registry.url, ({ method = '' }) => {
      seen[method] = (seen[method] ?? 0) + 1;
      return fault(method, seen[method]);
    });
    using client = connectTo(registry, proxy.url);
    const repository = `faults-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
    const sent = await uploadStream(client, repository, sourceOf(bytes, digest));
    expect(sent.digest).toBe(digest);
    expect(
      createHash('sha256')
        .update(await collect(streamBlob(client, repository, { digest, size: bytes.length })))
        .digest('hex'),
    ).toBe(digest.slice(7));
  });

  check('a small blob meets the same', async () => {
    for (const [at, [, fault]] of cases.entries()) {
      const seen: Record<string, number> = {};
      await using proxy = await startFaultProxy(registry.url, ({ method = '' }) => {
        seen[method] = (seen[method] ?? 0) + 1;
        // What is PATCH for a stream is PUT for bytes.
        return fault(method === 'PUT' ? 'PATCH' : method, seen[method]);
      });
      using client = connectTo(registry, proxy.url);
      const small = noise(100_000, `small ${at}`);
      const its = `sha256:${createHash('sha256').update(small).digest('hex')}`;
      await uploadBytes(client, 'small', Promise.resolve({ bytes: small, digest: its }));
      expect(await hasBlob(client, 'small', its)).toBe(true);
    }
  });
});

// docker-registry 2.8 drops a session whose PATCH was cut; ECR and newer registries keep it.
test('after a cut the upload goes on where it stood, and does not begin anew', async () => {
  await using ecr = await startLocalEcr();
  await ecr.create('resumed');
  let patches = 0;
  await using proxy = await startFaultProxy(ecr.url, ({ method }) =>
    method === 'PATCH' && ++patches === 1 ? { kind: 'cut-request', afterBytes: 4_000_000 } : undefined,
  );
  using client = connectTo(ecr, proxy.url);
  const bytes = noise(5_000_000, 'resume');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await uploadStream(client, 'resumed', sourceOf(bytes, digest));
  const methods = proxy.requests.map((request) => request.split(' ')[0]);
  expect(methods).toEqual(['POST', 'PATCH', 'GET', 'PATCH', 'PUT']);
});

check('a download goes on after every cut', async () => {
  using direct = connectTo(registry);
  const bytes = noise(3_000_000, 'download');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await uploadBytes(direct, 'download', Promise.resolve({ bytes, digest }));
  let gets = 0;
  await using proxy = await startFaultProxy(registry.url, () =>
    ++gets <= 3 ? { kind: 'cut-answer', afterBytes: 500_000 } : undefined,
  );
  using client = connectTo(registry, proxy.url);
  expect((await collect(streamBlob(client, 'download', { digest, size: bytes.length }))).equals(bytes)).toBe(
    true,
  );
});

describe('a registry that lies is found out', () => {
  const change = (body: Buffer) => Buffer.from(body.toString('latin1').replace('base', 'bAse'), 'latin1');

  check('about a manifest asked for by digest', async () => {
    using direct = connectTo(registry);
    const digest = await pushBase(direct, 'honest');
    await using proxy = await startFaultProxy(registry.url, () => ({
      kind: 'lie',
      change: (body) => Buffer.concat([body, Buffer.from(' ')]),
    }));
    using client = connectTo(registry, proxy.url);
    await expect(findManifest(client, 'honest', digest)).rejects.toThrow(/it lies or is broken/);
  });

  check('about a config', async () => {
    using direct = connectTo(registry);
    await pushBase(direct, 'honest');
    const found = await findManifest(direct, 'honest', '1');
    if (found?.kind !== 'image') throw new Error('not an image');
    await using proxy = await startFaultProxy(registry.url, () => ({ kind: 'lie', change }));
    using client = connectTo(registry, proxy.url);
    await expect(readBlob(client, 'honest', found.manifest.config.digest)).rejects.toThrow(
      /it lies or is broken/,
    );
  });

  check('about a layer on its way to another registry, which then keeps nothing', async () => {
    using direct = connectTo(registry);
    await pushBase(direct, 'honest');
    const found = await findManifest(direct, 'honest', '1');
    const layer = found?.kind === 'image' ? found.manifest.layers[0] : undefined;
    if (!layer) throw new Error('no layer');
    await using proxy = await startFaultProxy(registry.url, ({ method }) =>
      method === 'GET'
        ? { kind: 'lie', change: (body) => Buffer.concat([body.subarray(1), Buffer.from('x')]) }
        : undefined,
    );
    using from = connectTo(registry, proxy.url);
    const copied = copyBlob(
      { registry: from, repository: 'honest' },
      { registry: direct, repository: 'deceived' },
      layer,
    );
    await expect(copied).rejects.toThrow(ImageError);
    expect(await hasBlob(direct, 'deceived', layer.digest)).toBe(false);
  });
});

describe('a registry that lies about what it has or keeps is found out:', () => {
  check.each([
    [-1, 'has more than the'],
    [1, 'bytes, and not the'],
  ])('a size that is %i byte off is found out before the image is put', async (off, message) => {
    using direct = connectTo(registry);
    await pushBase(direct, 'mismeasured');
    const found = await findManifest(direct, 'mismeasured', '1');
    const [layer] = found?.kind === 'image' ? found.manifest.layers : [];
    if (!layer) throw new Error('no layer');
    await using other = await startLocalEcr();
    await other.create('deceived');
    using to = connectTo(other);
    const copied = copyBlob(
      { registry: direct, repository: 'mismeasured' },
      { registry: to, repository: 'deceived' },
      { ...layer, size: layer.size + off },
    );
    await expect(copied).rejects.toThrow(message);
    expect(await hasBlob(to, 'deceived', layer.digest)).toBe(false);
  });

  check('a registry that says it has what it has not gets no image', async () => {
    using direct = connectTo(registry);
    await pushBase(direct, 'bragged');
    await using proxy = await startFaultProxy(registry.url, ({ method, url }) =>
      method === 'HEAD' && url?.includes('/blobs/') ? { kind: 'answer', status: 200 } : undefined,
    );
    await using other = await startLocalEcr();
    await other.create('bragged');
    using from = connectTo(other);
    await pushBase(from, 'bragged', { text: 'only here' });
    using to = connectTo(registry, proxy.url);
    const place = { registry: to, repository: 'empty' };
    const copied = copyImage({ registry: from, repository: 'bragged' }, '1', place, { tags: ['v1'] });
    await expect(copied).rejects.toThrow(/the manifest of empty:v1 cannot be put: .* MANIFEST_BLOB_UNKNOWN/);
    expect(await findManifest(direct, 'empty', 'v1')).toBeUndefined();
  });

  check('a registry that changes a manifest which it is given is found out', async () => {
    await using proxy = await startFaultProxy(registry.url, ({ method }) =>
      method === 'PUT'
        ? { kind: 'answer', status: 201, headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } }
        : undefined,
    );
    using client = connectTo(registry, proxy.url);
    const empty = describeJson({ schemaVersion: 2, config: {}, layers: [] }, media.ociManifest);
    await expect(putManifest(client, 'changed', 'v1', empty)).rejects.toThrow(
      `the registry says that it keeps sha256:${'0'.repeat(64)} where ${empty.descriptor.digest} was sent: it changes manifests`,
    );
  });
});

check('a registry that is confused by two who put the same is asked again', async () => {
  const body = '{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}';
  await using proxy = await startFaultProxy(registry.url, ({ method, url }, count) =>
    method === 'PUT' && url?.includes('/manifests/') && count === 2
      ? { kind: 'answer', status: 400, body }
      : undefined,
  );
  using client = connectTo(registry, proxy.url);
  using direct = connectTo(registry);
  const digest = await pushBase(direct, 'confused');
  const found = await findManifest(direct, 'confused', digest);
  if (!found) throw new Error('it was pushed');
  await putTags(client, 'confused', found, ['again']);
  expect((await findManifest(direct, 'confused', 'again'))?.digest).toBe(digest);
  expect(proxy.requests.map((request) => request.split(' ')[0])).toEqual(['HEAD', 'PUT', 'PUT']);
});

check('a registry that forgets every session is named with how often it was tried', async () => {
  await using proxy = await startFaultProxy(registry.url, ({ method }) =>
    method === 'PATCH' ? { kind: 'forget' } : undefined,
  );
  using client = connectTo(registry, proxy.url);
  const bytes = noise(200_000, 'forgotten');
  await expect(uploadStream(client, 'forgotten', sourceOf(bytes, sha256(bytes)))).rejects.toThrow(
    `a blob for forgotten could not be sent to ${proxy.url} in 5 attempts`,
  );
});

check.each([401, 403])('a base that we may not read (%i) is named with what to do', async (status) => {
  await using proxy = await startFaultProxy(registry.url, () => ({
    kind: 'answer',
    status,
    body: '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}',
  }));
  using client = connectTo(registry, proxy.url);
  const reference = { registry: 'example.com', repository: 'team/base', tag: '1' };
  const base = baseImage(client, reference, { os: 'linux', architecture: 'amd64' });
  await expect(base.image()).rejects.toThrow(
    `the base image example.com/team/base:1 may not be read: the registry answered ${status} DENIED requested access to the resource is denied. Read it as somebody who may: docker login example.com, or permissions of the role`,
  );
});

check('patience ends: a registry that stays broken is named with what it said', async () => {
  await using proxy = await startFaultProxy(registry.url, () => ({
    kind: 'answer',
    status: 503,
    body: JSON.stringify({ errors: [{ code: 'UNAVAILABLE', message: 'down for the night' }] }),
  }));
  using client = connectTo(registry, proxy.url);
  await expect(findManifest(client, 'any', 'thing')).rejects.toThrow(
    'the manifest of any:thing cannot be read: the registry answered 503 UNAVAILABLE down for the night',
  );
  expect(proxy.requests.length).toBe(5);
});

check('a redirect is followed, and our credentials stay behind', async () => {
  using direct = connectTo(registry);
  await pushBase(direct, 'redirected');
  const found = await findManifest(direct, 'redirected', '1');
  if (found?.kind !== 'image') throw new Error('not an image');
  const { digest } = found.manifest.config;
  const seen: (string | undefined)[] = [];
  await using storage = await startFaultProxy(
    registry.url,
    ({ headers }) => void seen.push(headers.authorization),
  );
  await using front = await startFaultProxy(registry.url, ({ url, headers }) => {
    seen.push(headers.authorization);
    return { kind: 'answer', status: 307, headers: { location: `${storage.url}${url}` } };
  });
  using client = connectTo({ ...registry, authorization: 'Basic c2VjcmV0' }, front.url);
  await readBlob(client, 'redirected', digest);
  expect(seen).toEqual(['Basic c2VjcmV0', undefined]);
});

function sourceOf(bytes: Buffer, digest: string) {
  return {
    sizeBytes: bytes.length,
    open: () => ({ chunks: pieces(bytes), digest: () => digest }),
  };
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
