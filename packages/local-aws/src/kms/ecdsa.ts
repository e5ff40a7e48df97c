import { createECDH, createPrivateKey } from 'node:crypto';

/*
 * ECDSA over a digest that somebody else made, which Node's own `sign` does not offer: it hashes what it is given.
 * Node does the work on the curve, k·G, and what is left is arithmetic modulo the order of the group (FIPS 186-5, 6.4).
 */

/** The order of each curve's group; the digests that are used with it are not longer. */
const orders: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  secp521r1:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};

type Signer = { curve: string; order: bigint; secret: bigint };

/** The DER form of a signature. */
export function signDigest(privateKey: string, digest: Uint8Array): Buffer {
  const { curve, order, secret } = signerOf(privateKey);
  for (;;) {
    const once = createECDH(curve);
    const point = once.generateKeys();
    const nonce = toNumber(once.getPrivateKey());
    const r = xOf(point) % order;
    const s = (inverse(nonce, order) * (toNumber(digest) + r * secret)) % order;
    if (r !== 0n && s !== 0n) return toDer(r, s);
  }
}

/** By who holds the secret: then u₁·G + u₂·Q is one multiple of G. */
export function verifiesDigest(privateKey: string, digest: Uint8Array, signature: Uint8Array): boolean {
  const { curve, order, secret } = signerOf(privateKey);
  const [r, s] = fromDer(Buffer.from(signature)) ?? [];
  if (r === undefined || s === undefined || r <= 0n || r >= order || s <= 0n || s >= order) return false;
  const multiple = ((toNumber(digest) + r * secret) * inverse(s, order)) % order;
  if (multiple === 0n) return false;
  const point = createECDH(curve);
  point.setPrivateKey(toBytes(multiple, order));
  return xOf(point.getPublicKey()) % order === r;
}

function signerOf(privateKey: string): Signer {
  const key = createPrivateKey(privateKey);
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const order = orders[curve];
  if (order === undefined) throw new Error(`no group order of the curve ${curve}`);
  return { curve, order, secret: toNumber(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')) };
}

/** Of an uncompressed point: 4, x, y. */
const xOf = (point: Buffer) => toNumber(point.subarray(1, 1 + (point.length - 1) / 2));

const toNumber = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

function toBytes(number: bigint, order: bigint): Buffer {
  const width = Math.ceil(order.toString(16).length / 2) * 2;
  return Buffer.from(number.toString(16).padStart(width, '0'), 'hex');
}

/** By Euclid; the order is prime, so every number below it has one. */
function inverse(number: bigint, order: bigint): bigint {
  let [a, b, x, y] = [number % order, order, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a % b, y, x - quotient * y];
  }
  return ((x % order) + order) % order;
}

/** SEQUENCE { INTEGER r, INTEGER s } */
function toDer(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([r, s].map(integer));
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function integer(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  // A leading bit that is set would be a sign.
  const signed = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, signed.length]), signed]);
}

/** Undefined for what is not exactly such a sequence. */
function fromDer(bytes: Buffer): [bigint, bigint] | undefined {
  const start = bytes[1] === 0x81 ? 3 : 2;
  const length = bytes[start - 1];
  if (bytes[0] !== 0x30 || length !== bytes.length - start) return undefined;
  const first = integerAt(bytes, start);
  const second = first && integerAt(bytes, first.end);
  return second?.end === bytes.length ? [first!.number, second.number] : undefined;
}

function integerAt(bytes: Buffer, at: number): { number: bigint; end: number } | undefined {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  if (bytes[at] !== 0x02 || length === 0 || end > bytes.length) return undefined;
  return { number: toNumber(bytes.subarray(at + 2, end)), end };
}
