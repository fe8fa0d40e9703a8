import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openUserNetwork } from '../../../../engine/models/user-network.ts';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/restorers/${name}.onnx`, import.meta.url));
const grey = (side: number) => new Float32Array(3 * side * side).fill(0.5);

describe('openUserNetwork', () => {
  it('gives what the network makes of the pictures', async () => {
    const network = await openUserNetwork(fixture('distance'), 2);
    expect([...(await network.run([grey(32), grey(32)], 32))]).toEqual([0]);
  });

  it('refuses what is not a number, which would make the file of results one that cannot be read', async () => {
    const network = await openUserNetwork(fixture('not-a-number'), 1);
    await expect(network.run([grey(64)], 64)).rejects.toMatchObject({
      code: 'argument/invalid',
      message: 'not-a-number.onnx gave something that is not a number',
    });
  });

  it('refuses another number of inputs and what is no network', async () => {
    await expect(openUserNetwork(fixture('distance'), 1)).rejects.toThrow('has 2 inputs');
    await expect(openUserNetwork(fileURLToPath(import.meta.url), 1)).rejects.toThrow('is no ONNX file');
  });
});
