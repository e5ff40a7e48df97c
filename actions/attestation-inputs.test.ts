import { expect, test } from '@jest/globals';
import { readInputs } from '@tidegate/github';
import { attestationProblems, verificationOf } from './attestation-inputs.ts';
import { contract } from './rollback/contract.ts';

const context = { repository: 'acme/flight-delay', serverUrl: 'https://github.com' };
const given = { INPUT_MODEL: 'flight-delay', INPUT_SMOKE: 'request.json' };

/** What an action would verify, of inputs and a manifest. */
function verification(inputs: Record<string, string>, manifest: Record<string, string> = {}) {
  const lookup = (key: string) =>
    manifest[key] === undefined ? undefined : { value: manifest[key], place: 'tidegate.yml:1:1' };
  const parsed = readInputs(contract, { ...given, ...inputs }, lookup);
  return verificationOf(parsed, { context } as Parameters<typeof verificationOf>[1]);
}

const repository = 'https://github.com/acme/flight-delay';
const signingKey = 'alias/flight-delay';

test('a key in the manifest is reason enough to want signatures, and an input may say otherwise', () => {
  expect(verification({})).toEqual({ level: 'off', signingKey: undefined, repository });
  const manifest = { 'image.signing-key': signingKey };
  expect(verification({}, manifest)).toEqual({ level: 'signed', signingKey, repository });
  const inputs = { 'INPUT_VERIFY-ATTESTATION': 'off', 'INPUT_SOURCE-REPOSITORY': 'acme/images' };
  expect(verification(inputs, manifest)).toEqual({
    level: 'off',
    signingKey,
    repository: 'https://github.com/acme/images',
  });
});

test('what signs is a key, and signatures without one cannot be wanted', () => {
  expect(() => verification({ 'INPUT_SIGNING-KEY': 'my key', 'INPUT_SOURCE-REPOSITORY': 'acme' })).toThrow(
    /signing-key +"my key" is not a KMS key \(its id, its ARN, or alias\/<name>\)\n +source-repository +"acme" is not a repository/,
  );
  const wanted = { verifyAttestation: 'signed', signingKey: undefined, sourceRepository: undefined } as const;
  expect(attestationProblems(wanted)).toEqual([
    ['signing-key', 'is missing, and verify-attestation is signed'],
  ]);
});

test.each([
  'alias/flight-delay',
  'arn:aws:kms:us-east-1:123456789012:alias/flight-delay',
  'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  'mrk-1234abcd12ab34cd56ef1234567890ab',
])('%s is a key', (key) => {
  expect(verification({ 'INPUT_SIGNING-KEY': key })).toEqual({
    level: 'signed',
    signingKey: key,
    repository,
  });
});
