import { choice, pattern } from '@tidegate/github';
import type { Run } from '@tidegate/github';

/* Who signs what is attached to an image, and what must be attached before the image is deployed. */

const kmsKey = pattern(
  'a KMS key (its id, its ARN, or alias/<name>)',
  /^(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+|alias\/[\w/-]+|(mrk-)?[0-9a-f-]{32,36})$/,
);

export const signingKey = kmsKey({
  description: 'The KMS key that signs what is attached to images (ECC_NIST_P256 or RSA, SIGN_VERIFY).',
  manifest: 'image.signing-key',
});

export const attestationInputs = {
  'verify-attestation': choice(['off', 'present', 'signed'], {
    description:
      'Before anything is changed: `present` wants an SBOM and a statement of provenance that fit the image, this repository and the model package’s commit; `signed` wants both signed by `signing-key`. Otherwise `signed` where there is a signing-key, else `off`.',
    manifest: 'deploy.verify-attestation',
  }),
  'signing-key': signingKey,
  'source-repository': pattern(
    'a repository (owner/name)',
    /^[\w.-]+\/[\w.-]+$/,
  )({
    description: 'The repository that the image must be built of; otherwise this one.',
  }),
};

type AttestationInputs = {
  verifyAttestation: 'off' | 'present' | 'signed' | undefined;
  signingKey: string | undefined;
  sourceRepository: string | undefined;
};

export function attestationProblems({ verifyAttestation, signingKey: key }: AttestationInputs) {
  return verifyAttestation === 'signed' && key === undefined
    ? [['signing-key', 'is missing, and verify-attestation is signed'] as const]
    : [];
}

export function verificationOf(inputs: AttestationInputs, { context }: Pick<Run, 'context'>) {
  const { verifyAttestation, signingKey: key, sourceRepository = context.repository } = inputs;
  return {
    level: verifyAttestation ?? (key === undefined ? ('off' as const) : ('signed' as const)),
    signingKey: key,
    repository: `${context.serverUrl}/${sourceRepository}`,
  };
}
