import type { DeployResult } from '@tidegate/pipeline';
import type { ChapterFact } from './facts.ts';
import { gateOf } from './gate.ts';
import { html, table, type Html } from './html.ts';

/** From the commit to what was asked to go live, each by its exact name. */
export function lineageSection(chapters: readonly ChapterFact[]): Html {
  const rows = chapters.flatMap((chapter) => {
    const gate = gateOf(chapter);
    const version = deployOf(chapter)?.version;
    if (gate === undefined && version === undefined) return [];
    return [
      [
        `${chapter.title} (${chapter.sha.slice(0, 7)})`,
        gate?.data.digest ?? '',
        gate?.training?.jobName ?? '',
        version?.modelPackageArn ?? '',
        version?.image ?? '',
        version?.endpointConfig ?? '',
      ].map((name, index) => (index === 0 ? name : html`<code>${name}</code>`)),
    ];
  });
  if (rows.length === 0) return html``;
  return html`<section aria-labelledby="lineage">
    <h2 id="lineage">Where each version comes from</h2>
    ${table('Exact names', ['Commit', 'Evaluation data', 'Training job', 'Model package', 'Image', 'Endpoint config'], rows)}
  </section>`;
}

export function deployOf({ reports }: ChapterFact): DeployResult['outcome'] {
  const found = Object.values(reports).find(
    (report) => (report as Partial<DeployResult> | null)?.outcome?.version !== undefined,
  );
  return (found as DeployResult | undefined)?.outcome;
}
