import { expect, test } from '@jest/globals';
import { scriptParameters } from './hyperparameters.ts';

test('hyperparameters reach a script as the training toolkit hands them over', () => {
  const given = {
    sagemaker_program: '"train.py"',
    'learning-rate': '0.10',
    epochs: '10',
    quoted: '"gini"',
    plain: 'gini',
    flag: 'true',
    nothing: 'null',
    layers: '[64, "relu"]',
    options: '{"b": 2, "a": "x"}',
    n: '5',
    name: 'Zürich',
  };
  expect(scriptParameters(given)).toEqual({
    args: (
      "--epochs 10 --flag True --layers [64,_'relu'] --learning-rate 0.10 -n 5 --name Zürich " +
      '--nothing None --options a=x,b=2 --plain gini --quoted gini'
    )
      .split(' ')
      .map((argument) => argument.replace('_', ' ')),
    environment: {
      SM_HP_EPOCHS: '10',
      SM_HP_FLAG: 'true',
      SM_HP_LAYERS: '[64,"relu"]',
      'SM_HP_LEARNING-RATE': '0.10',
      SM_HP_N: '5',
      SM_HP_NAME: 'Zürich',
      SM_HP_NOTHING: 'null',
      SM_HP_OPTIONS: '{"a":"x","b":2}',
      SM_HP_PLAIN: 'gini',
      SM_HP_QUOTED: 'gini',
    },
    json: String.raw`{"epochs":10,"flag":true,"layers":[64,"relu"],"learning-rate":0.10,"n":5,"name":"Z\u00fcrich","nothing":null,"options":{"a":"x","b":2},"plain":"gini","quoted":"gini"}`,
    platform: { sagemaker_program: 'train.py' },
  });
});
