import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { ImageError } from '../errors.ts';
import { statementType, type Statement } from './statement.ts';

/*
 * A statement in a signed envelope (DSSE), in the bundle that sigstore's verifiers read: one file, one signature, and
 * which key made it (https://github.com/secure-systems-lab/dsse, https://docs.sigstore.dev/about/bundle/).
 */

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A key, wherever its secret half may be. */
export type Signer = {
  /** PEM. */
  publicKey: string;
  /** Signs the digest of these bytes: SHA-256 with a key on P-256 or an RSA key (PKCS #1 v1.5), as `openBundle` expects it. */
  sign: (bytes: Buffer) => Promise<Uint8Array>;
};

type Bundle = {
  mediaType: string;
  verificationMaterial: { publicKey: { hint: string } };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
};

/** @throws ImageError where the signature that comes back is not of this key */
export async function signStatement(statement: Statement, { publicKey, sign }: Signer): Promise<Buffer> {
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = Buffer.from(await sign(signedBytes(statementType, payload)));
  const bundle: Bundle = {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: fingerprint(readKey(publicKey)) } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: statementType,
      signatures: [{ sig: sig.toString('base64') }],
    },
  };
  const bytes = Buffer.from(JSON.stringify(bundle));
  openBundle(bytes, publicKey);
  return bytes;
}

/**
 * The statement in a bundle, which must be signed by the key (PEM) where one is given.
 * @throws ImageError that says what it is instead
 */
export function openBundle(bytes: Buffer, publicKey: string | undefined): Statement {
  const { payload, payloadType, signature } = readEnvelope(bytes);
  if (
    publicKey !== undefined &&
    !verify('sha256', signedBytes(payloadType, payload), readKey(publicKey), signature)
  )
    throw new ImageError('its signature is not by this key, or it was changed afterwards');
  return readStatement(payload);
}

/** @throws ImageError where the bytes are no statement of in-toto */
export function readStatement(bytes: Buffer): Statement {
  const { _type, subject, predicateType, predicate } = readJson(bytes) as Partial<Statement>;
  const isStatement =
    _type === 'https://in-toto.io/Statement/v1' &&
    Array.isArray(subject) &&
    subject.length > 0 &&
    subject.every((each) => typeof each?.digest?.sha256 === 'string') &&
    typeof predicateType === 'string' &&
    typeof predicate === 'object' &&
    predicate !== null;
  if (!isStatement) throw new ImageError('it is no in-toto statement (v1) about a SHA-256 digest');
  return { _type, subject, predicateType, predicate };
}

function readEnvelope(bytes: Buffer): { payload: Buffer; payloadType: string; signature: Buffer } {
  const { mediaType, dsseEnvelope } = readJson(bytes) as Partial<Bundle>;
  const { payload, payloadType, signatures } = dsseEnvelope ?? {};
  const [signature, ...more] = Array.isArray(signatures) ? signatures : [];
  if (mediaType !== bundleType || typeof payload !== 'string' || typeof signature?.sig !== 'string')
    throw new ImageError(`it is no bundle of sigstore (${bundleType}) with a signed envelope`);
  // Of several, a verifier could be shown one and mean another.
  if (more.length > 0) throw new ImageError('it has several signatures, and a bundle has one');
  if (payloadType !== statementType)
    throw new ImageError(`it holds ${JSON.stringify(payloadType)}, not a statement (${statementType})`);
  return {
    payload: Buffer.from(payload, 'base64'),
    payloadType,
    signature: Buffer.from(signature.sig, 'base64'),
  };
}

/** DSSE's pre-authentication encoding: the type is signed too, and lengths leave nothing to be moved between the two. */
function signedBytes(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** By which cosign tells keys apart. */
function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

function readKey(publicKey: string): KeyObject {
  const key = createPublicKey(publicKey);
  const { asymmetricKeyType: type, asymmetricKeyDetails } = key;
  const curve = asymmetricKeyDetails?.namedCurve;
  if (type === 'rsa' || curve === 'prime256v1') return key;
  throw new ImageError(`a key of ${curve ?? type} signs no statements here: P-256 and RSA keys do`);
}

/** @throws ImageError where it is none */
export function readJson(bytes: Buffer): object {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new ImageError('it is not JSON');
}
