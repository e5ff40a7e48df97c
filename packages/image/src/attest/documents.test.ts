import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Place } from '../copy-blobs.ts';
import { attach } from '../registry/referrers.ts';
import { newSigner, pushSubject, statementsOf } from '../testing/attested.ts';
import {
  connectTo,
  has,
  startDockerRegistry,
  startLocalEcr,
  type TestRegistry,
} from '../testing/registries.ts';
import { bundleType, openBundle, signStatement } from './bundle.ts';
import { attachDocuments, documentsOf, listDocuments, openDocument, type DocumentKind } from './documents.ts';
import { originOf } from './provenance.ts';
import { statementType, subjectsOf, type Statement } from './statement.ts';

const kinds = [
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
];
const signer = newSigner();

/** The documents of one kind, in the order to look at them. */
async function found(place: Place, image: string, kind: DocumentKind, revision?: string) {
  return documentsOf(kind, await listDocuments(place, image), revision);
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
    const place = { registry: client, repository: 'model' };
    const image = await pushSubject(client, 'model', 'signed');
    const [sbom, origin] = statementsOf(image);
    await attachDocuments(place, image, [sbom, origin], signer);
    for (const [kind, said] of [
      ['sbom', sbom],
      ['provenance', origin],
    ] as const) {
      const [document, ...more] = await found(place, image.digest, kind);
      expect([document?.artifactType, more]).toEqual([bundleType, []]);
      expect(await openDocument(place, document!, signer.publicKey)).toEqual(said);
      expect(subjectsOf(said)).toEqual([image.digest]);
    }
  });

  check('documents that are not signed are what they were, and are not taken for signed ones', async () => {
    using client = connectTo(registry);
    const place = { registry: client, repository: 'model' };
    const image = await pushSubject(client, 'model', 'unsigned');
    await attachDocuments(place, image, statementsOf(image), undefined);
    for (const kind of ['sbom', 'provenance'] as const) {
      const [document] = await found(place, image.digest, kind);
      expect(subjectsOf(await openDocument(place, document!, undefined))).toEqual([image.digest]);
      await expect(openDocument(place, document!, signer.publicKey)).rejects.toThrow('it is not signed');
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
    const documents = await found(place, image.digest, 'provenance', 'ccc');
    const statements = await Promise.all(
      documents.map((each) => openDocument(place, each, signer.publicKey)),
    );
    const commits = statements.map((each) => originOf(each).commit);
    expect([commits[0], commits.toSorted()]).toEqual(['ccc', ['aaa', 'bbb', 'ccc']]);
  });

  check('a bundle that somebody else attached without a hint of its content is read too', async () => {
    using client = connectTo(registry);
    const place = { registry: client, repository: 'model' };
    const image = await pushSubject(client, 'model', 'foreign');
    const [, origin] = statementsOf(image);
    const bytes = await signStatement(origin, signer);
    await attach(client, 'model', image, [{ artifactType: bundleType, bytes }]);
    const [document] = await found(place, image.digest, 'provenance');
    expect(await openDocument(place, document!, signer.publicKey)).toEqual(origin);
    const [sbom] = await found(place, image.digest, 'sbom');
    await expect(openDocument(place, sbom!, signer.publicKey)).rejects.toThrow(
      'it states https://slsa.dev/provenance/v1, not https://cyclonedx.org/bom',
    );
  });
});

const subject = { mediaType: '', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
const [, origin] = statementsOf(subject);

const signed = (said: Statement = origin) => signStatement(said, signer);

type Bundle = {
  mediaType: string;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
};

/** A signed statement, changed as a forger would. */
async function forged(change: (bundle: Bundle) => void): Promise<Buffer> {
  const bundle = JSON.parse((await signed()).toString()) as Bundle;
  change(bundle);
  return Buffer.from(JSON.stringify(bundle));
}

const edit = (payload: string, from: string, to: string) =>
  Buffer.from(Buffer.from(payload, 'base64').toString().replace(from, to)).toString('base64');

test.each<[string, () => Promise<Buffer>, string]>([
  [
    'a payload that was edited',
    () => forged(({ dsseEnvelope: it }) => (it.payload = edit(it.payload, '3f2a9c1', '4a4a4a4'))),
    'its signature is not by this key, or it was changed afterwards',
  ],
  [
    'a signature by another key',
    () => signStatement(origin, newSigner()),
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
  ['what is no JSON', async () => Buffer.from('{'), 'it is not JSON'],
  ['a list', async () => Buffer.from('[]'), 'it is no bundle of sigstore'],
  ['null', async () => Buffer.from('null'), 'it is not JSON'],
  [
    'a statement about nothing',
    () => signed({ ...origin, subject: [] }),
    'it is no in-toto statement (v1) about a SHA-256 digest',
  ],
])('%s is not taken for a statement', async (_, bundle, message) => {
  // What is signed badly does not even leave the house.
  await expect(async () => openBundle(await bundle(), signer.publicKey)).rejects.toMatchObject({
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
