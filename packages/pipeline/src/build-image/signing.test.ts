import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateRepositoryCommand, ECRClient, ListImagesCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, registries, type Aws, type SigningKey } from '@tidegate/aws';
import {
  copyImage,
  documentsOf,
  findManifest,
  listDocuments,
  openDocument,
  openRegistry,
  originOf,
  type Registry,
  type Statement,
} from '@tidegate/image';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { describeJson, sha256 } from '../../../image/src/manifest.ts';
import { putManifest } from '../../../image/src/registry/manifests.ts';
import { uploadBytes } from '../../../image/src/registry/upload.ts';
import { pushBase } from '../../../image/src/testing/base.ts';
import * as cosign from '../../../image/src/testing/cosign.ts';
import { connectTo, has, startDockerRegistry } from '../../../image/src/testing/registries.ts';
import { buildImage, type BuildImageSettings } from '../build-image.ts';
import { modelRepository, pythonBase, quietLog } from '../testing/image-settings.ts';
import { startRecordingProxy, type RecordingProxy } from '../testing/recording-proxy.ts';
import { makeKey, newSigningKey } from '../testing/signing-key.ts';

const environment = { ...process.env };
const signingKey = 'alias/model';
const attest = {
  commit: '3f2a9c1d5b7e8f60123456789abcdef012345678',
  repository: 'acme/flight-delay',
  runId: '7',
  runUrl: 'https://github.com/acme/flight-delay/actions/runs/7',
};

let local: LocalAws;
let proxy: RecordingProxy;
let aws: Aws;
let key: SigningKey;
let registry: Registry;

beforeAll(async () => {
  local = await startLocalAws();
  proxy = await startRecordingProxy(local.endpoint);
  Object.assign(process.env, local.environment, { AWS_ENDPOINT_URL: proxy.url });
  aws = connect();
  key = await newSigningKey(aws, signingKey);
  await makeKey(aws, 'alias/p384', 'ECC_NIST_P384');
  const { authorization } = await registries(aws).access();
  registry = openRegistry({ url: local.endpoint, authorization: () => Promise.resolve(authorization) });
});
afterAll(async () => {
  process.env = environment;
  registry.close();
  await proxy.close();
  await local.close();
});

const around = () => ({ aws, log: quietLog(), signal: new AbortController().signal });
const plain = { dependencies: 'none', attest, signingKey } as const;

/** Somebody who may push, into a repository whose tags may be moved. */
async function openToAll(repositoryName: string): Promise<void> {
  await aws
    .client(ECRClient)
    .send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'MUTABLE' }));
}

async function tagsOf(repositoryName: string): Promise<string[]> {
  const { imageIds = [] } = await aws.client(ECRClient).send(new ListImagesCommand({ repositoryName }));
  return imageIds.flatMap(({ imageTag }) => imageTag ?? []);
}

/** What is attached to an image and signed by the key. */
async function signedStatements(repository: string, digest: string): Promise<Statement[]> {
  const place = { registry, repository };
  const listed = await listDocuments(place, digest);
  const found: Statement[] = [];
  for (const kind of ['sbom', 'provenance'] as const)
    for (const document of documentsOf(kind, listed))
      found.push(await openDocument(place, document, key.publicKey));
  return found;
}

test('both documents are signed, and a second build signs nothing and sends nothing', async () => {
  const settings = await modelRepository({ ...plain, repository: 'signed' });
  const first = around();
  const built = await buildImage(settings, first);
  expect(built).toMatchObject({ signedBy: signingKey, reused: false });
  expect(first.log.lines).toContain('Attached an SBOM and a statement of provenance, signed by alias/model.');
  const [sbom, origin] = await signedStatements('signed', built.digest);
  expect(sbom).toMatchObject({
    subject: [{ digest: { sha256: built.digest.slice('sha256:'.length) } }],
    predicateType: 'https://cyclonedx.org/bom',
    predicate: built.sbom,
  });
  expect(originOf(origin!)).toEqual({
    builder: 'https://github.com/tidegate/tidegate',
    buildType: 'https://github.com/tidegate/tidegate/build-inference-image/v1',
    repository: 'https://github.com/acme/flight-delay',
    commit: attest.commit,
  });

  proxy.forget();
  const again = around();
  expect(await buildImage(settings, again)).toEqual({ ...built, pushedBytes: 0, reused: true });
  expect(proxy.calls()).toContain('GetPublicKey');
  expect(proxy.calls().filter((call) => /^(Sign|S3 (PUT|POST|PATCH))$/.test(call))).toEqual([]);
  expect(again.log.lines.filter((line) => line.startsWith('Attached'))).toEqual([]);
});

test('another commit that makes the same image adds its own statement, and nothing else', async () => {
  const settings = await modelRepository({ ...plain, repository: 'twice' });
  const built = await buildImage(settings, around());
  proxy.forget();
  const later = around();
  const commit = '9'.repeat(40);
  const again = await buildImage({ ...settings, attest: { ...attest, commit } }, later);
  expect(again).toMatchObject({ digest: built.digest, reused: true });
  expect(again.attestationUri).not.toBe(built.attestationUri);
  expect(later.log.lines).toContain('Attached a statement of provenance, signed by alias/model.');
  expect(proxy.calls().filter((call) => call === 'Sign')).toHaveLength(1);
  const [, ...origins] = await signedStatements('twice', built.digest);
  expect(origins.map((each) => originOf(each).commit).toSorted()).toEqual([attest.commit, commit]);
});

test('without a key, documents are attached unsigned, and said to be', async () => {
  const settings = await modelRepository({ ...plain, repository: 'unsigned', signingKey: undefined });
  const first = around();
  const built = await buildImage(settings, first);
  expect(first.log.lines).toContain(
    'Attached an SBOM and a statement of provenance, unsigned (signing-key signs them).',
  );
  expect(built.signedBy).toBe('');
  // A key that is given later signs the same image.
  const later = await buildImage({ ...settings, signingKey }, around());
  expect(later).toMatchObject({ digest: built.digest, signedBy: signingKey });
  expect(later.attestationUri).not.toBe(built.attestationUri);
});

/** Puts an image under a tag that looks like another from outside, and has other code in its place. */
async function forge(repository: string, tag: string, honest: { repository: string; digest: string }) {
  await copyImage({ registry, ...honest }, honest.digest, { registry, repository });
  const found = await findManifest(registry, honest.repository, honest.digest);
  if (found?.kind !== 'image') throw new Error('not an image');
  const bytes = Buffer.from('other code');
  const digest = sha256(bytes);
  await uploadBytes(registry, repository, Promise.resolve({ bytes, digest }));
  const layers = [
    ...found.manifest.layers.slice(0, -1),
    { ...found.manifest.layers.at(-1)!, digest, size: bytes.length },
  ];
  const described = describeJson({ ...found.manifest, layers }, found.mediaType);
  await putManifest(registry, repository, tag, described);
  return described.descriptor.digest;
}

test('an image that somebody pushed in the place of ours is not taken for it, and not signed', async () => {
  const settings = await modelRepository({ ...plain, repository: 'honest' });
  const honest = await buildImage(settings, around());
  const [tag = ''] = await tagsOf('honest');
  await openToAll('poisoned');
  const forged = await forge('poisoned', tag, { repository: 'honest', digest: honest.digest });
  const poisoned = { ...settings, repository: 'poisoned' };
  // Unsigned, an image is as good as who may push.
  const unsigned = await buildImage({ ...poisoned, attest: undefined, signingKey: undefined }, around());
  expect(unsigned).toMatchObject({ digest: forged, reused: true });
  expect(await buildImage(poisoned, around())).toMatchObject({ digest: honest.digest, reused: false });
  expect(await signedStatements('poisoned', forged)).toEqual([]);
  // Where tags cannot be moved, nothing takes its place.
  await registries(aws).createRepository('immutable', {});
  await forge('immutable', tag, { repository: 'honest', digest: honest.digest });
  await expect(buildImage({ ...settings, repository: 'immutable' }, around())).rejects.toThrow(
    /TAG_INVALID .* already exists/,
  );
});

test('a layer of packages that somebody pushed in the place of ours is installed anew', async () => {
  const base = await pythonBase(aws, '3.12.3', 'linux/amd64');
  const files = { 'requirements.txt': 'h11==0.16.0\n' };
  const settings = await modelRepository({ base, attest, signingKey, repository: 'packaged' }, files);
  const first = around();
  const honest = await buildImage(settings, first);
  const tag = (await tagsOf('packaged')).find((each) => each.startsWith('tidegate-packages-')) ?? '';
  const kept = await findManifest(registry, 'packaged', tag);
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return max\n');
  const second = around();
  await buildImage(settings, second);
  expect(second.log.lines).toContain('Reused the layer of an earlier build: 3 packages.');
  await openToAll('repackaged');
  await forge('repackaged', tag, { repository: 'packaged', digest: kept?.digest ?? '' });
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return len\n');
  const third = around();
  const built = await buildImage({ ...settings, repository: 'repackaged' }, third);
  expect(third.log.lines).toContainEqual(expect.stringMatching(/^Installed 3 packages/));
  expect(built.digest).toBe(honest.digest);
});

test.each<[string, Partial<BuildImageSettings>, string]>([
  [
    'a key that is not there',
    { signingKey: 'alias/nobody' },
    'The key alias/nobody does not exist in us-east-1',
  ],
  ['a key that signs otherwise', { signingKey: 'alias/p384' }, 'The key alias/p384 is of ECC_NIST_P384'],
  [
    'an image that a builder makes',
    { engine: 'buildah', dockerfile: 'Dockerfile' },
    'signing-key signs what is attached to images that are put together here, and this one is built by buildah',
  ],
])('%s is refused by name before anything is made', async (_, changes, message) => {
  const settings = await modelRepository(
    { ...plain, repository: 'never', ...changes },
    { Dockerfile: 'FROM x\nRUN y\n' },
  );
  await expect(buildImage(settings, around())).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(message),
  });
  expect(await registries(aws).repositoryExists('never')).toBe(false);
});

const verifier = cosign.isThere && has('docker-registry') ? test : test.skip;
verifier(
  'what is signed by KMS in a registry of somebody else is verified by cosign, where it is installed',
  async () => {
    await using other = await startDockerRegistry();
    using client = connectTo(other);
    await pushBase(client, 'base');
    const repository = `${other.host}/flights/model`;
    const settings = await modelRepository({ ...plain, repository, base: `${other.host}/base:1` });
    const built = await buildImage(settings, around());
    const verify = (type: 'cyclonedx' | 'slsaprovenance1', publicKey = key.publicKey) =>
      cosign.verifyAttestation(other, built.imageUri, type, publicKey);
    expect(await verify('cyclonedx')).toEqual([expect.objectContaining({ predicate: built.sbom })]);
    const [origin] = await verify('slsaprovenance1');
    expect(originOf(origin!).commit).toBe(attest.commit);
    const stranger = await newSigningKey(aws, 'alias/stranger');
    await expect(verify('slsaprovenance1', stranger.publicKey)).rejects.toThrow('no matching attestations');
  },
);
