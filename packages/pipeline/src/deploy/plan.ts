import { packageTag, type Candidate, type Live } from './candidate.ts';
import { describeOrigin } from './image-origin.ts';
import type { Facts, Problem } from './preflight-facts.ts';
import { describeRollout } from './rollout.ts';

export type Change = { what: string; now: string; after: string };

const none = '–';

/** What a deployment would change, and what it would leave; pure. */
export function planChanges(
  { version, configSpec }: Candidate,
  live: Live,
  liveTags: Record<string, string>,
): Change[] {
  const { config, model, endpoint } = live;
  const before = config?.variants[0];
  const rows: Change[] = [
    { what: 'endpoint config', now: endpoint?.configName ?? none, after: configSpec.name },
    { what: 'model package', now: liveTags[packageTag] ?? none, after: version.modelPackageArn ?? none },
    { what: 'image', now: model?.image || none, after: version.image ?? none },
    { what: 'model artifacts', now: model?.modelDataUri ?? none, after: version.modelArtifacts ?? none },
    { what: 'instance type', now: before?.instanceType ?? none, after: version.instanceType },
    { what: 'instance count', now: countNow(live), after: countAfter(version.instanceCount, live) },
    { what: 'data capture', now: captureText(config?.capture), after: captureText(configSpec.capture) },
  ];
  return rows;
}

/** Whether the count asked for is another than when the live version was deployed; otherwise the live (autoscaled) one stays. */
export function replacesCount(asked: number, { config }: Pick<Live, 'config'>): boolean {
  const before = config?.variants[0]?.instanceCount;
  return before !== undefined && before !== asked;
}

const countNow = ({ endpoint }: Live) => String(endpoint?.variants[0]?.desiredInstanceCount ?? none);

function countAfter(asked: number, live: Live): string {
  const now = live.endpoint?.variants[0]?.desiredInstanceCount;
  return now === undefined || replacesCount(asked, live) ? String(asked) : String(now);
}

function captureText(
  capture: { enabled: boolean; percent: number; destinationUri: string } | null | undefined,
) {
  return capture?.enabled === true ? `${capture.percent} % to ${capture.destinationUri}` : 'off';
}

export const changed = (changes: readonly Change[]) => changes.filter(({ now, after }) => now !== after);

/** What changes, how it gets there, what stands in the way, as Markdown. */
export function planMarkdown(
  endpoint: string,
  changes: readonly Change[],
  { armed, live, attestation }: Facts,
  problems: readonly Problem[],
): string {
  const rows = changes
    .filter(({ now, after }) => now !== none || after !== none)
    .map(({ what, now, after }) =>
      now === after
        ? `| ${what} | ${code(now)} | no change |`
        : `| ${what} | ${code(now)} | **${code(after)}** |`,
    );
  const rollout =
    live === undefined
      ? `\`${endpoint}\` is new: a first deployment has nothing to roll back to.`
      : `Rollout: ${describeRollout(armed)}. Taken back by ${armed.alarmNames.map(code).join(', ') || 'nothing'}.`;
  const refused =
    problems.length === 0
      ? []
      : [
          '',
          '**It would be refused:**',
          '',
          ...problems.map(([input, sentence]) => `* \`${input}\`: ${sentence}`),
        ];
  return [
    `### What changes at \`${endpoint}\``,
    '',
    '| | now | after |',
    '|---|---|---|',
    ...rows,
    '',
    rollout,
    ...(attestation.origin ? ['', `Provenance: ${describeOrigin(attestation.origin)}.`] : []),
    ...refused,
    '',
  ].join('\n');
}

const code = (text: string) => (text === none ? none : `\`${text.replaceAll('|', '\\|')}\``);
