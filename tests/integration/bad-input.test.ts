import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { EngineClient } from '../../engine/client.ts';
import { writePicture, type PictureName } from '../fixtures/make-pictures.ts';
import { jsonLines, restoreArgs, ROOT, runCli, SAMPLE, type JsonLine } from '../fixtures/run-cli.ts';
import { copyTinyPack, TINY_PACK } from '../fixtures/tiny-pack.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-bad-'));
  chmodSync(root, 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Everything below a folder, but folders. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function resultOf(lines: JsonLine[], name: string): JsonLine | undefined {
  return lines.find(
    ({ type, input }) => (type === 'done' || type === 'failed') && input?.endsWith(`/${name}`),
  );
}

describe('one batch of everything that a person may drop', () => {
  const LONG = `${'n'.repeat(246)}.jpg`;
  const refused: [PictureName, string, RegExp][] = [
    ['empty.jpg', 'input/empty', /0 bytes/],
    ['truncated.jpg', 'input/damaged', /damaged or incomplete/],
    ['truncated.png', 'input/damaged', /damaged or incomplete/],
    ['text.jpg', 'input/not-an-image', /text/],
    ['drawing.jpg', 'input/not-an-image', /SVG/],
    ['document.png', 'input/not-an-image', /PDF/],
    ['noise.tiff', 'input/not-an-image', /unknown data/],
    ['one-pixel.png', 'input/too-small', /1 x 1/],
    ['ribbon.jpg', 'input/too-small', /40000 x 10/],
  ];
  const faceless: PictureName[] = ['plain.heic', 'plain.avif', 'two-pages.tiff'];
  const names = ['with some spaces.jpg', 'Бабушка 1931.jpg', '👵🏽 of us all.jpg', LONG];
  /** Real faces in odd containers: what is made of the sample, the output's extension, what is noted. */
  const odd: [string, (image: Sharp) => Sharp, string, RegExp | undefined][] = [
    ['cmyk.jpg', (image) => image.toColourspace('cmyk').jpeg(), '.jpg', /CMYK/],
    ['grey16.png', (image) => image.toColourspace('grey16').png(), '.png', undefined],
    ['alpha.png', (image) => image.ensureAlpha(0.5).png(), '.png', undefined],
    ['animated.gif', (image) => image.gif(), '.png', /first .* of 3/],
    ['animated.webp', (image) => image.webp(), '.webp', /first .* of 3/],
  ];
  let code: number | null;
  let lines: JsonLine[];
  let originals: Map<string, Buffer>;

  beforeAll(async () => {
    mkdirSync(at('in/good'), { recursive: true });
    for (const [name] of refused) await writePicture(at('in'), name);
    for (const name of faceless) await writePicture(at('in'), name);
    for (const name of names) await writePicture(at('in/good'), 'plain.jpg', name);
    const small = await sharp(SAMPLE).resize(400).png().toBuffer();
    const frames = [1, 0.8, 0.6].map((brightness) => sharp(small).modulate({ brightness }).png().toBuffer());
    const animation = await Promise.all(frames);
    for (const [name, make] of odd) {
      const animated = name.startsWith('animated');
      const source = animated ? sharp(animation, { join: { animated } }) : sharp(small);
      writeFileSync(at('in', name), await make(source).toBuffer());
    }
    originals = new Map(
      readdirSync(at('in'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [
          join(entry.parentPath, entry.name),
          readFileSync(join(entry.parentPath, entry.name)),
        ]),
    );
    const result = await runCli(restoreArgs(at('in'), at('missing.jpg'), '--out', at('out'), '--json'));
    expect(result.stderr).toBe('');
    code = result.code;
    lines = jsonLines(result.stdout);
  });

  it.each(refused)('refuses %s with one message that names it', (name, errorCode, reason) => {
    const results = lines.filter(({ type, input }) => type === 'failed' && input?.endsWith(`/${name}`));
    expect(results).toHaveLength(1);
    expect(results[0]?.error?.code).toBe(errorCode);
    expect(results[0]?.error?.message).toContain(name);
    expect(results[0]?.error?.message).toMatch(reason);
  });

  it('refuses a file that is not there', () => {
    expect(resultOf(lines, 'missing.jpg')?.error?.code).toBe('input/not-found');
  });

  it.each(faceless)('finds no face in %s and copies it', (name) => {
    const result = resultOf(lines, name);
    expect(result).toMatchObject({ type: 'done', status: 'no-faces' });
    expect(readFileSync(result?.output ?? '')).toEqual(originals.get(at('in', name)));
  });

  it.each(names)('takes the name %s', (name) => {
    expect(resultOf(lines, name)).toMatchObject({ type: 'done', output: at('out/good', name) });
  });

  it.each(odd)('restores the faces of %s', async (name, _, extension, note) => {
    const result = resultOf(lines, name);
    expect(result).toMatchObject({ type: 'done', status: 'restored' });
    expect(result?.output?.endsWith(extension)).toBe(true);
    if (note) expect(result?.notes?.join('. ')).toMatch(note);
    const [before, after] = [await sharp(at('in', name)).metadata(), await sharp(result?.output).metadata()];
    expect([after.width, after.height]).toEqual([before.width, before.pageHeight ?? before.height]);
    if (name === 'grey16.png') expect([after.depth, after.channels]).toEqual(['ushort', 1]);
    if (name === 'alpha.png') expect(after.hasAlpha).toBe(true);
    if (name === 'cmyk.jpg') expect(after.space).toBe('srgb');
  });

  it('goes on to the end, says that some failed, and leaves nothing half-written', () => {
    expect(code).toBe(1);
    const end = lines.at(-1);
    expect(end).toMatchObject({ type: 'end', failed: refused.length + 1, restored: odd.length });
    const outputs = filesBelow(at('out'));
    expect(outputs).toHaveLength(faceless.length + names.length + odd.length);
    expect(outputs.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('leaves every original as it was', () => {
    for (const [path, bytes] of originals) expect(readFileSync(path).equals(bytes), path).toBe(true);
  });
});

/** An unprivileged user who can run this checkout, or undefined and the reason. */
function otherUser(): { uid?: number; reason?: string } {
  if (process.getuid?.() !== 0) return {};
  const uid = 65_534;
  const probe = spawnSync(process.execPath, ['-e', '0'], { uid, gid: uid, cwd: ROOT });
  if (probe.status === 0) return { uid };
  return { reason: 'root reads everything, and another user cannot run this checkout' };
}

describe('folders and disks', () => {
  const user = otherUser();

  it('says which folder it cannot read, and goes on', async ({ skip }) => {
    if (user.reason) {
      console.log(`skipped: ${user.reason}`);
      skip(user.reason);
    }
    mkdirSync(at('locked/private'), { recursive: true });
    mkdirSync(at('unlocked-out'));
    chmodSync(at('unlocked-out'), 0o777);
    await writePicture(at('locked'), 'plain.jpg');
    await writePicture(at('locked/private'), 'plain.jpg');
    chmodSync(at('locked/private'), 0o000);
    const args = restoreArgs(at('locked'), '--out', at('unlocked-out'), '--json');
    const { code, stdout } = await runCli(args, user.uid === undefined ? {} : { uid: user.uid });
    chmodSync(at('locked/private'), 0o755);
    const lines = jsonLines(stdout);
    expect(code).toBe(1);
    expect(resultOf(lines, 'private')?.error).toMatchObject({
      code: 'input/unreadable',
      message: `${at('locked/private')}: permission denied`,
    });
    expect(resultOf(lines, 'plain.jpg')).toMatchObject({ type: 'done' });
  });

  it('says where it may not write', async ({ skip }) => {
    if (user.reason) {
      console.log(`skipped: ${user.reason}`);
      skip(user.reason);
    }
    mkdirSync(at('readonly'), { mode: 0o555 });
    const picture = await writePicture(root, 'plain.jpg', 'readonly.jpg');
    const args = restoreArgs(picture, '--out', at('readonly'), '--json');
    const { code, stdout } = await runCli(args, user.uid === undefined ? {} : { uid: user.uid });
    expect(code).toBe(1);
    const result = resultOf(jsonLines(stdout), 'readonly.jpg');
    expect(result?.error?.code).toBe('output/unwritable');
    expect(result?.error?.message).toContain(at('readonly/readonly.jpg'));
    expect(readdirSync(at('readonly'))).toEqual([]);
  });

  it('says so when the disk is full, and leaves no half of a picture', async ({ skip }) => {
    mkdirSync(at('full'));
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', at('full')]);
    if (mount.status !== 0) {
      const reason = 'no file system can be mounted here';
      console.log(`skipped: ${reason}`);
      skip(reason);
    }
    try {
      const { code, stdout } = await runCli(restoreArgs(SAMPLE, '--out', at('full'), '--json'));
      expect(code).toBe(1);
      const result = resultOf(jsonLines(stdout), 'couple-1968.jpg');
      expect(result?.error?.code).toBe('output/unwritable');
      expect(result?.error?.message).toMatch(/couple-1968\.jpg.*(full|ENOSPC|space)/i);
      expect(readdirSync(at('full'))).toEqual([]);
    } finally {
      spawnSync('umount', [at('full')]);
    }
  });
});

describe('a 120-megapixel scan', () => {
  it.each<[string, number, (scan: Sharp) => Sharp]>([
    ['scan.jpg', 1, (scan) => scan.removeAlpha().jpeg()],
    [
      'scan of 16 bits with alpha.png',
      0.5,
      (scan) => scan.toColourspace('rgb16').png({ compressionLevel: 1 }),
    ],
  ])(
    '%s is restored in less than 2 GB',
    async (name, alpha, encode) => {
      const face = await sharp(SAMPLE).resize(1500).toBuffer();
      const background = { r: 176, g: 160, b: 136, alpha };
      const scan = sharp({
        create: { width: 12_000, height: 10_000, channels: 4, background },
        limitInputPixels: false,
      }).composite([{ input: face, left: 4000, top: 3000 }]);
      await encode(scan).toFile(at(name));
      const engine = new EngineClient({ role: 'restore' });
      try {
        const report = await engine.call('restorePhoto', {
          input: at(name),
          output: at('scans', name),
          settings: restoreSettingsSchema.parse({ speed: 'draft' }),
          models: { pack: TINY_PACK, provider: 'cpu' },
        });
        expect(report).toMatchObject({ status: 'restored', width: 12_000, height: 10_000 });
        const { peakMemoryBytes } = await engine.call('resources', {});
        console.log(`${name}: ${report.seconds.toFixed(1)} s, peak ${(peakMemoryBytes / 1e6).toFixed(0)} MB`);
        expect(peakMemoryBytes).toBeLessThan(2e9);
      } finally {
        await engine.close();
      }
    },
    180_000,
  );
});

describe('a pack that cannot be used', () => {
  async function restoreWith(pack: string) {
    const args = ['restore', SAMPLE, '--out', at('pack-out'), '--provider', 'cpu', '--pack', pack];
    const { code, stderr } = await runCli(args);
    return { code, stderr };
  }

  function editManifest(pack: string, edit: (manifest: Record<string, unknown>) => void): void {
    const file = join(pack, 'manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    edit(manifest);
    writeFileSync(file, JSON.stringify(manifest));
  }

  it('has a flipped byte', async () => {
    const pack = await copyTinyPack();
    const file = join(pack, 'denoiser.onnx');
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    const { code, stderr } = await restoreWith(pack);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Model pack damaged\. .*denoiser\.onnx has SHA-256/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('misses a file', async () => {
    const pack = await copyTinyPack();
    rmSync(join(pack, 'dgsa.onnx'));
    expect((await restoreWith(pack)).stderr).toMatch(/^Model pack damaged\. .*dgsa\.onnx is missing/);
  });

  it('is of another S than its files', async () => {
    const pack = await copyTinyPack();
    editManifest(pack, (manifest) => (manifest.resolution = 64));
    expect((await restoreWith(pack)).stderr).toMatch(/^Model pack invalid\. .*dsst\.json is for size 32/);
  });

  it('is newer than this Heirloom', async () => {
    const pack = await copyTinyPack();
    editManifest(pack, (manifest) => (manifest.formatVersion = 2));
    expect((await restoreWith(pack)).stderr).toMatch(/^Model pack too new\. .*manifest\.json has format 2/);
  });

  it('is not there', async () => {
    const { code, stderr } = await restoreWith(at('no-pack'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Model pack not found\. .*no-pack/);
  });
});
