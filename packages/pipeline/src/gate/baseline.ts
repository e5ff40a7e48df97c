import {
  endpointConfigs,
  endpoints,
  modelPackages,
  models,
  objects,
  UserError,
  type Aws,
  type ModelPackage,
} from '@tidegate/aws';

/** What the candidate is compared with. */
export type BaselineChoice = 'live' | 'main' | 'release' | 'none' | { packageArn: string };

export type Baseline = {
  /** The exact thing: a model package ARN, or the model's name where it was made without one. */
  id: string;
  /** For a table's head: `live (v12, 9 days)`. */
  title: string;
  modelUri: string;
  /** Of the archive, without quotes. */
  etag: string;
  fleet: { instanceType: string; instanceCount: number } | null;
};

/** `absent`: it was looked for in the right place and there is none. `broken`: there is one, and it cannot be used. */
export type FoundBaseline =
  | { kind: 'found'; baseline: Baseline }
  | { kind: 'absent'; why: string; expected: boolean }
  | { kind: 'broken'; why: string };

export type BaselineQuestion = {
  choice: BaselineChoice;
  model: string;
  endpoint: string;
  /** The commits of the main branch, or of the last release and before, newest first: asked only for `main` and `release`. */
  commitsOf: (choice: 'main' | 'release') => Promise<string[]>;
};

const DAY_MS = 86_400_000;
const VERSIONS_LOOKED_AT = 100;

/** @throws UserError for a package ARN that does not exist: that is the caller's mistake, not a first run */
export async function findBaseline(aws: Aws, question: BaselineQuestion): Promise<FoundBaseline> {
  const { choice } = question;
  if (choice === 'none') return { kind: 'absent', why: 'no comparison was asked for', expected: true };
  if (choice === 'live') return await findLive(aws, question.endpoint);
  if (choice === 'main' || choice === 'release') return await findByCommit(aws, question, choice);
  const found = await modelPackages(aws).find(choice.packageArn);
  if (!found) throw new UserError(`The model package ${choice.packageArn} does not exist.`);
  return await fromPackage(aws, found, `package v${found.version}`);
}

async function findLive(aws: Aws, name: string): Promise<FoundBaseline> {
  const endpoint = await endpoints(aws).find(name);
  if (!endpoint)
    return { kind: 'absent', why: `no live model yet, there is no endpoint ${name}`, expected: true };
  if (endpoint.status === 'Creating' || endpoint.status === 'Failed') {
    return {
      kind: 'absent',
      why: `no live model yet, endpoint ${name} is ${endpoint.status}`,
      expected: true,
    };
  }
  const config = await endpointConfigs(aws).find(endpoint.configName);
  const variant = config?.variants[0];
  const model = variant ? await models(aws).find(variant.modelName) : undefined;
  if (!config || !variant || !model) {
    return { kind: 'broken', why: `endpoint ${name} serves ${endpoint.configName}, whose model is gone` };
  }
  const days = Math.floor((aws.time() - config.createdAt) / DAY_MS);
  const age = days === 0 ? 'since today' : days === 1 ? '1 day' : `${days} days`;
  const fleet = variant.instanceType
    ? {
        instanceType: variant.instanceType,
        instanceCount: endpoint.variants[0]?.instanceCount ?? variant.instanceCount,
      }
    : null;
  if (model.packageArn) {
    const found = await modelPackages(aws).find(model.packageArn);
    if (!found) return { kind: 'broken', why: `the live model’s package ${model.packageArn} is gone` };
    return await fromPackage(aws, found, `live (v${found.version}, ${age})`, fleet);
  }
  if (model.modelDataUri === null)
    return { kind: 'broken', why: `the live model ${model.name} has no model archive` };
  return await fromArchive(aws, {
    id: model.name,
    title: `live (${age})`,
    modelUri: model.modelDataUri,
    fleet,
  });
}

/** The newest version whose commit is among those given: not every commit of a branch makes one. */
async function findByCommit(
  aws: Aws,
  question: BaselineQuestion,
  choice: 'main' | 'release',
): Promise<FoundBaseline> {
  const commits = new Set(await question.commitsOf(choice));
  let looked = 0;
  for await (const version of modelPackages(aws).versions(question.model)) {
    if (commits.has(version.commit) && version.status === 'Completed') {
      return await fromPackage(aws, version, `${choice} (v${version.version})`);
    }
    looked += 1;
    if (looked === VERSIONS_LOOKED_AT) break;
  }
  return {
    kind: 'absent',
    why: `no version of ${question.model} was registered from a commit of ${choice === 'main' ? 'the main branch' : 'the last release'}`,
    expected: false,
  };
}

async function fromPackage(
  aws: Aws,
  version: ModelPackage,
  title: string,
  fleet: Baseline['fleet'] = null,
): Promise<FoundBaseline> {
  if (version.modelDataUri === null) return { kind: 'broken', why: `${version.arn} has no model archive` };
  return await fromArchive(aws, { id: version.arn, title, modelUri: version.modelDataUri, fleet });
}

async function fromArchive(aws: Aws, baseline: Omit<Baseline, 'etag'>): Promise<FoundBaseline> {
  const archive = await objects(aws).find(baseline.modelUri);
  if (!archive)
    return { kind: 'broken', why: `${baseline.title}: its model archive ${baseline.modelUri} is gone` };
  return { kind: 'found', baseline: { ...baseline, etag: archive.etag } };
}
