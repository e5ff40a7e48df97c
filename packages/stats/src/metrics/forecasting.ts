import { UserError } from '../user-error.ts';
import { pinballLoss } from './averaged.ts';

/** A series' true continuation, what was forecast, and the series before it (needed by mase). */
export type Forecast = { actual: Float64Array; forecast: Float64Array; history?: Float64Array | undefined };

const FORECAST_METRICS = ['mae', 'rmse', 'mape', 'smape', 'wape', 'mase', 'bias'] as const;
export type ForecastMetric = (typeof FORECAST_METRICS)[number];

/**
 * Errors of a forecast, all the lower the better. `season` is the period of mase's naive forecast; 1 when absent.
 * @throws UserError for lengths that differ, values that are not finite, or mase without a history longer than the season
 */
export function evaluateForecast<Name extends ForecastMetric>(
  rows: Forecast,
  names: readonly Name[],
  { season = 1 }: { season?: number } = {},
): Record<Name, { value: number; greaterIsBetter: false }> {
  checkPair('forecasts', rows.actual, rows.forecast);
  return Object.fromEntries(
    names.map((name) => [name, { value: METRICS[name](rows, season), greaterIsBetter: false }]),
  ) as Record<Name, { value: number; greaterIsBetter: false }>;
}

const METRICS: Record<ForecastMetric, (rows: Forecast, season: number) => number> = {
  mae: (rows) => mean(rows, (y, x) => Math.abs(y - x)),
  rmse: (rows) => Math.sqrt(mean(rows, (y, x) => (y - x) ** 2)),
  /** A share; Infinity where something is 0. */
  mape: (rows) => mean(rows, (y, x) => Math.abs((y - x) / y)),
  /** Between 0 and 2 (Makridakis 1993); 0 where both are 0. */
  smape: (rows) =>
    mean(rows, (y, x) => (y === 0 && x === 0 ? 0 : (2 * Math.abs(y - x)) / (Math.abs(y) + Math.abs(x)))),
  wape: (rows) => mean(rows, (y, x) => Math.abs(y - x)) / mean(rows, (y) => Math.abs(y)),
  mase: (rows, season) => mean(rows, (y, x) => Math.abs(y - x)) / naiveError(rows.history, season),
  bias: (rows) => Math.abs(mean(rows, (y, x) => x - y)),
};

/** The mean absolute error of "as it was a season ago" over the history (Hyndman and Koehler 2006). */
function naiveError(history: Float64Array | undefined, season: number): number {
  if (!history || history.length <= season) {
    throw new UserError(`mase needs a history of more than ${season} values, found ${history?.length ?? 0}`);
  }
  let sum = 0;
  for (let i = season; i < history.length; i++) sum += Math.abs(history[i]! - history[i - season]!);
  return sum / (history.length - season);
}

/**
 * How good forecast quantiles are: the mean pinball loss of each, their mean (half of the continuous ranked probability score as the
 * quantiles grow dense), and the share of values at or below each, which a calibrated forecast keeps near the quantile itself.
 */
export function evaluateQuantiles(
  actual: Float64Array,
  quantiles: readonly { quantile: number; forecast: Float64Array }[],
): { meanLoss: number; quantiles: { quantile: number; loss: number; coverage: number }[] } {
  if (quantiles.length === 0) throw new UserError('there are no quantiles to evaluate');
  const measured = quantiles.map(({ quantile, forecast }) => {
    checkPair('forecasts', actual, forecast);
    return {
      quantile,
      loss: mean({ actual, forecast }, pinballLoss(quantile)),
      coverage: mean({ actual, forecast }, (y, x) => (y <= x ? 1 : 0)),
    };
  });
  return {
    meanLoss: measured.reduce((sum, { loss }) => sum + loss, 0) / measured.length,
    quantiles: measured,
  };
}

function mean({ actual, forecast }: Forecast, of: (y: number, x: number) => number): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += of(actual[i]!, forecast[i]!);
  return sum / actual.length;
}

function checkPair(name: string, actual: Float64Array, forecast: Float64Array): void {
  if (actual.length === 0) throw new UserError('there are no rows to evaluate');
  if (actual.length !== forecast.length) {
    throw new UserError(`there are ${actual.length} values but ${forecast.length} ${name}`);
  }
  const at = actual.findIndex((value, i) => !Number.isFinite(value) || !Number.isFinite(forecast[i]!));
  if (at >= 0) throw new UserError('holds a value that is not a finite number', { row: at + 1 });
}
