import { generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '../attest/bundle.ts';
import { provenance, type Origin } from '../attest/provenance.ts';
import { cycloneDx, sbomPredicate } from '../attest/sbom.ts';
import { statement, type Statement } from '../attest/statement.ts';
import type { Descriptor } from '../manifest.ts';
import { findManifest } from '../registry/manifests.ts';
import type { Registry } from '../registry/registry.ts';
import { pushBase } from './base.ts';

/** A key on this machine, in the place of one whose secret half nobody holds. */
export function newSigner(curve = 'prime256v1'): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => Promise.resolve(sign('sha256', bytes, privateKey)),
  };
}

/** A small image in a registry, as something to speak of. */
export async function pushSubject(
  registry: Registry,
  repository: string,
  text?: string,
): Promise<Descriptor> {
  const digest = await pushBase(registry, repository, text === undefined ? {} : { text });
  const found = await findManifest(registry, repository, digest);
  return { mediaType: found?.mediaType ?? '', digest, size: found?.bytes.length ?? 0 };
}

/** What a build of ours says of an image. */
export function statementsOf(
  { digest }: Descriptor,
  { name = 'registry/model', commit = '3f2a9c1', repository = 'https://github.com/acme/flight-delay' } = {},
): [sbom: Statement, provenance: Statement] {
  const base = { name: 'docker.io/library/python:3.12', digest: `sha256:${'b'.repeat(64)}` };
  const image = { name, digest };
  const origin: Origin = {
    image,
    base,
    layers: [`sha256:${'c'.repeat(64)}`],
    source: { repository, commit },
    invocation: `${repository}/actions/runs/7`,
    parameters: { base: 'python:3.12' },
  };
  const bom = cycloneDx({ image, base, packages: [{ name: 'numpy', version: '2.4.0' }], layers: [] });
  return [statement(image, sbomPredicate, bom), provenance(origin)];
}
