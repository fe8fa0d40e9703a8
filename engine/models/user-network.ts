import path from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import { InferenceSession, Tensor } from './onnxruntime.ts';

/** A network of pictures in and one tensor out, whatever its names are. */
export interface UserNetwork {
  /** @param pictures each `[3, side, side]` */
  run(pictures: readonly Float32Array[], side: number): Promise<Float32Array>;
}

/** Opens an ONNX file on the CPU. Throws `argument/invalid` where it is none or takes another number of inputs. */
export async function openUserNetwork(file: string, inputs: number): Promise<UserNetwork> {
  const name = path.basename(file);
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 }).catch((cause: unknown) => {
    throw new HeirloomError('argument/invalid', `${name} is no ONNX file that can be run`, {}, { cause });
  });
  const { inputNames, outputNames } = session;
  if (inputNames.length !== inputs || outputNames.length < 1) {
    const message = `${name} has ${inputNames.length} inputs (${inputNames.join(', ')}); expected ${inputs}`;
    throw new HeirloomError('argument/invalid', message);
  }
  const run = async (pictures: readonly Float32Array[], side: number) => {
    const tensors = pictures.map((picture) => new Tensor('float32', picture, [1, 3, side, side]));
    const feeds = Object.fromEntries(tensors.map((tensor, i) => [inputNames[i]!, tensor]));
    const outputs = await session.run(feeds).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HeirloomError('argument/invalid', `${name} failed: ${reason}`, {}, { cause });
    });
    const given = Float32Array.from(outputs[outputNames[0]!]!.data as Float32Array);
    // JSON has no such numbers: results with one could not be read again.
    if (!given.every(Number.isFinite))
      throw new HeirloomError('argument/invalid', `${name} gave something that is not a number`);
    return given;
  };
  return { run };
}
