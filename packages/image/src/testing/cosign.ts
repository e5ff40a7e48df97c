import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Statement } from '../attest/statement.ts';
import { isInstalled, type TestRegistry } from './registries.ts';

/* The field's own verifier, where it is on the PATH: go install github.com/sigstore/cosign/v3/cmd/cosign@latest */

export const isThere = isInstalled('cosign');

/**
 * The statements of one type that cosign verifies with a key (PEM), as it is told to in the documentation.
 * @throws with what it says where it verifies none
 */
export async function verifyAttestation(
  { authorization, host }: Pick<TestRegistry, 'authorization' | 'host'>,
  image: string,
  type: 'cyclonedx' | 'slsaprovenance1',
  publicKey: string,
): Promise<Statement[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-cosign-'));
  try {
    const key = path.join(folder, 'key.pub');
    await writeFile(key, publicKey);
    const auth = authorization?.replace(/^Basic /, '');
    await writeFile(
      path.join(folder, 'config.json'),
      JSON.stringify({ auths: auth ? { [host]: { auth } } : {} }),
    );
    // cosign 2 wants to know whom it trusts beside the key: nobody.
    const root = path.join(folder, 'root.json');
    await writeFile(root, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');
    const format = ['--new-bundle-format', '--trusted-root', root];
    const options = [
      '--key',
      key,
      '--type',
      type,
      ...format,
      '--insecure-ignore-tlog',
      '--allow-http-registry',
    ];
    const { stdout } = await promisify(execFile)('cosign', ['verify-attestation', ...options, image], {
      env: { PATH: process.env['PATH'], HOME: folder, DOCKER_CONFIG: folder },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => {
        const { payload } = JSON.parse(line) as { payload: string };
        return JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement;
      });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
