import type { EngineResult } from '../contract/engine.ts';
import { EngineClient } from '../engine/client.ts';
import { findPack } from './find-pack.ts';
import { writeJson, writeLine, type Output } from './output.ts';
import { parsePath } from './parse-settings.ts';

export interface AddRestorerOptions {
  out: string;
  json?: boolean;
  pack?: string;
}

/** `heirloom packs add-restorer`: says what was found out about the network and where the new pack is. */
export async function addRestorerCommand(
  file: string,
  { out, json, pack }: AddRestorerOptions,
  { stdout }: Output,
  signal: AbortSignal,
): Promise<number> {
  const params = {
    file: parsePath(file, 'an ONNX file', 'an empty name'),
    folder: await findPack(pack),
    target: parsePath(out, 'a folder for --out'),
  };
  const engine = new EngineClient({ role: 'restore' });
  try {
    const added = await engine.call('addRestorer', params, { signal });
    if (json) writeJson(stdout, added);
    else for (const line of describe(added)) writeLine(stdout, line);
    return 0;
  } finally {
    await engine.close();
  }
}

const RANGES = { unit: '0 to 1', symmetric: '-1 to 1' };

function describe(added: EngineResult<'addRestorer'>): string[] {
  const { input, output, size, range, lowest, highest, psnr, psnrOther, psnrToReplaced, milliseconds } =
    added;
  const other = range === 'unit' ? 'symmetric' : 'unit';
  return [
    `takes ${input} and gives ${output}, float32 1 x 3 x ${size} x ${size}`,
    `values ${RANGES[range]}: gave ${lowest.toFixed(2)} to ${highest.toFixed(2)}, ${psnr.toFixed(1)} dB to the golden face (with ${RANGES[other]}: ${psnrOther.toFixed(1)} dB)`,
    `${psnrToReplaced.toFixed(1)} dB to what the replaced network makes of it, ${Math.round(milliseconds)} ms a face on the CPU`,
    `The blur estimate stays that of the replaced network.`,
    `${added.id} is in ${added.folder}; use it with --pack ${added.folder}, or import the folder under Models.`,
  ];
}
