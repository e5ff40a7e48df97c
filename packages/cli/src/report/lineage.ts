import type { DeployResult } from '@tidegate/pipeline';
import type { ChapterFact } from './facts.ts';
import { gateOf } from './gate.ts';
import { html, type Html } from './html.ts';

/** From the commit to what was asked to go live, each by its exact name. */
export function lineageSection(chapters: readonly ChapterFact[]): Html {
  const versions = chapters.flatMap((chapter, index) => {
    const gate = gateOf(chapter);
    const version = deployOf(chapter)?.version;
    if (gate === undefined && version === undefined) return [];
    const names: [string, string | null | undefined][] = [
      ['commit', chapter.sha],
      ['evaluation data', gate?.data.digest],
      ['training job', gate?.training?.jobName],
      ['model package', version?.modelPackageArn],
      ['image', version?.image],
      ['endpoint config', version?.endpointConfig],
    ];
    return [
      html`<h3>${index + 1} ${chapter.title}</h3>
        <dl>
          ${names.map(([what, name]) =>
            name
              ? html`<dt>${what}</dt>
                  <dd><code>${name}</code></dd>`
              : undefined,
          )}
        </dl>`,
    ];
  });
  if (versions.length === 0) return html``;
  return html`<section aria-labelledby="lineage">
    <h2 id="lineage">Where each version comes from</h2>
    <p class="soft">Exact names, from the commit to the endpoint.</p>
    ${versions}
  </section>`;
}

export function deployOf({ reports }: ChapterFact): DeployResult['outcome'] {
  const found = Object.values(reports).find(
    (report) => (report as Partial<DeployResult> | null)?.outcome?.version !== undefined,
  );
  return (found as DeployResult | undefined)?.outcome;
}
