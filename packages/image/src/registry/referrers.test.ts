import { describe, expect, test } from '@jest/globals';
import { pushBase } from '../testing/base.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from '../testing/registries.ts';
import { findManifest } from './manifests.ts';
import { attach, findAttachments, readAttachment } from './referrers.ts';

const kinds = [
  {
    name: 'docker-registry, which keeps no list of referrers',
    start: startDockerRegistry,
    isThere: has('docker-registry'),
  },
  { name: 'the local ECR, which keeps one', start: startLocalEcr, isThere: true },
];

test('a list that a registry gives in pages is read to its end', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const page = (name: string, more: string) => {
    const manifests = [
      { mediaType: 'm', digest: `sha256:${name.repeat(64)}`, size: 1, artifactType: 'text/plain' },
    ];
    const body = JSON.stringify({ schemaVersion: 2, mediaType: 'i', manifests });
    const link = `</v2/model/referrers/${digest}?artifactType=text%2Fplain&last=${more}>; rel="next"`;
    return { kind: 'answer', status: 200, body, ...(more && { headers: { link } }) } as const;
  };
  await using registry = await startFaultProxy('http://127.0.0.1:9', ({ url = '' }) =>
    url.includes('last=') ? page('c', '') : page('b', 'b'),
  );
  using client = connectTo({
    ...registry,
    host: '',
    authorization: undefined,
    create: async () => undefined,
  });
  const found = await findAttachments(client, 'model', digest, 'text/plain');
  expect(found.map((each) => each.digest.slice(0, 8))).toEqual(['sha256:b', 'sha256:c']);
  expect(registry.requests).toHaveLength(2);
});

describe.each(kinds)('in $name,', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;

  check('documents that are attached to an image are found again by its digest', async () => {
    await using registry = await start();
    await registry.create('model');
    using client = connectTo(registry);
    const digest = await pushBase(client, 'model');
    const found = await findManifest(client, 'model', digest);
    const subject = { mediaType: found?.mediaType ?? '', digest, size: found?.bytes.length ?? 0 };
    const sbom = { artifactType: 'application/vnd.cyclonedx+json', bytes: Buffer.from('{"bom":1}') };
    const origin = { artifactType: 'application/vnd.in-toto+json', bytes: Buffer.from('{"origin":1}') };
    const attached = await attach(client, 'model', subject, [sbom, origin]);
    // Once more changes nothing.
    expect(await attach(client, 'model', subject, [sbom])).toEqual(attached.slice(0, 1));
    for (const [index, { artifactType, bytes }] of [sbom, origin].entries()) {
      const [only, ...more] = await findAttachments(client, 'model', digest, artifactType);
      expect([only?.digest, more]).toEqual([attached[index], []]);
      expect(await readAttachment(client, 'model', only?.digest ?? '')).toEqual(bytes);
    }
    expect(await findAttachments(client, 'model', digest, 'text/plain')).toEqual([]);
  });
});
