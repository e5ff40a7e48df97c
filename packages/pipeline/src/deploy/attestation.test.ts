import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, objects, registries, type Aws, type SigningKey } from '@tidegate/aws';
import {
  attachDocuments,
  copyImage,
  findManifest,
  openRegistry,
  parseReference,
  type Descriptor,
  type Registry,
  type Signer,
  type Statement,
} from '@tidegate/image';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { bundleType, signStatement } from '../../../image/src/attest/bundle.ts';
import type { Place } from '../../../image/src/copy-blobs.ts';
import { describeJson, sha256 } from '../../../image/src/manifest.ts';
import { media } from '../../../image/src/media-types.ts';
import { putManifest } from '../../../image/src/registry/manifests.ts';
import { attach } from '../../../image/src/registry/referrers.ts';
import { newSigner, pushSubject, statementsOf } from '../../../image/src/testing/attested.ts';
import { startFaultProxy } from '../../../image/src/testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry } from '../../../image/src/testing/registries.ts';
import { buildImage } from '../build-image.ts';
import { modelRepository, quietLog } from '../testing/image-settings.ts';
import { registerVersion } from '../testing/register-version.ts';
import { newSigningKey } from '../testing/signing-key.ts';
import { attestationOf } from './attestation.ts';
import { describeOrigin } from './image-origin.ts';
import type { Verification } from './settings.ts';

const environment = { ...process.env };
const commit = '3f2a9c1d5b7e8f60123456789abcdef012345678';
const source = 'https://github.com/acme/flight-delay';
const attest = { commit, repository: 'acme/flight-delay', runId: '7', runUrl: `${source}/actions/runs/7` };
const signed: Verification = { level: 'signed', signingKey: 'alias/model', repository: source };

let local: LocalAws;
let aws: Aws;
let key: SigningKey;
let registry: Registry;
/** An image without anything attached to it. */
let bare: { repository: string; digest: string };

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
  key = await newSigningKey(aws, 'alias/model');
  await objects(aws).ensureBucket('models');
  const { authorization } = await registries(aws).access();
  registry = openRegistry({ url: local.endpoint, authorization: () => Promise.resolve(authorization) });
  const settings = await modelRepository({ repository: 'bare', dependencies: 'none' });
  bare = { repository: 'bare', digest: (await buildImage(settings, around())).digest };
});
afterAll(async () => {
  process.env = environment;
  registry.close();
  await local.close();
});

const signal = new AbortController().signal;
const around = () => ({ aws, log: quietLog(), signal });
const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

async function build(repository: string, { signingKey }: { signingKey: string | undefined }) {
  const settings = await modelRepository({ repository, dependencies: 'none', attest, signingKey });
  return await buildImage(settings, around());
}

/** The problems of an image under a verification, without the input that they are said of. */
async function problemsOf(image: string, verification: Verification, modelPackageArn: string | null = null) {
  const { problems } = await attestationOf(verification, { image, modelPackageArn }, { aws, signal });
  return problems;
}

let made = 0;
/** The bare image in a repository of its own, with what a forger attaches to it. */
async function attached(
  forge: (image: Descriptor, to: { registry: Registry; repository: string }) => Promise<unknown>,
) {
  const repository = `forged-${made++}`;
  await registries(aws).createRepository(repository, {});
  await copyImage({ registry, repository: bare.repository }, bare.digest, { registry, repository });
  const found = await findManifest(registry, repository, bare.digest);
  await forge(
    { mediaType: found?.mediaType ?? '', digest: bare.digest, size: found?.bytes.length ?? 0 },
    { registry, repository },
  );
  return `${host}/${repository}@${bare.digest}`;
}

const told = { commit, repository: source };
/** Both documents, right but for one change, signed by the account's key or by somebody. */
const documents = (
  change: (statements: [Statement, Statement], image: Descriptor) => Statement[] = (both) => both,
  signer: () => Signer | undefined = () => key,
) => attached((image, to) => attachDocuments(to, image, change(statementsOf(image, told), image), signer()));

/** A statement of provenance with something else in its predicate. */
function withPredicate(statement: Statement, change: (text: string) => string): Statement {
  return { ...statement, predicate: JSON.parse(change(JSON.stringify(statement.predicate))) as object };
}

async function register(image: string, of: string): Promise<string> {
  const modelUri = `s3://models/${of}.tar.gz`;
  await objects(aws).upload(modelUri, { bytes: Buffer.from('a model') });
  return await registerVersion(aws, { model: 'flight-delay', image, modelUri, commit: of });
}

test('what was built and signed here for the commit of its package is let through, and told', async () => {
  const { imageUri: image, attestationUri } = await build('shipped', signed);
  const modelPackageArn = await register(image, commit);
  const { origin, problems } = await attestationOf(signed, { image, modelPackageArn }, { aws, signal });
  expect(problems).toEqual([]);
  expect(origin).toEqual({
    commit,
    repository: source,
    signedBy: 'alias/model',
    attachment: parseReference(attestationUri).digest,
  });
  expect(describeOrigin(origin!)).toBe('commit 3f2a9c1 of acme/flight-delay, signed by alias/model');
});

test('unsigned documents are enough where only their presence is asked for, and for nothing more', async () => {
  const { imageUri: image } = await build('present', { signingKey: undefined });
  const present = { ...signed, level: 'present' } as const;
  const { origin, problems } = await attestationOf(
    present,
    { image, modelPackageArn: null },
    { aws, signal },
  );
  expect([problems, describeOrigin(origin!)]).toEqual([
    [],
    'commit 3f2a9c1 of acme/flight-delay, not signed',
  ]);
  const elsewhere = await problemsOf(image, { ...present, repository: 'https://github.com/acme/other' });
  expect(elsewhere).toEqual([
    [
      'verify-attestation',
      expect.stringContaining(
        `says that its source is ${source}, and https://github.com/acme/other is right`,
      ),
    ],
  ]);
  expect(await problemsOf(image, signed)).toEqual([
    ['verify-attestation', expect.stringContaining('it is not signed (it should be signed by alias/model)')],
    ['verify-attestation', expect.stringMatching(/^no SBOM of .* it is not signed/)],
  ]);
});

test('with verification off nothing is asked of anybody', async () => {
  const off = { ...signed, level: 'off' } as const;
  const image = 'registry.invalid/model:latest';
  expect(await attestationOf(off, { image, modelPackageArn: null }, { aws, signal })).toEqual({
    origin: undefined,
    problems: [],
  });
});

const changed = (change: (text: string) => string) => () =>
  documents(([sbom, origin]) => [sbom, withPredicate(origin, change)]);

test.each<[string, () => Promise<string>, RegExp[]]>([
  [
    'nothing attached',
    () => attached(() => Promise.resolve()),
    [
      /^the registry has no statement of provenance of .*@sha256:\w+; build-inference-image attaches one, and signs it with signing-key alias\/model$/,
      /^the registry has no SBOM of /,
    ],
  ],
  ['no SBOM', () => documents(([, origin]) => [origin]), [/^the registry has no SBOM of /]],
  [
    'no provenance',
    () => documents(([sbom]) => [sbom]),
    [/^the registry has no statement of provenance of /],
  ],
  [
    'a signature by another key',
    () => documents(undefined, () => stranger),
    [
      /^no statement of provenance of .* can be trusted: sha256:\w{12} cannot be used: its signature is not by this key, or it was changed afterwards \(it should be signed by alias\/model\)$/,
      /^no SBOM of .* its signature is not by this key/,
    ],
  ],
  [
    'documents that are not signed',
    () => documents(undefined, () => undefined),
    [/cannot be used: it is not signed/, /cannot be used: it is not signed/],
  ],
  [
    'documents of another image',
    () =>
      documents((both) =>
        both.map((each) => ({ ...each, subject: [{ name: 'x', digest: { sha256: 'f'.repeat(64) } }] })),
      ),
    [
      new RegExp(`is about sha256:f{64}, not about sha256:\\w{64}$`),
      new RegExp(`is about sha256:f{64}, not about sha256:\\w{64}$`),
    ],
  ],
  [
    'another repository',
    changed((text) => text.replaceAll('acme/flight-delay', 'mallory/flight-delay')),
    [
      /says that its source is https:\/\/github\.com\/mallory\/flight-delay, and https:\/\/github\.com\/acme\/flight-delay is right$/,
    ],
  ],
  [
    'no repository',
    changed((text) => text.replace('git+', 'svn+')),
    [/says that its source is \(nothing\), and https:\/\/github\.com\/acme\/flight-delay is right$/],
  ],
  [
    'another builder',
    changed((text) =>
      text.replace('"id":"https://github.com/tidegate/tidegate"', '"id":"https://github.com/mallory"'),
    ),
    [
      /says that its builder is https:\/\/github\.com\/mallory, and https:\/\/github\.com\/tidegate\/tidegate is right$/,
    ],
  ],
  [
    'another way to build',
    changed((text) => text.replace('build-inference-image/v1', 'by-hand')),
    [
      /says that its way of building is https:\/\/github\.com\/tidegate\/tidegate\/by-hand, and .*build-inference-image\/v1 is right$/,
    ],
  ],
  [
    'a payload that was edited after it was signed',
    () =>
      attached(async (image, to) => {
        const [sbom, origin] = statementsOf(image, told);
        await attachDocuments(to, image, [sbom], key);
        const bundle = JSON.parse((await signStatement(origin, key)).toString()) as {
          dsseEnvelope: { payload: string };
        };
        bundle.dsseEnvelope.payload = Buffer.from(
          JSON.stringify(origin).replace('python', 'pythom'),
        ).toString('base64');
        await attach(to.registry, to.repository, image, [
          { artifactType: bundleType, bytes: Buffer.from(JSON.stringify(bundle)) },
        ]);
      }),
    [/^no statement of provenance of .* its signature is not by this key, or it was changed afterwards/],
  ],
])('%s is refused, with what was found and what would be right', async (_, image, sentences) => {
  expect(await problemsOf(await image(), signed)).toEqual(
    sentences.map((sentence) => ['verify-attestation', expect.stringMatching(sentence)]),
  );
});
const stranger = newSigner();

test('a commit that the model package does not record is refused, and one of several is found', async () => {
  const image = await documents(([sbom, origin], its) => [
    sbom,
    origin,
    ...['aaaaaaa', 'bbbbbbb'].map((other) => statementsOf(its, { ...told, commit: other })[1]),
  ]);
  const recorded = await register(image, 'bbbbbbb');
  const right = await attestationOf(signed, { image, modelPackageArn: recorded }, { aws, signal });
  expect(right).toMatchObject({ problems: [], origin: { commit: 'bbbbbbb' } });
  const other = await register(image, 'ccccccc');
  expect(await problemsOf(image, signed, other)).toEqual([
    [
      'verify-attestation',
      expect.stringMatching(
        /says that its commit is \w+, and ccccccc, which the model package records, is right; /,
      ),
    ],
  ]);
  // Of an image that is not the package's own, the package says nothing.
  const { imageUri: another } = await build('another', signed);
  expect(await problemsOf(another, signed, other)).toEqual([]);
});

/** Refers to an image as a bundle does, and holds none. */
async function attachNothing({ registry, repository }: Place, subject: Descriptor): Promise<void> {
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 };
  const empty = {
    schemaVersion: 2,
    mediaType: media.ociManifest,
    artifactType: bundleType,
    config,
    layers: [],
    subject,
  };
  const described = describeJson(empty, media.ociManifest);
  await putManifest(registry, repository, described.descriptor.digest, described);
}

test('what strangers attach beside what is right changes nothing', async () => {
  const image = await attached(async (subject, to) => {
    const both = statementsOf(subject, told);
    await attachDocuments(to, subject, statementsOf(subject, { ...told, commit: 'evil' }), stranger);
    await attach(to.registry, to.repository, subject, [
      { artifactType: bundleType, bytes: Buffer.from('{') },
    ]);
    await attachNothing(to, subject);
    await attachDocuments(to, subject, both, undefined);
    await attachDocuments(to, subject, both, key);
  });
  const { origin, problems } = await attestationOf(signed, { image, modelPackageArn: null }, { aws, signal });
  expect([problems, origin?.commit]).toEqual([[], commit]);
});

const registryOnLoopback = has('docker-registry') ? test : test.skip;
registryOnLoopback('a registry that serves another manifest, or another document, is found out', async () => {
  await using other = await startDockerRegistry();
  using client = connectTo(other);
  const image = await pushSubject(client, 'model');
  const place = { registry: client, repository: 'model' };
  const attachments = await attachDocuments(place, image, statementsOf(image, told), key);
  for (const lie of [image.digest, ...attachments]) {
    await using proxy = await startFaultProxy(other.url, ({ url = '' }) =>
      url.endsWith(`/manifests/${lie}`)
        ? { kind: 'lie', change: (body) => Buffer.from(body.toString().replace('"size":', '"size":1')) }
        : undefined,
    );
    const through = `${new URL(proxy.url).host}/model@${image.digest}`;
    expect(await problemsOf(through, signed)).toEqual([
      [
        'verify-attestation',
        expect.stringMatching(
          /the registry sent a manifest for .* whose digest is sha256:\w+: it lies or is broken/,
        ),
      ],
    ]);
  }
});

test.each<[string, () => Promise<Verification>, () => Promise<string>, [string, RegExp][]]>([
  [
    'an image that is not there',
    async () => signed,
    async () => `${host}/bare@sha256:${'0'.repeat(64)}`,
    [['verify-attestation', /^the image .*\/bare@sha256:0{64} is not in its registry$/]],
  ],
  [
    'an image by its tag',
    async () => signed,
    async () => `${host}/bare:latest`,
    [['verify-attestation', /bare:latest is a tag, and documents are attached to a digest$/]],
  ],
  [
    'a key that is not there',
    async () => ({ ...signed, signingKey: 'alias/nobody' }),
    () => documents(),
    [['signing-key', /^The key alias\/nobody does not exist in us-east-1/]],
  ],
  [
    'a key that is disabled',
    async () => {
      const { arn } = await newSigningKey(aws, 'alias/disabled');
      await aws.client(KMSClient).send(new DisableKeyCommand({ KeyId: arn }));
      return { ...signed, signingKey: arn };
    },
    () => documents(),
    [['signing-key', /^The key arn:aws:kms:.* cannot be used: .* is disabled\.$/]],
  ],
])('%s is named', async (_, verification, image, problems) => {
  expect(await problemsOf(await image(), await verification())).toEqual(
    problems.map(([input, sentence]) => [input, expect.stringMatching(sentence)]),
  );
});
