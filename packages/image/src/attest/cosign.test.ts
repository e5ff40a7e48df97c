import { describe, expect, test } from '@jest/globals';
import { attach } from '../registry/referrers.ts';
import { newSigner, pushSubject, statementsOf } from '../testing/attested.ts';
import * as cosign from '../testing/cosign.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from '../testing/registries.ts';
import { bundleType, signStatement } from './bundle.ts';
import { attachDocuments } from './documents.ts';

const kinds = [
  {
    name: 'docker-registry, which keeps no list of referrers',
    start: startDockerRegistry,
    isThere: has('docker-registry'),
  },
  { name: 'the local ECR, which keeps one', start: startLocalEcr, isThere: true },
];

// Building cosign takes minutes, so its absence is no failure anywhere.
describe.each(kinds)('cosign, where it is installed, in $name,', ({ start, isThere }) => {
  const check = isThere && cosign.isThere ? test : test.skip;

  check('verifies what we attached, and sees the very statements', async () => {
    await using registry = await start();
    await registry.create('model');
    using client = connectTo(registry);
    const signer = newSigner();
    const image = await pushSubject(client, 'model');
    const [sbom, origin] = statementsOf(image);
    await attachDocuments({ registry: client, repository: 'model' }, image, [sbom, origin], signer);
    const named = `${registry.host}/model@${image.digest}`;
    const verify = (type: 'cyclonedx' | 'slsaprovenance1', { publicKey } = signer) =>
      cosign.verifyAttestation(registry, named, type, publicKey);
    expect(await verify('cyclonedx')).toEqual([sbom]);
    expect(await verify('slsaprovenance1')).toEqual([origin]);
    await expect(verify('slsaprovenance1', newSigner())).rejects.toThrow('no matching attestations');
  });

  check('verifies nothing that was edited, or that is of another image', async () => {
    await using registry = await start();
    await registry.create('model');
    using client = connectTo(registry);
    const place = { registry: client, repository: 'model' };
    const signer = newSigner();
    const [honest, other, edited] = [
      await pushSubject(client, 'model', 'honest'),
      await pushSubject(client, 'model', 'other'),
      await pushSubject(client, 'model', 'edited'),
    ];
    // A right statement, attached to an image that it is not about.
    await attachDocuments(place, other, statementsOf(honest), signer);
    const [sbom] = statementsOf(edited);
    const bundle = JSON.parse((await signStatement(sbom, signer)).toString()) as {
      dsseEnvelope: { payload: string };
    };
    const said = JSON.stringify(sbom).replace('numpy', 'numpi');
    bundle.dsseEnvelope.payload = Buffer.from(said).toString('base64');
    const bytes = Buffer.from(JSON.stringify(bundle));
    await attach(client, 'model', edited, [{ artifactType: bundleType, bytes }]);
    for (const { digest } of [other, edited]) {
      const named = `${registry.host}/model@${digest}`;
      await expect(cosign.verifyAttestation(registry, named, 'cyclonedx', signer.publicKey)).rejects.toThrow(
        'no matching attestations',
      );
    }
  });
});
