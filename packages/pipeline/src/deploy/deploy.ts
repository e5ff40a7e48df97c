import { UserError, tags } from '@tidegate/aws';
import { resolveCandidate } from './candidate.ts';
import { gatherFacts, readLive } from './facts.ts';
import type { ImageOrigin } from './image-origin.ts';
import type { ShiftSurroundings } from './order.ts';
import type { Outcome } from './outcome.ts';
import { changed, planChanges, planMarkdown, type Change } from './plan.ts';
import { preflight } from './preflight.ts';
import { outcomeMarkdown } from './report.ts';
import type { DeploySettings } from './settings.ts';
import { shift } from './shift.ts';

export type DeployResult = {
  /** Undefined where only a plan was asked for. */
  outcome: Outcome | undefined;
  endpointConfig: string;
  previousEndpointConfig: string | undefined;
  changes: Change[];
  /** Where the image comes from, as was verified; undefined where it was not asked for. */
  origin: ImageOrigin | undefined;
  /** For the summary page. */
  markdown: string;
};

/**
 * Brings exactly one model to an endpoint, with a guardrail that takes it back, and says what became of it.
 * @throws UserError before anything is changed where the deployment cannot be trusted; all reasons at once
 */
export async function deploy(settings: DeploySettings, around: ShiftSurroundings): Promise<DeployResult> {
  if (settings.target !== 'sagemaker')
    throw new UserError(`target: ${settings.target} is not built yet; sagemaker is.`);
  if (settings.smoke === undefined)
    throw new UserError(
      'smoke is missing: a version counts as promoted only when it was seen to answer a real request.',
    );
  const { aws, log } = around;
  const live = await readLive(aws, settings.endpoint);
  const candidate = await resolveCandidate(settings, live, aws);
  const facts = await gatherFacts(settings, candidate, live, around);
  const problems = preflight(settings, facts);
  const liveTags = live.config === undefined ? {} : await tags(aws).of(live.config.arn);
  const changes = planChanges(candidate, live, liveTags);
  const plan = planMarkdown(settings.endpoint, changes, facts, problems);
  const result = {
    endpointConfig: candidate.configSpec.name,
    previousEndpointConfig: live.endpoint?.configName,
    changes: changed(changes),
    origin: facts.attestation.origin,
  };
  if (settings.mode === 'plan') return { ...result, outcome: undefined, markdown: plan };
  for (const { what, now, after } of result.changes) log.info(`${what}: ${now} → ${after}`);
  const outcome = await shift({ settings, candidate, live, facts, problems }, around);
  return { ...result, outcome, markdown: `${outcomeMarkdown(outcome)}\n${plan}` };
}
