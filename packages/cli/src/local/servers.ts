import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startLocalGithub, type LocalGithub, type LocalGithubOptions } from '@tidegate/local-github';
import { readManifest } from '@tidegate/pipeline';
import { UserError } from '../terminal/errors.ts';
import { prepareAccount } from './account.ts';
import { startAwsProcess, type AwsProcess } from './aws-process.ts';

export type Servers = {
  readonly aws: AwsProcess | undefined;
  readonly github: LocalGithub;
  /** What a step, or a shell, needs to use both. */
  readonly environment: Readonly<Record<string, string>>;
  /** `owner/name` of the model repository on the local GitHub. */
  readonly repository: string;
  close(): Promise<void>;
};

const root = path.resolve(import.meta.dirname, '../../../..');
const region = 'us-east-1';

/**
 * A local GitHub for one model repository, and a local AWS unless AWS_ENDPOINT_URL names another. The roles, buckets and
 * image repositories that its manifest and workflows name are made, as a platform engineer would have made them.
 */
export async function startServers(settings: {
  folder: string;
  directory: string;
  clockSpeed: number;
  awsPort?: number;
  githubPort?: number;
  secrets?: Record<string, string>;
  onProgress?: LocalGithubOptions['onProgress'];
}): Promise<Servers> {
  const folder = path.resolve(settings.folder);
  if (!existsSync(path.join(folder, '.git')))
    throw new UserError(`${folder} is not a git repository; make it one with git init, and commit`);
  const repository = nameOf(folder);
  keepOutOfGit(settings.directory);
  const given = process.env['AWS_ENDPOINT_URL'];
  const aws = given
    ? undefined
    : await startAwsProcess({
        directory: path.join(settings.directory, 'aws'),
        clockSpeed: settings.clockSpeed,
        ...(settings.awsPort === undefined ? {} : { port: settings.awsPort }),
      });
  const environment = aws?.environment ?? inherited();
  const github = await startLocalGithub({
    directory: path.join(settings.directory, 'github'),
    repositories: { [repository]: folder },
    actions: { 'tidegate/tidegate': root },
    environment: Object.fromEntries(
      Object.entries(environment).filter(([name]) => !/KEY|TOKEN/.test(name) || aws === undefined),
    ),
    ...(settings.githubPort === undefined ? {} : { port: settings.githubPort }),
    ...(settings.secrets === undefined ? {} : { secrets: settings.secrets }),
    ...(settings.onProgress === undefined ? {} : { onProgress: settings.onProgress }),
  });
  if (aws !== undefined) {
    await prepareAccount(await accountOf(folder, repository, github.serverUrl), {
      endpoint: aws.endpoint,
      region,
    });
  }
  return {
    aws,
    github,
    environment: { ...environment, GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: github.token },
    repository,
    async close() {
      await github.close();
      await aws?.close();
    },
  };
}

/** What the repository's own files take for granted in an account. */
async function accountOf(
  folder: string,
  repository: string,
  issuer: string,
): Promise<Parameters<typeof prepareAccount>[0]> {
  const workflows = path.join(folder, '.github', 'workflows');
  const texts = existsSync(workflows)
    ? readdirSync(workflows).map((name) => readFileSync(path.join(workflows, name), 'utf8'))
    : [];
  const manifest = path.join(folder, 'tidegate.yml');
  const lookup = existsSync(manifest) ? await readManifest(manifest) : () => undefined;
  const value = (key: string) => lookup(key)?.value;
  const uris = [
    ...Object.values((value('train.data') ?? {}) as Record<string, string>),
    value('evaluate.data'),
    value('monitor.capture-s3-uri'),
  ];
  const model = value('model');
  return {
    issuer,
    repository,
    workflowRoles: [
      ...new Set(texts.flatMap((text) => text.match(/arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+/g) ?? [])),
    ],
    serviceRoles: [value('role')].filter((role) => typeof role === 'string'),
    buckets: [
      `sagemaker-${region}-123456789012`,
      ...new Set(uris.flatMap((uri) => (typeof uri === 'string' ? [new URL(uri).hostname] : []))),
    ],
    imageRepositories:
      typeof model === 'string'
        ? [(value('image.repository') as string | undefined) ?? model, 'tidegate-analyser']
        : [],
  };
}

/** From the repository's origin; otherwise the folder's own name. */
function nameOf(folder: string): string {
  let origin = '';
  try {
    origin = execFileSync('git', ['-C', folder, 'remote', 'get-url', 'origin'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // A repository without an origin is none the worse for it here.
  }
  return /[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(origin)?.[1] ?? `local/${path.basename(folder)}`;
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[0].startsWith('AWS_') && entry[1] !== undefined,
    ),
  );
}

/** State is nobody's source: the folder ignores itself. */
function keepOutOfGit(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, '.gitignore'), '*\n');
}
