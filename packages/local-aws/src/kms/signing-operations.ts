import type { SignCommandInput, VerifyCommandInput } from '@aws-sdk/client-kms';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { requireUsable, resolveKey } from './find-key.ts';
import { isSignature, makeSignature, type Signed } from './signatures.ts';

export function signingOperations(world: World): Record<string, Operation> {
  return {
    Sign(input: SignCommandInput) {
      const signed = signedOf('Sign', input);
      const key = requireUsable(resolveKey(world, input.KeyId));
      return {
        KeyId: key.arn,
        Signature: makeSignature(key, signed),
        SigningAlgorithm: input.SigningAlgorithm,
      };
    },

    Verify(input: VerifyCommandInput) {
      const signed = signedOf('Verify', input);
      const key = requireUsable(resolveKey(world, input.KeyId));
      if (!isSignature(key, signed, input.Signature ?? new Uint8Array()))
        throw new AwsError('KMSInvalidSignatureException', '');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
    },
  };
}

function signedOf(operation: string, input: SignCommandInput): Signed {
  const { Message = new Uint8Array(), MessageType = 'RAW', SigningAlgorithm = '', DryRun = false } = input;
  if (DryRun) throw notBuilt(`kms:${operation} with DryRun`);
  if (MessageType === 'EXTERNAL_MU') throw notBuilt(`kms:${operation} with MessageType ${MessageType}`);
  return { message: Message, type: MessageType, algorithm: SigningAlgorithm };
}
