import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineClient } from '../../engine/client.ts';

/** An engine process that a hostile file has taken over says what it likes; the application must not fall over it. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heirloom-engine-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function engineThatSays(name: string, message: string): Promise<EngineClient> {
  const entry = join(folder, `${name}.mjs`);
  await writeFile(
    entry,
    `process.on('message', ({ id }) => process.send(${message}));
     process.on('disconnect', () => process.exit());
     process.send({ type: 'ready', pid: process.pid });`,
  );
  return new EngineClient({ role: 'imaging', entry });
}

describe('an engine that talks nonsense', () => {
  it.each([
    ['null', 'null'],
    ['text', '"rm -rf /"'],
    ['a foreign type', '{ type: "shutdown" }'],
    [
      'an error of no code',
      '{ type: "response", id, envelope: { ok: false, error: { code: "own", message: "x" } } }',
    ],
    ['an event of no kind', '{ type: "event", id, event: { kind: "run" } }'],
    ['a response of no id', '{ type: "response", envelope: { ok: true, value: 1 } }'],
  ])('of %s is ended, and the call refused', async (name, message) => {
    const engine = await engineThatSays(name.replaceAll(' ', '-'), message);
    await expect(engine.call('resources', {})).rejects.toMatchObject({ code: 'engine/died' });
    await engine.close();
  });

  it('whose answer is not what was asked for is believed nothing', async () => {
    const engine = await engineThatSays(
      'answer',
      '{ type: "response", id, envelope: { ok: true, value: { path: "/etc" } } }',
    );
    await expect(engine.call('resources', {})).rejects.toThrow();
    await engine.close();
  });
});
