import { describe, expect, it } from 'vitest';
import { parseFaces } from '../../../cli/parse-face.ts';

const FORM =
  'Expected face as the number of a face and its settings, like 3:preset=faithful,seed=7, but received';

describe('parseFaces', () => {
  it('reads the settings of each face, counted from 1', () => {
    expect(parseFaces(['3:preset=faithful,seed=7', '1:grain=0.2'])).toEqual({
      2: { preset: 'faithful', seed: 7 },
      0: { grain: 0.2 },
    });
  });

  it('reads every setting that one face can have', () => {
    const text =
      '1:preset=mine,fidelity=0.5,guides=3,weights=0.5,0.3,0.2,start=400,blur=2.5,seed=7,per-region=on,auto=off,crispness=0.6,grain=1';
    expect(parseFaces([text])).toEqual({
      0: {
        ...{ preset: 'mine', fidelity: 0.5, guides: 3, weights: [0.5, 0.3, 0.2], start: 400, blur: 2.5 },
        ...{ seed: 7, perRegion: true, auto: false, crispness: 0.6, grain: 1 },
      },
    });
  });

  it.each([
    [[''], `${FORM} nothing`],
    [['3'], `${FORM} 3`],
    [['3:'], `${FORM} '3:'`],
    [['0:seed=7'], `${FORM} '0:seed=7'`],
    [['anna:seed=7'], `${FORM} 'anna:seed=7'`],
    [['10000:seed=7'], `${FORM} '10000:seed=7'`],
    [['3:seed=1', '3:grain=1'], "Expected face 3 once but received '3:grain=1'"],
    [['3:seed=1,seed=2'], "Expected seed of face 3 once but received 'seed=2'"],
    [['3:guides=7'], 'Expected guides of face 3 as a whole number between 1 and 4 but received 7'],
    [['3:seed='], 'Expected seed of face 3 as a whole number between 0 and 4294967295 but received nothing'],
    [['3:per-region=yes'], "Expected per-region of face 3 as on or off but received 'yes'"],
    [
      ['3:speed=draft'],
      "Expected a setting of face 3 as preset, fidelity, guides, weights, start, blur, seed, per-region, auto, crispness, grain but received 'speed'",
    ],
    [['3:faithful'], /^Expected a setting of face 3 as .* but received 'faithful'$/],
  ])('says what it expected in place of %j', (texts, message) => {
    const expected = typeof message === 'string' ? message : (expect.stringMatching(message) as string);
    expect(() => parseFaces(texts)).toThrow(
      expect.objectContaining({ code: 'argument/invalid', message: expected }),
    );
  });
});
