import type { Curves } from '../evaluation/curves.ts';
import { fixed, percent } from './write.ts';

const WIDTH = 640;
const SIDE = 240;
const TOP = 8;
const LEFTS = [56, 368] as const;
const BOTTOM = TOP + SIDE;

/** The ROC curve, and how often what was given a probability came true, both models over each other. */
export function curveCharts(candidate: Curves, baseline: Curves | null): string {
  const roc = [
    frame(LEFTS[0], 'share of 0s above a threshold', 'share of 1s above it'),
    baseline ? rocLine('before', baseline) : '',
    rocLine('now', candidate),
  ];
  const calibration = [
    frame(LEFTS[1], 'probability', 'share of 1s'),
    baseline ? calibrationMarks('before', baseline) : '',
    calibrationMarks('now', candidate),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${BOTTOM + 40}" role="img" aria-label="ROC curve and calibration; the tables say the same">${roc.join('')}${calibration.join('')}</svg>`;
}

function frame(left: number, below: string, beside: string): string {
  const grid = [0, 0.5, 1].map((part) => {
    const [x, y] = [left + part * SIDE, BOTTOM - part * SIDE];
    const figure = `<text x="${x}" y="${BOTTOM + 15}" text-anchor="middle">${percent(part)}</text>`;
    const side =
      part === 0 ? '' : `<text x="${left - 5}" y="${y + 4}" text-anchor="end">${percent(part)}</text>`;
    return `<line x1="${left}" x2="${left + SIDE}" y1="${y}" y2="${y}"/><line x1="${x}" x2="${x}" y1="${TOP}" y2="${BOTTOM}"/>${figure}${side}`;
  });
  const middle = TOP + SIDE / 2;
  return `<g class="grid">${grid.join('')}<line class="whole" x1="${left}" x2="${left + SIDE}" y1="${BOTTOM}" y2="${TOP}"/></g><text x="${left + SIDE / 2}" y="${BOTTOM + 32}" text-anchor="middle">${below}</text><text transform="translate(${left - 42} ${middle}) rotate(-90)" text-anchor="middle">${beside}</text>`;
}

function rocLine(kind: 'before' | 'now', { roc }: Curves): string {
  const points = roc.map(
    ({ falsePositiveRate: x, truePositiveRate: y }) =>
      `${fixed(LEFTS[0] + x * SIDE)} ${fixed(BOTTOM - y * SIDE)}`,
  );
  return `<path class="curve ${kind}" d="M${points.join('L')}"/>`;
}

function calibrationMarks(kind: 'before' | 'now', { calibration }: Curves): string {
  return calibration
    .map(({ score, share, low, high }) => {
      const x = fixed(LEFTS[1] + score * SIDE + (kind === 'now' ? 2 : -2));
      const y = (value: number): number => fixed(BOTTOM - value * SIDE);
      const title = `given ${percent(score)}, came true ${percent(share)} (${percent(low)} … ${percent(high)})`;
      return `<g><title>${title}</title><line class="interval ${kind}" x1="${x}" x2="${x}" y1="${y(low)}" y2="${y(high)}"/><circle class="point ${kind}" cx="${x}" cy="${y(share)}" r="3.5"/></g>`;
    })
    .join('');
}
