import { describe, expect, it } from 'vitest';
import { exportName, unknownPlaceholders, type ExportNameParts } from '../../../contract/export-name.ts';

const PARTS: ExportNameParts = {
  name: 'Oma Grete.jpg',
  takenAt: '1953-06-02T14:30:00',
  number: 7,
  count: 120,
  version: { number: 2, preset: 'balanced' },
};

describe('exportName', () => {
  it('fills every placeholder in', () => {
    expect(exportName('{date} {name} {number} {preset} v{version}', PARTS)).toBe(
      '1953-06-02 Oma Grete 007 balanced v2',
    );
  });

  it('names what is not known: no date, no version', () => {
    const original = { ...PARTS, takenAt: null, version: null };
    expect(exportName('{name}-{date}-{preset}-{version}', original)).toBe(
      'Oma Grete-undated-original-original',
    );
  });

  it('leaves an unknown placeholder as it is, also one that every object has', () => {
    expect(exportName('{datum}-{constructor}', PARTS)).toBe('{datum}-{constructor}');
  });

  it('never leads to another folder or to a name that a system refuses', () => {
    expect(exportName('../../{name}', { ...PARTS, name: '..\\C:evil' })).toBe('_.._');
    expect(exportName('a/b\u0000c\u202egpj', PARTS)).toBe('a_b_c_gpj');
    expect(exportName('..', PARTS)).toBe('photo');
    expect(exportName('{name}', { ...PARTS, name: '' })).toBe('photo');
    expect(exportName('nul', PARTS)).toBe('_nul');
    expect(exportName('.name. . ', PARTS)).toBe('name');
  });

  it('stays within what file systems take, also where a sign has four bytes', () => {
    const name = exportName('😀'.repeat(100), PARTS);
    expect(name).toBe('😀'.repeat(50));
  });
});

describe('unknownPlaceholders', () => {
  it('finds each once', () => {
    expect(unknownPlaceholders('{name} {datum} {datum} {} {Name}')).toEqual(['{datum}', '{}', '{Name}']);
    expect(unknownPlaceholders('plain')).toEqual([]);
  });
});
