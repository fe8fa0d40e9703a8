import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities, planOutputs, protectOriginals } from '../../../cli/plan-outputs.ts';

function planned(...relative: string[]): string[] {
  const files = relative.map((name, i) => ({ path: `/in/${i}/${name}`, relative: name }));
  return planOutputs(files, '/out').map((photo) => photo.output);
}

describe('planOutputs', () => {
  it('keeps folders and leaves the extension to the format', () => {
    expect(planned('a/b/x.y.jpg', 'z.png')).toEqual(['/out/a/b/x.y', '/out/z']);
  });

  it('gives every input its own output, also where letters differ by case only', () => {
    expect(planned('x.jpg', 'x.png', 'X.jpg', 'x-2.jpg')).toEqual([
      '/out/x',
      '/out/x-2',
      '/out/X-3',
      '/out/x-2-2',
    ]);
  });

  it('tells names apart that differ only in what is too long, and leaves room for every extension', () => {
    const long = 'ж'.repeat(125);
    const outputs = planned(`${long}.jpg`, `${long}.png`, `${long}a.jpg`);
    expect(new Set(outputs).size).toBe(3);
    for (const output of outputs)
      expect(Buffer.byteLength(`${basename(output)}.webp`)).toBeLessThanOrEqual(255);
    expect(outputs[0]).toBe(`/out/${long}`);
    const own = planned(`${'n'.repeat(240)}.photograph`)[0]!;
    expect(own).toBe(`/out/${'n'.repeat(240)}`);
  });

  it('takes two spellings of one letter for one name, as a Mac does', () => {
    expect(planned('\u00e9.jpg', 'e\u0301.jpg')[1]).toBe('/out/e\u0301-2');
  });
});

describe('protectOriginals', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'heirloom-outputs-'));
    writeFileSync(join(root, 'x.jpg'), 'x');
    writeFileSync(join(root, 'y.png'), 'y');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  async function protect(output: string, format: 'same' | 'png' | 'webp' = 'same') {
    const files = ['x.jpg', 'y.png'].map((relative) => ({ path: join(root, relative), relative }));
    const photo = { path: join(root, 'x.jpg'), relative: 'x.jpg', output: join(root, output) };
    await protectOriginals(photo, format, await identities(files));
  }

  it('refuses the original itself and any other original of the batch', async () => {
    await expect(protect('x')).rejects.toMatchObject({ code: 'output/exists' });
    await expect(protect('y')).rejects.toMatchObject({ code: 'output/exists' });
    await expect(protect('y', 'png')).rejects.toThrow(`${root}/y.png is an original`);
  });

  it('sees through links', async () => {
    symlinkSync(join(root, 'x.jpg'), join(root, 'soft.jpg'));
    linkSync(join(root, 'x.jpg'), join(root, 'hard.jpg'));
    await expect(protect('soft')).rejects.toMatchObject({ code: 'output/exists' });
    await expect(protect('hard')).rejects.toMatchObject({ code: 'output/exists' });
  });

  it('allows another name or another format', async () => {
    await protect('new');
    await protect('x', 'webp');
  });
});
