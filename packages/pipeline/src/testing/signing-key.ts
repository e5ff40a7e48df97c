import { CreateAliasCommand, CreateKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import { signingKeys, type Aws, type SigningKey } from '@tidegate/aws';

/** Makes a key in KMS, under an alias. */
export async function makeKey(aws: Aws, AliasName: string, KeySpec: KeySpec): Promise<void> {
  const kms = aws.client(KMSClient);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
}

/** Makes one that signs. */
export async function newSigningKey(aws: Aws, alias: string): Promise<SigningKey> {
  await makeKey(aws, alias, 'ECC_NIST_P256');
  return await signingKeys(aws).find(alias);
}
