import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { request } from 'node:http';
import { once } from 'node:events';
import { rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** Our side as it ships: one file, no types to strip at start. */
export async function bundleOurs(folder: string): Promise<string> {
  const input = path.join(import.meta.dirname, 'append.ts');
  const bundle = await rolldown({
    input,
    cwd: root,
    platform: 'node',
    external: [/^node:/],
    treeshake: { moduleSideEffects: false },
  });
  const file = path.join(folder, 'ours.mjs');
  await bundle.write({ file, format: 'esm', minify: true, codeSplitting: false });
  return file;
}

/** 300 files of about 17 kB that compress as source code does. */
export function makeCode(folder: string, seed: string): string {
  const code = path.join(folder, `code-${seed}`);
  const words = Array.from({ length: 800 }, (_, index) =>
    createHash('md5')
      .update(`word ${index}`)
      .digest('hex')
      .slice(0, 3 + (index % 9)),
  );
  for (let file = 0; file < 300; file++) {
    const place = path.join(code, `package${file % 20}`);
    mkdirSync(place, { recursive: true });
    let random = createHash('sha256').update(`${seed} ${file}`).digest();
    let text = `# ${seed}\n`;
    while (text.length < 17_000) {
      for (const byte of random) text += `${words[(byte * 3 + text.length) % words.length]} `;
      text += '\n';
      random = createHash('sha256').update(random).digest();
    }
    writeFileSync(path.join(place, `module${file}.py`), text);
  }
  return code;
}

/** Float32 weights of a normal distribution's look: they hardly compress. */
export function makeWeights(folder: string, bytes: number): string {
  const weights = path.join(folder, 'weights');
  mkdirSync(weights, { recursive: true });
  const file = openSync(path.join(weights, 'model.safetensors'), 'w');
  const floats = new Float32Array(1_000_000);
  const noise = new Uint32Array(floats.length * 2);
  for (let written = 0; written < bytes; written += floats.byteLength) {
    randomFillSync(noise);
    for (let at = 0; at < floats.length; at++) {
      floats[at] = 0.02 * (((noise[2 * at] ?? 0) + (noise[2 * at + 1] ?? 0)) / 2 ** 32 - 1);
    }
    writeSync(file, new Uint8Array(floats.buffer), 0, Math.min(floats.byteLength, bytes - written));
  }
  closeSync(file);
  return weights;
}

/** A base of four layers that do not compress, made while it is sent. */
export async function pushBase(host: string, gigabytes: number): Promise<void> {
  const diffIds: string[] = [];
  const layers: object[] = [];
  for (let layer = 0; layer < 4; layer++) {
    const size = Math.round((gigabytes * 1e9) / 4 / 512) * 512;
    const digest = await pushNoise(host, size);
    diffIds.push(digest);
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size });
  }
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  await put(host, config, digest);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const described = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length };
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers });
  const answer = await fetch(`http://${host}/v2/base/manifests/1`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body,
  });
  if (answer.status !== 201)
    throw new Error(`the base was answered ${answer.status}: ${await answer.text()}`);
}

/** One file of noise in a tar archive, so that every tool can read the layer. */
async function pushNoise(host: string, size: number): Promise<string> {
  const location = await session(host);
  const hash = createHash('sha256');
  const outgoing = request(location, {
    method: 'PATCH',
    headers: { 'content-type': 'application/octet-stream', 'content-length': size },
  });
  const answered = once(outgoing, 'response') as Promise<
    [{ headers: { location?: string }; resume(): void }]
  >;
  const send = async (bytes: Buffer) => {
    hash.update(bytes);
    if (!outgoing.write(bytes)) await once(outgoing, 'drain');
  };
  const body = size - 512 - 1024;
  await send(header(`noise-${randomBytes(8).toString('hex')}`, body));
  // A megabyte of noise again and again, each time turned by a number: tools do not look for repetitions that far apart.
  const block = randomBytes(1 << 20);
  for (let sent = 0; sent < body;) {
    block.writeUInt32LE(sent % 2 ** 32, (sent >> 10) % (block.length - 4));
    const part = Buffer.from(block.subarray(0, Math.min(block.length, body - sent)));
    await send(part);
    sent += part.length;
  }
  await send(Buffer.alloc(1024));
  outgoing.end();
  const [answer] = await answered;
  answer.resume();
  const digest = `sha256:${hash.digest('hex')}`;
  await finish(answer.headers.location ?? '', digest, Buffer.alloc(0));
  return digest;
}

function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0);
  bytes.write('0000644\x000000000\x000000000\x00', 100, 'latin1');
  bytes.write(`${size.toString(8).padStart(11, '0')}\x0000000000000\x00        0`, 124, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148, 'latin1');
  return bytes;
}

async function put(host: string, bytes: Buffer, digest: string): Promise<void> {
  await finish(await session(host), digest, bytes);
}

async function session(host: string): Promise<string> {
  const answer = await fetch(`http://${host}/v2/base/blobs/uploads/`, { method: 'POST' });
  return answer.headers.get('location') ?? '';
}

async function finish(location: string, digest: string, body: Buffer): Promise<void> {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(body) });
  if (answer.status !== 201) throw new Error(`a blob was answered ${answer.status}: ${await answer.text()}`);
}
