import { expect, test } from '@jest/globals';
import { judge, type AlarmState, type Datum, type MissingData } from './judge.ts';

const treatments: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const datum: Record<string, Datum> = { '0': 'fine', X: 'breaching', '-': 'missing' };

/** The states for a row of AWS's tables, under each treatment; `retain` where the state stays what it was. */
function row(data: string, datapoints: number): (AlarmState | 'retain')[] {
  const range = data.split(' ').map((sign) => datum[sign] as Datum);
  return treatments.map((missing) => {
    const states = (['OK', 'ALARM'] as const).map((current) =>
      judge(range, { periods: 3, datapoints, missing }, current),
    );
    return states[0] === states[1] ? (states[0] as AlarmState) : 'retain';
  });
}

test.each([
  ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
  ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
  ['- - - - -', ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
  ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['- - X - -', ['ALARM', 'retain', 'ALARM', 'OK']],
])('3 of 3 datapoints: %s is judged as in the table of the CloudWatch User Guide', (data, states) => {
  expect(row(data, 3)).toEqual(states);
});

test.each([
  ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - X -', ['ALARM', 'retain', 'ALARM', 'OK']],
])('2 of 3 datapoints: %s is judged as in the table of the CloudWatch User Guide', (data, states) => {
  expect(row(data, 2)).toEqual(states);
});

test('one breach among gaps does not alarm at once when three are needed', () => {
  expect(row('- - - - X', 3)[0]).toBe('retain');
  expect(row('- - - X -', 3)[0]).toBe('retain');
});
