import type { Answer } from './answers.ts';
import type { Truth } from './labels.ts';

/** How many there were, and what became of them. */
export type LabelCounts = {
  /** Requests that were answered, once each. */
  answers: number;
  /** Of these: with labels, without any (yet), and so young that theirs need not be there. */
  labelled: number;
  unlabelled: number;
  waiting: number;
  /** Labels that came later than they should have; they count all the same. */
  late: number;
  /** Left out: labels that contradict each other, labels that are not one for each instance, answers that are no numbers. */
  contradictory: number;
  mismatched: number;
  unusable: number;
  /** Of the same request again: an answer (the first counts), and the same label. */
  repeatedAnswers: number;
  repeatedLabels: number;
  /** Labels of requests that are not among the answers, as of another window. */
  unknown: number;
};

export type Joined = { labels: Float64Array; scores: Float64Array; counts: LabelCounts };

type Pending = { at: number; scores: number[]; labels?: number[]; arrivedAt: number; contradicts: boolean };

/**
 * Joins answers with the labels that came for them. Answers are remembered, some 200 bytes each; labels only where they fit one.
 * @param labelDelayMs how long labels may take; without it none is late and none is waited for
 */
export function labelJoin({ labelDelayMs = Infinity }: { labelDelayMs?: number | undefined } = {}): {
  addAnswers(answers: readonly Answer[]): void;
  /** @param arrivedAt the earliest instant at which these labels were there; NaN when it is not known */
  addLabels(truths: readonly Truth[], arrivedAt?: number): void;
  joined(): Joined;
} {
  const pending = new Map<string, Pending>();
  let repeatedAnswers = 0;
  let repeatedLabels = 0;
  let unknown = 0;
  let latest = -Infinity;
  return {
    addAnswers(answers) {
      for (const { id, at, scores } of answers) {
        if (at > latest) latest = at;
        if (pending.has(id)) repeatedAnswers++;
        else pending.set(id, { at, scores, arrivedAt: Number.NaN, contradicts: false });
      }
    },
    addLabels(truths, arrivedAt = Number.NaN) {
      for (const { id, labels } of truths) {
        const answer = pending.get(id);
        if (!answer) {
          unknown++;
        } else if (!answer.labels) {
          answer.labels = labels;
          answer.arrivedAt = arrivedAt;
        } else if (
          labels.length === answer.labels.length &&
          labels.every((y, i) => y === answer.labels![i])
        ) {
          repeatedLabels++;
        } else {
          answer.contradicts = true;
        }
      }
    },
    joined() {
      const counts: LabelCounts = {
        answers: pending.size,
        labelled: 0,
        unlabelled: 0,
        waiting: 0,
        late: 0,
        contradictory: 0,
        mismatched: 0,
        unusable: 0,
        repeatedAnswers,
        repeatedLabels,
        unknown,
      };
      const labels: number[] = [];
      const scores: number[] = [];
      for (const answer of pending.values()) {
        if (!answer.labels) {
          counts[latest - answer.at <= labelDelayMs && labelDelayMs < Infinity ? 'waiting' : 'unlabelled']++;
          continue;
        }
        counts.labelled++;
        if (answer.arrivedAt - answer.at > labelDelayMs) counts.late++;
        if (answer.contradicts) counts.contradictory++;
        else if (answer.labels.length !== answer.scores.length) counts.mismatched++;
        else if (!answer.scores.every(Number.isFinite)) counts.unusable++;
        else {
          for (const label of answer.labels) labels.push(label);
          for (const score of answer.scores) scores.push(score);
        }
      }
      return { labels: Float64Array.from(labels), scores: Float64Array.from(scores), counts };
    },
  };
}
