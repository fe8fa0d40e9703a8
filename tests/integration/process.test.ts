import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineParamsInput } from '../../contract/engine.ts';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../contract/restore.ts';
import { callTwice, EngineClient } from '../../engine/client.ts';
import { MAIN, restoreArgs, SAMPLE } from '../fixtures/run-cli.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';

let root: string;
let engine: EngineClient;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-process-'));
  cpSync(SAMPLE, join(root, 'photo.jpg'));
  engine = new EngineClient({ role: 'restore' });
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true });
});

function job(
  settings: RestoreSettingsInput,
  output: string | null = null,
): EngineParamsInput<'restorePhoto'> {
  return {
    input: join(root, 'photo.jpg'),
    output,
    settings: restoreSettingsSchema.parse(settings),
    models: { pack: TINY_PACK, provider: 'cpu' },
  };
}

/** Every step from 1000 down: long enough to be interrupted. */
const LONG: RestoreSettingsInput = { speed: 'exact', start: 1000 };

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

async function until(condition: () => boolean, seconds: number): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; !condition() && Date.now() < end;) await sleep(50);
}

describe('the engine process', () => {
  it('restores, and keeps its models for the next photo', async () => {
    const first = await engine.call('restorePhoto', job({ speed: 'draft' }));
    expect(first).toMatchObject({ status: 'restored', recipe: { provider: 'cpu' } });
    expect(first.output).toBeUndefined();
    const second = await engine.call('restorePhoto', job({ speed: 'draft' }));
    expect(second.faces.map((face) => face.stdHat)).toEqual(first.faces.map((face) => face.stdHat));
  });

  it('restores each region at its own blur, and says so in the recipe', async () => {
    const plain = await engine.call('restorePhoto', job({ speed: 'draft' }));
    const regional = await engine.call('restorePhoto', job({ speed: 'draft', perRegion: true }));
    expect(regional.recipe.settings.perRegion).toBe(true);
    expect(regional.faces.map(({ stdHat }) => stdHat)).toEqual(plain.faces.map(({ stdHat }) => stdHat));
    // The most blurred region of a face decides where its sampling starts.
    for (const [i, { start }] of regional.faces.entries())
      expect(start).toBeGreaterThan(plain.faces[i]!.start!);
  });

  it('finds the blur of each part of a face', async () => {
    const input = join(root, 'photo.jpg');
    const { faces } = await engine.call('inspectPhoto', { input, models: job({}).models });
    for (const { stdGrid, stdHat } of faces) {
      expect(stdGrid).toHaveLength(64);
      // The tiny pack's one number is the mean of its grid.
      expect(stdGrid!.reduce((sum, std) => sum + std, 0) / 64).toBeCloseTo(stdHat!, 2);
    }
  });

  it('refuses blur per region with what excludes it', async () => {
    const refused = { code: 'argument/invalid' };
    const exact = job({ speed: 'exact', perRegion: true });
    await expect(engine.call('restorePhoto', exact)).rejects.toMatchObject(refused);
    await expect(engine.call('restorePhoto', job({ blur: 3, perRegion: true }))).rejects.toMatchObject(
      refused,
    );
  });

  it('hears a cancel between steps, writes nothing, and goes on with the next request', async () => {
    const controller = new AbortController();
    const began = performance.now();
    const call = engine.call('restorePhoto', job(LONG, join(root, 'out/cancelled')), {
      signal: controller.signal,
      onEvent: (event) => event.kind === 'step' && controller.abort(),
    });
    await expect(call).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(existsSync(join(root, 'out'))).toBe(false);
    await engine.call('restorePhoto', job({ speed: 'draft' }));
  });

  it('reports its death, and works again after it', async () => {
    const call = engine.call('restorePhoto', job(LONG, join(root, 'out/killed')), {
      onEvent: (event) => {
        if (event.kind === 'step' && engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
      },
    });
    await expect(call).rejects.toMatchObject({ code: 'engine/died', details: { signal: 'SIGKILL' } });
    expect(existsSync(join(root, 'out'))).toBe(false);
    expect((await engine.call('restorePhoto', job({ speed: 'draft' }))).status).toBe('restored');
  });

  it('gives a photo up that kills it twice', async () => {
    let deaths = 0;
    const onEvent = () => {
      if (engine.pid === undefined) return;
      deaths++;
      process.kill(engine.pid, 'SIGKILL');
    };
    await expect(callTwice(engine, 'restorePhoto', job(LONG), { onEvent })).rejects.toMatchObject({
      code: 'engine/died',
      message: expect.stringContaining('Gave up after two tries') as string,
    });
    expect(deaths).toBeGreaterThanOrEqual(2);
  });

  it('opens no models in the imaging role', async () => {
    const imaging = new EngineClient({ role: 'imaging' });
    try {
      const inspection = await imaging.call('inspectPhoto', {
        input: join(root, 'photo.jpg'),
        models: { pack: TINY_PACK, provider: 'cpu' },
      });
      expect(inspection.faces.length).toBeGreaterThan(0);
      expect(inspection.faces[0]?.stdHat).toBeUndefined();
      await expect(imaging.call('restorePhoto', job({}))).rejects.toMatchObject({ code: 'engine/protocol' });
    } finally {
      await imaging.close();
    }
  });

  it('does not outlive the command line that started it', async () => {
    const args = restoreArgs(join(root, 'photo.jpg'), '--out', join(root, 'orphan'), '--json');
    args.push('--speed', 'exact', '--start', '1000');
    const cli = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>((resolve) =>
      cli.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('"step"') && resolve()),
    );
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === cli.pid);
    expect(children).toHaveLength(1);
    cli.kill('SIGKILL');
    await until(() => !children.some(alive), 10);
    expect(children.filter(alive)).toEqual([]);
    expect(existsSync(join(root, 'orphan'))).toBe(false);
  });
});
