import { readFile } from 'node:fs/promises';
import { UserError } from '@tidegate/aws';
import type { GateReport } from '../gate/gate-report.ts';

/**
 * Reads the gate's report and holds it against the very archive that is to be registered: a report about another model proves nothing.
 * @throws UserError when it is missing, about something else, or not a pass (unless that is allowed)
 */
export async function readEvidence(
  reportPath: string | undefined,
  model: { modelUri: string; etag: string },
  allowUnevaluated: boolean,
): Promise<GateReport | undefined> {
  if (reportPath === undefined || reportPath === '') {
    if (allowUnevaluated) return undefined;
    throw new UserError(
      'No evaluation report: give evaluation-report (the report-path of evaluate-gate), or allow-unevaluated to register without one.',
    );
  }
  const report = parse(reportPath, await readFile(reportPath, 'utf8').catch(() => undefined));
  if (report.candidate.modelUri !== model.modelUri || report.candidate.etag !== model.etag) {
    throw new UserError(
      `The evaluation report ${reportPath} is about ${report.candidate.modelUri} (${report.candidate.etag}), ` +
        `not about ${model.modelUri} (${model.etag}).`,
    );
  }
  if (report.verdict !== 'pass' && !allowUnevaluated) {
    throw new UserError(
      `The gate’s verdict is ${report.verdict}, so this model is not registered. Reason: ${report.findings[0]?.what}`,
    );
  }
  return report;
}

function parse(reportPath: string, text: string | undefined): GateReport {
  if (text === undefined) throw new UserError(`The evaluation report ${reportPath} does not exist.`);
  let report: GateReport;
  try {
    report = JSON.parse(text) as GateReport;
  } catch (cause) {
    throw new UserError(`The evaluation report ${reportPath} is not JSON.`, { cause });
  }
  if (report.format !== 'tidegate-gate/1') {
    throw new UserError(
      `${reportPath} is not a report of evaluate-gate (its format is ${JSON.stringify(report.format)}).`,
    );
  }
  return report;
}
