import type { Constraints } from '../kernel/constraints.ts';
import type { CreateService } from '../kernel/world.ts';
import { aliasOperations } from './alias-operations.ts';
import { keyOperations } from './key-operations.ts';
import { allAlgorithms, allKeySpecs } from './key-specs.ts';
import { signingOperations } from './signing-operations.ts';
import { tagOperations } from './tag-operations.ts';

export const createKms: CreateService = (world) => ({
  operations: {
    ...keyOperations(world),
    ...aliasOperations(world),
    ...signingOperations(world),
    ...tagOperations(world),
  },
  constraints,
});

const keyId = { min: 1, max: 2048 };
const aliasName = { min: 1, max: 256, pattern: '[a-zA-Z0-9:/_-]+' };
const limit = { min: 1, max: 1000 };
const message = { min: 1, max: 4096 };
const messageType = { enum: ['RAW', 'DIGEST', 'EXTERNAL_MU'] };
const signingAlgorithm = { enum: allAlgorithms };

const constraints: Constraints = {
  'CreateKeyRequest.Description': { max: 8192 },
  'CreateKeyRequest.KeySpec': { enum: allKeySpecs },
  'CreateKeyRequest.CustomerMasterKeySpec': { enum: allKeySpecs },
  'CreateKeyRequest.KeyUsage': {
    enum: ['SIGN_VERIFY', 'ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'],
  },
  'CreateKeyRequest.Origin': { enum: ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'] },
  'DescribeKeyRequest.KeyId': keyId,
  'GetPublicKeyRequest.KeyId': keyId,
  'EnableKeyRequest.KeyId': keyId,
  'DisableKeyRequest.KeyId': keyId,
  'CancelKeyDeletionRequest.KeyId': keyId,
  'ScheduleKeyDeletionRequest.KeyId': keyId,
  'ScheduleKeyDeletionRequest.PendingWindowInDays': { min: 7, max: 30 },
  'ListKeysRequest.Limit': limit,
  'ListAliasesRequest.Limit': limit,
  'ListAliasesRequest.KeyId': keyId,
  'CreateAliasRequest.AliasName': aliasName,
  'CreateAliasRequest.TargetKeyId': keyId,
  'UpdateAliasRequest.AliasName': aliasName,
  'UpdateAliasRequest.TargetKeyId': keyId,
  'DeleteAliasRequest.AliasName': aliasName,
  'SignRequest.KeyId': keyId,
  'SignRequest.Message': message,
  'SignRequest.MessageType': messageType,
  'SignRequest.SigningAlgorithm': signingAlgorithm,
  'VerifyRequest.KeyId': keyId,
  'VerifyRequest.Message': message,
  'VerifyRequest.MessageType': messageType,
  'VerifyRequest.Signature': { min: 1, max: 6144 },
  'VerifyRequest.SigningAlgorithm': signingAlgorithm,
  'TagResourceRequest.KeyId': keyId,
  'ListResourceTagsRequest.KeyId': keyId,
  'ListResourceTagsRequest.Limit': { min: 1, max: 50 },
  'Tag.TagKey': { min: 1, max: 128 },
  'Tag.TagValue': { max: 256 },
};
