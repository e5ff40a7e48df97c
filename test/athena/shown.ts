import { bucketsOf, type Profile } from '@tidegate/stats';

/** A profile without what differs by rounding, by the order of a table's slots, and by how the most frequent texts are found. */
export function shown({ rows, columns }: Profile): unknown {
  return {
    rows,
    columns: columns.map(({ name, rows: own, types, numbers, texts }) => {
      const { count, sum, correction, squares, min, max } = numbers.moments;
      return {
        name,
        rows: own,
        types,
        infinite: numbers.infinite,
        moments: [count, min, max, (sum + correction).toPrecision(11), Math.sqrt(squares).toPrecision(9)],
        shift: numbers.histogram.shift,
        distinct: numbers.histogram.distinct,
        ...bucketsIn(numbers.histogram),
        registers: numbers.histogram.registers?.join(' '),
        total: texts.total,
        texts: texts.many ? undefined : Object.fromEntries(texts.counts),
        many: texts.many && [texts.many.buckets.join(' '), texts.many.registers.join(' ')],
      };
    }),
  };
}

/** As texts, which Jest compares at once and not number by number. */
function bucketsIn(histogram: Parameters<typeof bucketsOf>[0]): Record<string, unknown> {
  const { lower, upper, counts, total, exact } = bucketsOf(histogram);
  return { lower: lower.join(' '), upper: upper.join(' '), counts: counts.join(' '), total, exact };
}
