import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attach } from '../registry/referrers.ts';
import type { Registry } from '../registry/registry.ts';
import { newSigner, pushSubject, statementsOf } from '../testing/attested.ts';
import {
  connectTo,
  has,
  startDockerRegistry,
  startLocalEcr,
  type TestRegistry,
} from '../testing/registries.ts';
import { bundleType, signStatement } from './bundle.ts';
import {
  attachDocuments,
  listDocuments,
  openDocument,
  readDocuments,
  type AttachedDocument,
  type DocumentKind,
} from './documents.ts';
import { originOf } from './provenance.ts';
import { statementType, subjectsOf, type Statement } from './statement.ts';

const kinds = [
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
];
const signer = newSigner();

async function found(
  client: Registry,
  repository: string,
  image: string,
  kind: DocumentKind,
  revision?: string,
) {
  const place = { registry: client, repository };
  const documents: AttachedDocument[] = [];
  const listed = await listDocuments(place, image);
  for await (const each of readDocuments(place, listed, kind, revision)) documents.push(each);
  return documents;
}

describe.each(kinds)('in $name,', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;
  let registry: TestRegistry;
  beforeAll(async () => {
    if (!isThere) return;
    registry = await start();
    await registry.create('model');
  });
  afterAll(async () => registry?.[Symbol.asyncDispose]());

  check('signed documents are found by the image’s digest, and opened with the key', async () => {
    using client = connectTo(registry);
    const image = await pushSubject(client, 'model', 'signed');
    const [sbom, origin] = statementsOf(image);
    await attachDocuments({ registry: client, repository: 'model' }, image, [sbom, origin], signer);
    for (const [kind, said] of [
      ['sbom', sbom],
      ['provenance', origin],
    ] as const) {
      const [document, ...more] = await found(client, 'model', image.digest, kind);
      expect([document?.artifactType, more]).toEqual([bundleType, []]);
      expect(openDocument(document!, signer.publicKey)).toEqual(said);
      expect(subjectsOf(said)).toEqual([image.digest]);
    }
  });

  check('documents that are not signed are what they were, and are not taken for signed ones', async () => {
    using client = connectTo(registry);
    const image = await pushSubject(client, 'model', 'unsigned');
    const statements = statementsOf(image);
    await attachDocuments({ registry: client, repository: 'model' }, image, statements, undefined);
    for (const kind of ['sbom', 'provenance'] as const) {
      const [document] = await found(client, 'model', image.digest, kind);
      expect(subjectsOf(openDocument(document!, undefined))).toEqual([image.digest]);
      expect(() => openDocument(document!, signer.publicKey)).toThrow('it is not signed');
    }
  });

  check('of several statements, those of the commit that is asked for come first', async () => {
    using client = connectTo(registry);
    const place = { registry: client, repository: 'model' };
    const image = await pushSubject(client, 'model', 'several');
    for (const commit of ['aaa', 'bbb', 'ccc']) {
      const [, origin] = statementsOf(image, { commit });
      await attachDocuments(place, image, [origin], signer);
    }
    const documents = await found(client, 'model', image.digest, 'provenance', 'ccc');
    const commits = documents.map((each) => originOf(openDocument(each, signer.publicKey)).commit);
    expect([commits[0], commits.toSorted()]).toEqual(['ccc', ['aaa', 'bbb', 'ccc']]);
  });

  check('a bundle that somebody else attached without a hint of its content is read too', async () => {
    using client = connectTo(registry);
    const image = await pushSubject(client, 'model', 'foreign');
    const [, origin] = statementsOf(image);
    const bytes = await signStatement(origin, signer);
    await attach(client, 'model', image, [{ artifactType: bundleType, bytes }]);
    const [document] = await found(client, 'model', image.digest, 'provenance');
    expect(openDocument(document!, signer.publicKey)).toEqual(origin);
    const [sbom] = await found(client, 'model', image.digest, 'sbom');
    expect(() => openDocument(sbom!, signer.publicKey)).toThrow(
      'it states https://slsa.dev/provenance/v1, not https://cyclonedx.org/bom',
    );
  });
});

const subject = { mediaType: '', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
const [, origin] = statementsOf(subject);

async function signed(said: Statement = origin): Promise<AttachedDocument> {
  const bytes = await signStatement(said, signer);
  return { kind: 'provenance', attachment: '', artifactType: bundleType, revision: undefined, bytes };
}

type Bundle = {
  mediaType: string;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
};

/** Changes a signed document as a forger would. */
async function forged(change: (bundle: Bundle) => void): Promise<AttachedDocument> {
  const document = await signed();
  const bundle = JSON.parse(document.bytes.toString()) as Bundle;
  change(bundle);
  return { ...document, bytes: Buffer.from(JSON.stringify(bundle)) };
}

const edit = (payload: string, from: string, to: string) =>
  Buffer.from(Buffer.from(payload, 'base64').toString().replace(from, to)).toString('base64');

test.each<[string, () => Promise<AttachedDocument>, string]>([
  [
    'a payload that was edited',
    () => forged(({ dsseEnvelope: it }) => (it.payload = edit(it.payload, '3f2a9c1', '4a4a4a4'))),
    'its signature is not by this key, or it was changed afterwards',
  ],
  [
    'a signature by another key',
    async () => ({ ...(await signed()), bytes: await signStatement(origin, newSigner()) }),
    'its signature is not by this key',
  ],
  [
    'a signature that is none',
    () => forged(({ dsseEnvelope: it }) => (it.signatures = [{ sig: 'AAAA' }])),
    'its signature is not by this key',
  ],
  [
    'an empty signature',
    () => forged(({ dsseEnvelope: it }) => (it.signatures = [{ sig: '' }])),
    'its signature is not by this key',
  ],
  [
    'a second signature beside the right one',
    () => forged(({ dsseEnvelope: it }) => it.signatures.push({ sig: 'AAAA' })),
    'it has several signatures',
  ],
  [
    'no signature',
    () => forged(({ dsseEnvelope: it }) => (it.signatures = [])),
    'it is no bundle of sigstore',
  ],
  [
    'another type of payload',
    () => forged(({ dsseEnvelope: it }) => (it.payloadType = 'text/plain')),
    `it holds "text/plain", not a statement (${statementType})`,
  ],
  [
    'another format',
    () => forged((bundle) => (bundle.mediaType = 'text/plain')),
    'it is no bundle of sigstore',
  ],
  ['what is no JSON', async () => ({ ...(await signed()), bytes: Buffer.from('{') }), 'it is not JSON'],
  ['a list', async () => ({ ...(await signed()), bytes: Buffer.from('[]') }), 'it is no bundle of sigstore'],
  ['null', async () => ({ ...(await signed()), bytes: Buffer.from('null') }), 'it is not JSON'],
  [
    'a statement about nothing',
    () => signed({ ...origin, subject: [] }),
    'it is no in-toto statement (v1) about a SHA-256 digest',
  ],
])('%s is not taken for a statement', async (_, document, message) => {
  // What is signed badly does not even leave the house.
  await expect(async () => openDocument(await document(), signer.publicKey)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(message),
  });
});

test('a key whose signatures nobody could check signs nothing', async () => {
  await expect(signStatement(origin, newSigner('secp384r1'))).rejects.toThrow(
    'a key of secp384r1 signs no statements here: P-256 and RSA keys do',
  );
  const liar = { ...newSigner(), sign: newSigner().sign };
  await expect(signStatement(origin, liar)).rejects.toThrow('its signature is not by this key');
});

test.each([{}, { buildDefinition: { resolvedDependencies: 'git' } }, { runDetails: [] }])(
  'provenance that lacks what it should say says nothing: %j',
  (predicate) => {
    expect(originOf({ ...origin, predicate })).toEqual({
      builder: '',
      buildType: '',
      repository: '',
      commit: '',
    });
  },
);
