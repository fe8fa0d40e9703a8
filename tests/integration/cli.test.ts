import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionSchema, packReportSchema, photoReportSchema } from '../../contract/engine.ts';
import { decodePhoto } from '../../engine/image/decode.ts';
import { jsonLines, LAUNCHER, MAIN, restoreArgs, ROOT, runCli, SAMPLE } from '../fixtures/run-cli.ts';
import { copyTinyPack, TINY_PACK, TINY_SIZE } from '../fixtures/tiny-pack.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);
const models = ['--pack', TINY_PACK, '--provider', 'cpu'];
const evaluate = ['evaluate', '--lq', 'lq', '--hq', 'hq'];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-cli-'));
  cpSync(SAMPLE, at('photo.jpg'));
});
afterAll(() => rmSync(root, { recursive: true }));

function cli(...args: string[]) {
  return runCli(args, { cwd: root });
}

describe('heirloom', () => {
  it('starts under whatever Node, from whatever folder, and passes exit codes on', () => {
    const node = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;
    const version = spawnSync(node, [LAUNCHER, '--version'], { cwd: root, encoding: 'utf8' });
    expect([version.status, version.stdout.trim(), version.stderr]).toEqual([0, '0.1.0', '']);
    expect(spawnSync(node, [LAUNCHER, 'restore'], { cwd: root }).status).toBe(2);
  });

  it('does not run under an early Node 24, which lacks import.meta.main and would end without a word', () => {
    const early = [
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '24.1.0' } });",
      "process.execPath = '/nowhere/node';",
    ].join('');
    const args = [`--import=data:text/javascript,${encodeURIComponent(early)}`, LAUNCHER, '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect([status, stdout.trim(), stderr]).toEqual([0, '0.1.0', '']);
  });

  it.each([
    [[], /Usage: heirloom/],
    [['restore'], /required option '--out <dir>'/],
    [['restore', '--out', 'o'], /missing required argument 'input'/],
    [['restore', 'photo.jpg'], /required option '--out <dir>'/],
    [['restore', 'photo.jpg', '--out', 'o', '--colour'], /unknown option '--colour'/],
    [
      ['restore', 'photo.jpg', '--out', 'o', ...models, '--guides', '7'],
      /Invalid setting\. Expected guides .* received 7\./,
    ],
    [
      ['restore', 'photo.jpg', '--out', 'o', ...models, '--format', 'bmp'],
      /Expected format as .* received 'bmp'/,
    ],
    [
      ['restore', 'photo.jpg', '--out', 'o', ...models, '--provider', 'tpu'],
      /Expected provider as .* received 'tpu'/,
    ],
    [['restore', 'photo.jpg', '--out', 'o', ...models, '--preset', 'baroque'], /baroque/],
    [['restore', 'photo.jpg', '--out', 'o', ...models, '--guides', '2', '--weights', '1,1,1'], /weights/],
    [['restore', 'photo.jpg', '--out', ''], /a folder for --out but received nothing/],
    [['restore', 'photo.jpg', '--out', LAUNCHER, ...models], /heirloom\.mjs is a file/],
    [['evaluate', '--lq', 'a'], /required option '--hq/],
    [
      [...evaluate, '--tables', 'o', '--json', 'a.json', '--speeds', 'draft', '--sheet', 'a.png'],
      /--speeds, --json, --sheet cannot be used with --tables/,
    ],
    [
      [...evaluate, '--rows', 'lq', '--exact-pairs', '2', '--against', 'docs'],
      /--rows, --exact-pairs, --against cannot be used without --tables/,
    ],
    [
      [...evaluate, ...models, '--json', 'one', '--sheet', './one', '--overwrite'],
      /one is --json and --sheet/,
    ],
    [['restore', '', '--out', 'o', ...models], /photos or folders but received an empty name/],
    // As an unset variable gives it: no way to ask for the folder that the command runs in.
    [['serve', '--library', ''], /a folder for --library but received nothing/],
    [['sample', '--count', '1', ...models, '--out', ''], /a folder for --out but received nothing/],
    [['sample', '--count', '1', ...models, '--sheet', ''], /a file for --sheet but received nothing/],
    [['restore', 'photo.jpg', '--out', 'o', '--pack', ''], /the id or folder of a pack but received nothing/],
    [['packs', 'add-restorer', 'x.onnx', '--out', ''], /a folder for --out but received nothing/],
    [['packs', 'add-restorer', ''], /an ONNX file but received an empty name/],
    [['inspect', ''], /a photo but received an empty name/],
    [['inspect', 'photo.jpg', ...models, '--draw', ''], /a file for --draw but received nothing/],
    [['paint'], /unknown command 'paint'/],
    [['packs', 'chek'], /'chek' is not understood; expected packs list or packs check/],
  ])('answers %o with exit code 2', async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(at('o'))).toBe(false);
  });

  it('never ends with 0 where what it says cannot be written', ({ skip }) => {
    skip(!existsSync('/dev/full'), 'there is no /dev/full');
    const run = `"${process.execPath}" "${MAIN}"`;
    const shell = (script: string) => spawnSync('sh', ['-c', script], { cwd: root, encoding: 'utf8' });
    const full = shell(`${run} packs list > /dev/full`);
    expect([full.status, full.stderr]).toEqual([1, expect.stringContaining('standard output: ') as string]);
    shell(`{ ${run} packs list --json; echo $? > code; } | true`);
    expect(readFileSync(at('code'), 'utf8').trim()).toBe('141');
  });

  it('shows help on request', async () => {
    const { code, stdout } = await cli('restore', '--help');
    expect(code).toBe(0);
    for (const option of [
      ...['out', 'preset', 'fidelity', 'guides', 'weights', 'start', 'blur', 'steps', 'speed', 'seed'],
      ...[
        'per-region',
        'auto',
        'scale',
        'provider',
        'pack',
        'faces',
        'aligned',
        'format',
        'json',
        'overwrite',
      ],
    ])
      expect(stdout).toContain(`--${option}`);
    expect(stdout).toMatch(/named .* wins over --fidelity, and --fidelity over --preset/);
  });
});

describe('heirloom restore', () => {
  it('changes nothing outside the faces, and makes the same bytes from the same seed', async () => {
    const args = ['photo.jpg', '--format', 'png', '--seed', '5'];
    const first = await cli(...restoreArgs(...args, '--out', 'first', '--json'));
    expect(first.code).toBe(0);
    await cli(...restoreArgs(...args, '--out', 'second'));
    expect(readFileSync(at('second/photo.png'))).toEqual(readFileSync(at('first/photo.png')));
    const { type, ...report } = jsonLines(first.stdout).find((line) => line.type === 'done')!;
    expect(type).toBe('done');
    const { faces, width, height } = photoReportSchema.parse(report);
    expect(faces.length).toBeGreaterThan(0);
    const [before, after] = [await decodePhoto(at('photo.jpg')), await decodePhoto(at('first/photo.png'))];
    let changed = 0;
    for (let i = 0; i < before.image.data.length; i++) {
      if (before.image.data[i] === after.image.data[i]) continue;
      changed++;
      const [x, y] = [(Math.floor(i / 3) % width) + 0.5, Math.floor(i / 3 / width) + 0.5];
      // The aligned square may be turned: its corners reach sqrt(2) half sides from its centre, near the box's.
      const near = faces.some(({ box, sizePx }) => {
        const [cx, cy] = [(box.x + box.width / 2) * width, (box.y + box.height / 2) * height];
        return Math.hypot(x - cx, y - cy) < 1.1 * sizePx;
      });
      if (!near) expect.fail(`pixel ${x}, ${y} changed far from every face`);
    }
    expect(changed).toBeGreaterThan(1000);
  });

  it('tells a program each step, and a person one line', async () => {
    const json = await cli(...restoreArgs('photo.jpg', '--out', 'json', '--json'));
    const types = new Set(jsonLines(json.stdout).map((line) => line.type));
    expect([...types].sort()).toEqual(['begin', 'done', 'end', 'face', 'faces', 'photo', 'stage', 'step']);
    const text = await cli(...restoreArgs('photo.jpg', '--out', 'text'));
    expect(text.stdout).toMatch(
      /^\[1\/1\] .*photo\.jpg: (\d+) of \1 faces? restored in .* -> .*photo\.jpg\n/,
    );
    expect(text.stdout).not.toContain('\x1b');
  });

  it.each([
    [['--guides', '7'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--crispness', '1.5'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--grain', '2'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--grain', '1', '--aligned'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--per-region', 'on', '--blur', '3'], 2, 'argument/invalid', ['begin', 'photo', 'fatal', 'end']],
    [['--face', '2:guides=7'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--face', '1:grain=1', '--aligned'], 2, 'argument/invalid', ['fatal', 'end']],
    [['--face', '2:preset=baroque'], 2, 'argument/invalid', ['begin', 'photo', 'fatal', 'end']],
    [['--face', '9:seed=7'], 2, 'argument/invalid', ['begin', 'photo', 'fatal', 'end']],
    [['--auto', 'on', '--guides', '2'], 2, 'argument/invalid', ['begin', 'photo', 'fatal', 'end']],
    [['--preset', 'baroque'], 2, 'argument/invalid', ['begin', 'photo', 'fatal', 'end']],
    [['--pack', 'no-pack'], 1, 'pack/not-found', ['fatal', 'end']],
  ])('tells a program why it gave up on %o', async (args, exitCode, errorCode, types) => {
    const { code, stdout, stderr } = await cli(...restoreArgs('photo.jpg', '--out', 'o', '--json', ...args));
    const lines = jsonLines(stdout).filter(({ type }) => type !== 'stage');
    expect(lines.map(({ type }) => type)).toEqual(types);
    expect(lines.at(-2)?.error?.code).toBe(errorCode);
    expect(lines.at(-1)).toMatchObject({ restored: 0, failed: 0, cancelled: false });
    expect([code, stderr.trim().split('\n').length]).toEqual([exitCode, 1]);
  });

  it('takes blur per region, as the recipe says', async () => {
    const { code, stdout } = await cli(
      ...restoreArgs('photo.jpg', '--per-region', 'on', '--out', 'regions', '--json'),
    );
    expect(code).toBe(0);
    const { type: _, ...report } = jsonLines(stdout).find((line) => line.type === 'done')!;
    expect(photoReportSchema.parse(report).recipe.settings.perRegion).toBe(true);
  });

  it('makes the faces as crisp as is asked for, none unless the preset says so', async () => {
    const run = async (out: string, ...args: string[]) => {
      const { code, stdout } = await cli(
        ...restoreArgs('photo.jpg', '--faces', '1', '--json', '--out', out, ...args),
      );
      expect(code).toBe(0);
      const { type: _, ...report } = jsonLines(stdout).find((line) => line.type === 'done')!;
      const bytes = readFileSync(at(out, 'photo.jpg'));
      return { bytes, crispness: photoReportSchema.parse(report).recipe.settings.crispness };
    };
    const [usual, none] = [await run('usual'), await run('not-crisp', '--crispness', '0')];
    expect([usual.crispness, none.crispness]).toEqual([undefined, 0]);
    expect(none.bytes.equals(usual.bytes)).toBe(true);
    const crisp = await run('crisp', '--crispness', '0.6');
    expect(crisp.crispness).toBe(0.6);
    expect(crisp.bytes.equals(usual.bytes)).toBe(false);
  });

  it('refuses crispness of a pack that does not know the power of faces', async () => {
    const pack = await copyTinyPack();
    const manifest = JSON.parse(readFileSync(join(pack, 'manifest.json'), 'utf8')) as { files: object };
    const files = { ...manifest.files, facePower: undefined };
    writeFileSync(join(pack, 'manifest.json'), JSON.stringify({ ...manifest, files }));
    const args = restoreArgs('photo.jpg', '--out', 'not-able', '--pack', pack, '--crispness', '0.6');
    const { code, stderr } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/with crispness but received tiny-32/);
  });

  it('gives the faces as much grain back as is asked for', async () => {
    const run = async (out: string, ...args: string[]) => {
      // From the first step the networks' formulas add next to no noise of their own.
      const quiet = ['--preset', 'faithful', '--start', '1', '--faces', '1', '--json'];
      const { code, stdout } = await cli(...restoreArgs('photo.jpg', '--out', out, ...quiet, ...args));
      expect(code).toBe(0);
      const { type: _, ...report } = jsonLines(stdout).find((line) => line.type === 'done')!;
      const bytes = readFileSync(at(out, 'photo.jpg'));
      return { bytes, grain: photoReportSchema.parse(report).recipe.settings.grain };
    };
    const [usual, half] = [await run('usual-grain'), await run('half-grain', '--grain', '0.5')];
    expect([usual.grain, half.grain]).toEqual([0.5, 0.5]);
    expect(half.bytes.equals(usual.bytes)).toBe(true);
    const none = await run('no-grain', '--grain', '0');
    expect(none.grain).toBe(0);
    expect(none.bytes.equals(usual.bytes)).toBe(false);
  });

  it('restores one face by settings of its own, in one file', async () => {
    const run = async (out: string, ...args: string[]) => {
      const usual = restoreArgs('photo.jpg', '--format', 'png', '--json', '--guides', '1', '--out', out);
      const { code, stdout } = await cli(...usual, ...args);
      expect(code).toBe(0);
      const { type: _, ...report } = jsonLines(stdout).find((line) => line.type === 'done')!;
      return { ...photoReportSchema.parse(report), ...(await decodePhoto(at(out, 'photo.png'))) };
    };
    const general = await run('all-alike');
    const own = await run('own', '--face', '2:preset=faithful,seed=7', '--face', '1:seed=0');
    const perFace = { 0: { seed: 0 }, 1: { preset: 'faithful', seed: 7 } };
    expect(own.recipe.settings).toMatchObject({ preset: 'balanced', guides: 1, perFace });
    expect(own.faces.map(({ seed }) => seed)).toEqual([0, 7]);
    expect(own.metadata.xmp).toContain('with settings of its own: face 2 (faithful, seed 7)');
    /** A line through the middle of a face, where the other's square does not reach. */
    const middle = ({ image, faces, width, height }: typeof own, face: number) => {
      const { box } = faces[face]!;
      const [x, y] = [
        Math.round((box.x + box.width / 3) * width),
        Math.round((box.y + box.height / 2) * height),
      ];
      const at = 3 * (y * width + x);
      return image.data.slice(at, at + Math.round(box.width * width));
    };
    expect(middle(own, 0)).toEqual(middle(general, 0));
    expect(middle(own, 1)).not.toEqual(middle(general, 1));
  });

  it('says what is wrong with the settings of a face', async () => {
    cpSync(SAMPLE, at('other.jpg'));
    const said = async (...args: string[]) => (await cli(...restoreArgs(...args, '--out', 'o'))).stderr;
    expect(await said('photo.jpg', 'other.jpg', '--face', '1:seed=7')).toContain(
      'Expected one photo with --face but received 2',
    );
    expect(await said('photo.jpg', '--face', '9:seed=7')).toContain('there is no face 9: 2 found');
    expect(await said('photo.jpg', '--face', '2:preset=baroque')).toMatch(/Face 2: .* but received baroque/);
    expect(existsSync(at('o'))).toBe(false);
  });

  it('restores aligned crops as a whole', async () => {
    await sharp(SAMPLE).resize(64, 64, { fit: 'cover' }).png().toFile(at('crop.png'));
    const { code } = await cli(...restoreArgs('crop.png', '--aligned', '--scale', '2', '--out', 'aligned'));
    expect(code).toBe(0);
    expect((await sharp(at('aligned/crop.png')).metadata()).width).toBe(128);
  });

  it('enlarges', async () => {
    const before = await sharp(SAMPLE).metadata();
    await cli(...restoreArgs('photo.jpg', '--scale', '2', '--faces', '1', '--out', 'large'));
    expect((await sharp(at('large/photo.jpg')).metadata()).width).toBe(2 * before.width);
  });
});

describe('heirloom inspect', () => {
  it('shows faces as text and as JSON, and draws them', async () => {
    const text = await cli('inspect', 'photo.jpg', ...models);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/face 1: \d+ x \d+ at .*68 landmarks.*blur [\d.]+, start \d+/);
    expect(text.stdout).toContain('blur: standard deviation in pixels of a face 512 pixels wide');
    const json = await cli('inspect', 'photo.jpg', ...models, '--json', '--draw', 'drawn.png');
    const { faces, drawing } = inspectionSchema.parse(JSON.parse(json.stdout));
    expect(faces.map(({ index }) => index)).toEqual(faces.map((_, i) => i));
    expect(faces[0]?.landmarks).toHaveLength(68);
    expect(drawing).toBe(at('drawn.png'));
    expect((await sharp(at('drawn.png')).metadata()).format).toBe('png');
    const again = await cli('inspect', 'photo.jpg', ...models, '--draw', 'drawn.png');
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/^Output exists/)]);
  });

  it('says what is wrong with a photo', async () => {
    const { code, stderr } = await cli('inspect', 'nothing.jpg', ...models);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^File not found\. .*nothing\.jpg/);
  });
});

describe('heirloom packs', () => {
  it('checks a pack on every provider', async () => {
    const { code, stdout } = await cli('packs', 'check', TINY_PACK, '--json');
    expect(code).toBe(0);
    const [report] = packReportSchema.array().parse(JSON.parse(stdout));
    expect(report).toMatchObject({ id: 'tiny-32', resolution: 32, hashedFiles: 10 });
    expect(report?.providers?.find(({ provider }) => provider === 'cpu')?.usable).toBe(true);
  }, 180_000);

  it('checks each pack that is named, also where another is not there', async () => {
    const { code, stdout } = await cli('packs', 'check', 'nowhere', TINY_PACK, '--json');
    expect(code).toBe(1);
    const reports = packReportSchema.array().parse(JSON.parse(stdout));
    expect(reports).toEqual([
      {
        folder: 'nowhere',
        error: { code: 'pack/not-found', message: expect.stringMatching(/^nowhere: no/) as string },
      },
      expect.objectContaining({ id: 'tiny-32', hashedFiles: 10 }) as unknown,
    ]);
    const text = await cli('packs', 'check', 'nowhere');
    expect([text.code, text.stdout]).toEqual([1, expect.stringMatching(/^nowhere: unusable\./) as string]);
  }, 180_000);

  it('lists what is installed', async () => {
    const { code, stdout } = await cli('packs', '--json');
    expect(code).toBe(0);
    const ids = packReportSchema
      .array()
      .parse(JSON.parse(stdout))
      .map(({ id }) => id);
    expect(ids).toContain('family-256');
  });
});

describe('heirloom evaluate', () => {
  beforeAll(async () => {
    mkdirSync(at('lq'));
    mkdirSync(at('hq'));
    const face = sharp(SAMPLE).extract({ left: 0, top: 0, width: 200, height: 200 });
    for (const name of ['1', '2']) {
      await face
        .clone()
        .png()
        .toFile(at('hq', `${name}.png`));
      await face
        .clone()
        .blur(4)
        .png()
        .toFile(at('lq', `${name}.png`));
    }
    writeFileSync(at('lq/3.png'), 'x');
    writeFileSync(at('hq/3.png'), 'x');
  });

  it('scores every method on every pair, and draws the sheet', async () => {
    const { code, stdout, stderr } = await cli(
      ...[...evaluate, ...models, '--speeds', 'draft,normal'],
      ...['--json', 'scores.json', '--sheet', 'sheet.png'],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^3: Not a picture/);
    expect(stdout).toContain('Mean of 2 pairs');
    const { means } = JSON.parse(readFileSync(at('scores.json'), 'utf8')) as {
      means: { method: string; psnr: number; ssim: number; identity: number }[];
    };
    expect(means.map(({ method }) => method)).toEqual(['lq', 'rm', 'draft', 'normal']);
    for (const { psnr, ssim, identity } of means) {
      expect(psnr).toBeGreaterThan(5);
      expect(ssim).toBeGreaterThan(0);
      expect(identity).toBeGreaterThanOrEqual(0);
    }
    const sheet = await sharp(at('sheet.png')).metadata();
    expect([sheet.width, sheet.height]).toEqual([4 + 5 * 36, 4 + 2 * 54]);
  });

  it.each([['--json', 'scores.json'] as const, ['--sheet', 'sheet.png'] as const])(
    'says before it measures that the file of %s is there',
    async (option, file) => {
      const before = readFileSync(at(file));
      const { code, stdout, stderr } = await cli(...[...evaluate, ...models, option, file]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`${file} exists already`);
      expect(readFileSync(at(file))).toEqual(before);
    },
  );

  it('writes the tables, and goes on where a run stopped', async () => {
    const run = (...more: string[]) =>
      cli(...evaluate, ...models, '--tables', 'tables', '--limit', '2', ...more);
    const rows = [
      ...['lq', 'rm', 'balanced', 'c', 'prior', 'f', 'tm', 'start-400'],
      ...['exact', 'difface', 'sdedit', 'dps', 'dps-exact'],
    ];
    const first = await run('--rows', rows.slice(0, 4).join(','), '--row-pairs', '1');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('[1/2] 1: 4 rows');
    expect(first.stdout).toContain('[2/2] 2: 3 rows');
    const second = await run('--rows', `${rows.join(',')},auto`, '--exact-pairs', '1');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('[1/2] 1: 9 rows');
    expect(second.stdout).toContain('[2/2] 2: 8 rows');
    const { pairs } = JSON.parse(readFileSync(at('tables/results.json'), 'utf8')) as {
      pairs: { rows: { row: string; psnr: number }[] }[];
    };
    expect(pairs[0]!.rows.map(({ row }) => row)).toEqual(['truth', ...rows]);
    for (const { row, psnr } of pairs[0]!.rows) if (row !== 'prior') expect(psnr).toBeGreaterThan(5);
    const page = readFileSync(at('tables/results.md'), 'utf8');
    expect(page).toMatch(/\| Balanced \| 2 \|/);
    expect(page).toMatch(/\| Exact, every step, DGSA \| 1 \|/);
    expect(page).toMatch(/\| Faithful \| not run \|/);
    const [, paired] = page.split('## Exact against spectral, on the pairs that both have');
    expect(paired).toMatch(/\| Spectral, 15 steps, DGSA \| 1 \|/);
    expect(page).toContain('no table `auto`');
    expect(page).toMatch(/by SE’s confidence \| not run \|/);
    const [, faceByFace] = page.split('## Face by face: what a row has more than another');
    expect(faceByFace).toMatch(/\| Balanced − RM alone \| 2 \|/);
    expect(page).not.toContain('more than pack');
    await run('--rows', 'lq', '--against', 'tables');
    const [, against] = readFileSync(at('tables/results.md'), 'utf8').split('more than pack tiny');
    expect(against).toMatch(/\| balanced \| 2 \| 0\.000 \|/);
    const nowhere = await run('--against', 'nowhere');
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toMatch(/nowhere.results\.json is not a file of results/);
  });

  it('writes no tables where no pair could be measured', async () => {
    mkdirSync(at('broken'));
    writeFileSync(at('broken/1.png'), 'x');
    const { code, stderr } = await cli(
      ...['evaluate', '--lq', 'broken', '--hq', 'broken', ...models, '--tables', 'none', '--rows', 'lq'],
    );
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^1: Not a picture\.[^\n]*$/);
    expect(existsSync(at('none/results.md'))).toBe(false);
  });

  it('takes networks of the person, and names what is wrong with one', async () => {
    const run = (...more: string[]) =>
      cli(...[...evaluate, ...models, '--limit', '1', '--rows', 'lq'], ...['--tables', 'own', ...more]);
    const fixture = (name: string) => join(ROOT, 'tests/fixtures/restorers', `${name}.onnx`);
    const done = await run('--lpips', fixture('distance'), '--inception', fixture('open-size'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const { pairs } = JSON.parse(readFileSync(at('own/results.json'), 'utf8')) as {
      pairs: { rows: { row: string; lpips: number; inception: number[] }[] }[];
    };
    const [truth, lq] = pairs[0]!.rows;
    expect([truth?.row, truth?.lpips]).toEqual(['truth', 0]);
    expect(lq?.lpips).toBeGreaterThan(0);
    expect(lq?.inception.length).toBeGreaterThan(0);
    const wrong = await run('--lpips', fixture('open-size'), '--tables', 'other');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('expected 2') as string });
    const row = await run('--rows', 'lq,guess');
    expect(row).toMatchObject({ code: 2, stderr: expect.stringContaining("'guess'") as string });
  });
});

describe('heirloom sample', () => {
  it('draws the same faces from the same seed, each as a file and all on a sheet', async () => {
    const folder = await mkdtemp(at('sample-'));
    const sheet = join(folder, 'sheet.png');
    const draw = (...more: string[]) => cli('sample', '--count', '9', '--steps', '5', ...models, ...more);
    expect(await draw('--out', join(folder, 'a'), '--sheet', sheet)).toMatchObject({ code: 0, stderr: '' });
    await draw('--out', join(folder, 'b'));
    const names = (await readdir(join(folder, 'a'))).sort();
    expect(names).toEqual(Array.from({ length: 9 }, (_, i) => `face-${i}.png`));
    for (const name of names)
      expect(await readFile(join(folder, 'b', name))).toEqual(await readFile(join(folder, 'a', name)));
    const drawn = await decodePhoto(join(folder, 'a', names[0]!));
    expect([drawn.image.width, drawn.image.height]).toEqual([TINY_SIZE, TINY_SIZE]);
    expect((await decodePhoto(sheet)).image.width).toBeGreaterThan(8 * TINY_SIZE);
    // Nothing is replaced unless one says so.
    for (const taken of [join(folder, 'a', 'face-8.png'), sheet]) {
      const there = taken === sheet ? ['--sheet', sheet] : ['--out', join(folder, 'a')];
      if (taken !== sheet) for (const name of names.slice(0, 8)) rmSync(join(folder, 'a', name));
      const { code, stdout, stderr } = await draw(...there);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`${taken} exists already`);
    }
    expect(await draw('--out', join(folder, 'a'), '--overwrite')).toMatchObject({ code: 0 });
  });

  it.each([
    ['as one of the faces', 'faces/face-1.png'],
    ['as one of them in capitals, which is the same file on Windows and macOS', 'faces/FACE-1.PNG'],
    ['through a link', 'link/face-1.png'],
  ])('refuses a sheet named %s, before it draws', async (_, sheet) => {
    const folder = await mkdtemp(at('sample-'));
    await mkdir(join(folder, 'faces'));
    await symlink(join(folder, 'faces'), join(folder, 'link'));
    const args = ['--out', join(folder, 'faces'), '--sheet', join(folder, sheet), '--overwrite'];
    const { code, stdout, stderr } = await cli('sample', '--count', '2', '--steps', '5', ...models, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`Expected --sheet as a file of its own but received ${join(folder, sheet)}`);
    expect(await readdir(join(folder, 'faces'))).toEqual([]);
  });

  it('says that the folder of the sheet is none before it draws', async () => {
    const { code, stdout, stderr } = await cli(
      'sample',
      '--count',
      '1',
      ...models,
      '--sheet',
      'photo.jpg/x.png',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Cannot write\. .*photo\.jpg/);
  });

  it.each([
    ['sample', '--count', '1', ...models, '--out', 'photo.jpg'],
    [...evaluate, ...models, '--tables', 'photo.jpg'],
    ['packs', 'add-restorer', 'photo.jpg', '--pack', TINY_PACK, '--out', 'photo.jpg'],
  ])('says of %s that a file is no folder to write into', async (...args) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Cannot write\. .*photo\.jpg/);
  });

  it.each([
    [[], 'Expected --out or --sheet'],
    [['--sheet', 'x.png', '--count', '0'], 'Expected count as a whole number of 1 or more but received 0'],
    [
      ['--sheet', 'x.png', '--steps', '1001'],
      'Expected steps as a whole number from 1 to 1000 but received 1001',
    ],
    [['--sheet', 'x.png', '--seed', '-1'], 'Expected seed'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cli('sample', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
