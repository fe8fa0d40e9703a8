import { describe, expect, it } from 'vitest';
import { labelsFor } from '../../../../main/electron/labels.ts';
import { LOCALES } from '../../../../contract/library.ts';

describe('labelsFor', () => {
  it('follows the setting whatever the machine speaks', () => {
    expect(labelsFor('de', ['es-ES']).file).toBe('Datei');
    expect(labelsFor('en', ['ar']).file).toBe('File');
  });
  it('follows the machine where the setting does, in its order', () => {
    expect(labelsFor('system', ['fr-FR', 'ES-mx', 'de-AT']).file).toBe('Archivo');
    expect(labelsFor('system', ['ar']).file).toBe('ملف');
  });
  it('is English where Heirloom does not speak the language', () => {
    expect(labelsFor('system', ['fr', 'dex', 'ja']).file).toBe('File');
    expect(labelsFor('system', []).file).toBe('File');
  });
  it('has each text in each language, translated', () => {
    const english = labelsFor('en', []);
    for (const locale of LOCALES.filter((name) => name !== 'en')) {
      const labels = labelsFor(locale, []);
      const same = Object.entries(english).filter(
        ([key, text]) => labels[key as keyof typeof labels] === text,
      );
      expect(same).toEqual([]);
      expect(Object.values(labels).every((text) => text.trim() !== '')).toBe(true);
    }
  });
});
