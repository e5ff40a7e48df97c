import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registries } from '@tidegate/aws';
import { attachDocuments, findManifest, openRegistry, parseReference } from '@tidegate/image';
import { statementsOf } from '../../../image/src/testing/attested.ts';
import { rollback } from '../rollback.ts';
import { openStage, type Stage } from '../testing/deployment-stage.ts';
import { newSigningKey } from '../testing/signing-key.ts';
import { deploy } from './deploy.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const around = () => ({
  aws: stage.aws,
  log: stage.log,
  signal: new AbortController().signal,
  ledger: stage.ledger(),
});
const allAtOnce = () => ({ ...stage.settings('').rollout, strategy: 'all-at-once' as const });
const signed = (signingKey: string) => ({
  ...stage.settings('').verification,
  level: 'signed' as const,
  signingKey,
});

/** Signs what a build would have attached to an image, after the fact. */
async function sign(image: string, alias: string): Promise<void> {
  const key = await newSigningKey(stage.aws, alias);
  const { repository, digest = '' } = parseReference(image);
  const { registryUrl: url, authorization } = await registries(stage.aws).access();
  const registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  const found = await findManifest(registry, repository, digest);
  const subject = { mediaType: found?.mediaType ?? '', digest, size: found?.bytes.length ?? 0 };
  const source = `https://github.com/${stage.repository}`;
  await attachDocuments(
    { registry, repository },
    subject,
    statementsOf(subject, { repository: source }),
    key,
  );
  registry.close();
}

test('an image that nobody signed is refused beside all else that is in the way, and nothing is changed', async () => {
  await newSigningKey(stage.aws, 'alias/unused');
  stage.proxy.forget();
  const settings = stage.settings('refused', {
    verification: signed('alias/unused'),
    rollbackAlarms: ['ghost'],
  });
  const asked = deploy(settings, around());
  await expect(asked).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^3 things stand in the way of deploying to refused; nothing was changed:\n {2}rollback-alarms +ghost does not exist.*\n {2}verify-attestation +the registry has no statement of provenance.*\n {2}verify-attestation +the registry has no SBOM/,
    ),
  });
  expect(stage.proxy.mutations()).toEqual([]);
});

test('a signed image is deployed, and the summary says where it comes from; going back asks for the same', async () => {
  const before = await deploy(stage.settings('attested', { rollout: allAtOnce() }), around());
  expect(before.origin).toBeUndefined();
  const image = await stage.pushImage('// signed\n');
  await sign(image, 'alias/model');
  const verification = signed('alias/model');
  const settings = stage.settings('attested', { imageUri: image, rollout: allAtOnce(), verification });
  const { outcome, origin, markdown } = await deploy(settings, around());
  expect([outcome?.verdict, origin?.signedBy]).toEqual(['promoted', 'alias/model']);
  expect(markdown).toContain('Provenance: commit 3f2a9c1 of acme/model, signed by alias/model.');

  const { rollbackOn, smoke } = settings;
  const back = {
    endpoint: 'attested',
    to: 'previous',
    rollout: allAtOnce(),
    rollbackOn,
    rollbackAlarms: [],
    smoke,
    expectedCurrent: undefined,
    tags: {},
    runId: '9',
    mode: 'apply' as const,
    timeout: settings.timeout,
  };
  await expect(rollback({ ...back, verification }, around())).rejects.toThrow(
    /in the way of deploying to attested; nothing was changed:\n {2}verify-attestation +the registry has no statement of provenance/,
  );
  const off = { ...verification, level: 'off' as const };
  const { outcome: done } = await rollback({ ...back, verification: off }, around());
  expect(done).toMatchObject({
    verdict: 'promoted',
    version: { endpointConfig: before.endpointConfig },
  });
});
