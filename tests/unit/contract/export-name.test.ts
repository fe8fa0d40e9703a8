import { describe, expect, it } from 'vitest';
import { exportName, unknownPlaceholders } from '../../../contract/export-name.ts';

const parts = {
  ...{ name: 'Wedding 1953.old.jpg', takenAt: '1953-06-02T14:30:00', number: 7, count: 120 },
  version: { number: 2, preset: 'faithful' },
};

describe('exportName', () => {
  it('calls only what is restored restored', () => {
    const original = { ...parts, name: 'a-restored.jpg', version: null };
    expect(exportName('{name}-restored', { ...original, name: 'a.jpg' })).toBe('a');
    expect(exportName('{name}-restored-{preset}', original)).toBe('a-restored-original');
    expect(exportName('-restored', original)).toBe('photo');
  });

  it('fills the pattern', () => {
    expect(exportName('{name}-restored', parts)).toBe('Wedding 1953.old-restored');
    expect(exportName('{date}_{number}_{preset}_v{version}', parts)).toBe('1953-06-02_007_faithful_v2');
    expect(exportName('{date} {preset} {version}', { ...parts, takenAt: null, version: null })).toBe(
      'undated original original',
    );
    for (const takenAt of ['1938', '1938-06'])
      expect(exportName('{date} {name}', { ...parts, takenAt })).toBe(`${takenAt} Wedding 1953.old`);
  });

  it('leaves braces that mean nothing', () => {
    expect(exportName('{name} {unknown} {', { ...parts, name: 'a.jpg' })).toBe('a {unknown} {');
  });

  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\x', 'C__Windows_x'],
    ['a/b|c?d*e<f>g"h', 'a_b_c_d_e_f_g_h'],
    ['line\nbreak\ttab\0nul', 'line_break_tab_nul'],
    ['con', '_con'],
    ['COM1.backup', '_COM1.backup'],
    ['console', 'console'],
    ['...', 'photo'],
    ['  .hidden. ', 'hidden'],
    ['safe\u202egpj.exe', 'safe_gpj.exe'],
    ['Ko\u0308ln ☕ 子供', 'Köln ☕ 子供'],
  ])('makes a plain name of %j', (pattern, expected) => {
    expect(exportName(pattern, parts)).toBe(expected);
  });

  it('takes no separator from the photo', () => {
    expect(exportName('{name}', { ...parts, name: '../x/../y.jpg' })).toBe('_x_.._y');
  });

  it('keeps names short enough, never half a character', () => {
    const name = exportName('☕'.repeat(190), parts);
    expect([...name]).toHaveLength(66);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  });
});

describe('unknownPlaceholders', () => {
  it('finds each once', () => {
    expect(unknownPlaceholders('{name} {datum} {datum} {} {Name}')).toEqual(['{datum}', '{}', '{Name}']);
    expect(unknownPlaceholders('plain')).toEqual([]);
  });

  it('leaves them in the name, also one that every object has', () => {
    expect(exportName('{datum}-{constructor}', parts)).toBe('{datum}-{constructor}');
  });
});
