/** A confidence interval; NaN, by the method `none`, where the rows do not bear one. */
export type Interval = {
  low: number;
  high: number;
  method: 'delong' | 'wilson' | 'bootstrap' | 'simultaneous' | 'none';
};

export const NO_INTERVAL: Interval = { low: Number.NaN, high: Number.NaN, method: 'none' };
