import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { basicAuthorization } from './registry/authorize.ts';

type DockerConfig = {
  auths?: Record<string, { auth?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
};

/**
 * The `Authorization` header that `docker login` left for a registry; undefined where nobody logged in.
 * Helpers (`docker-credential-…`) are asked as Docker asks them.
 */
export async function dockerAuthorization(
  registry: string,
  folder = path.join(homedir(), '.docker'),
): Promise<string | undefined> {
  let config: DockerConfig;
  try {
    config = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')) as DockerConfig;
  } catch {
    return undefined;
  }
  const names =
    registry === 'docker.io'
      ? ['https://index.docker.io/v1/', 'docker.io']
      : [registry, `https://${registry}`];
  for (const name of names) {
    const helper = config.credHelpers?.[name] ?? (config.auths?.[name] && config.credsStore);
    const answered = helper && (await askHelper(helper, name));
    if (answered) return answered;
    const auth = config.auths?.[name]?.auth;
    if (auth) return `Basic ${auth}`;
  }
  return undefined;
}

async function askHelper(helper: string, registry: string): Promise<string | undefined> {
  const asking = promisify(execFile)(`docker-credential-${helper}`, ['get']);
  asking.child.stdin?.end(registry);
  try {
    const { Username, Secret } = JSON.parse((await asking).stdout) as { Username?: string; Secret?: string };
    return Username && Secret ? basicAuthorization(Username, Secret) : undefined;
  } catch {
    // A helper that is absent or knows nothing: the registry may let anybody in.
    return undefined;
  }
}
