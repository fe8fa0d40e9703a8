import type { EngineParams } from '../../contract/engine.ts';
import type { FloatImage } from '../image/types.ts';
import { resizeFloat } from '../image/geometry.ts';
import { toDiffusionRange } from '../restore-face.ts';
import { openUserNetwork, type UserNetwork } from '../models/user-network.ts';

/** Side of the pictures that Inception v3 takes. */
const INCEPTION_SIDE = 299;

export interface UserMeasures {
  /** Features of the picture, for FID. */
  inception?: Float32Array;
  /** Distance to the truth. */
  lpips?: number;
}

export interface UserNetworks {
  measure(image: FloatImage, truth: FloatImage): Promise<UserMeasures>;
}

/**
 * Networks that a person gave for measures whose weights cannot be part of Heirloom. `inception`: one RGB picture
 * `1 x 3 x 299 x 299` in [-1, 1] in, one vector of features out. `lpips`: two RGB pictures `1 x 3 x S x S` in [-1, 1]
 * in, one distance out, AlexNet and its calibration inside. Throws `argument/invalid` for another shape.
 */
export async function openUserNetworks(
  files: EngineParams<'evaluateRows'>['networks'],
): Promise<UserNetworks | undefined> {
  if (!files.inception && !files.lpips) return undefined;
  const inception = files.inception ? await openUserNetwork(files.inception, 1) : undefined;
  const lpips = files.lpips ? await openUserNetwork(files.lpips, 2) : undefined;
  return {
    measure: async (image, truth) => ({
      ...(inception && { inception: await featuresOf(inception, image) }),
      ...(lpips && {
        lpips: (
          await lpips.run([toDiffusionRange(image.data), toDiffusionRange(truth.data)], image.width)
        )[0]!,
      }),
    }),
  };
}

function featuresOf(inception: UserNetwork, image: FloatImage): Promise<Float32Array> {
  return inception.run(
    [toDiffusionRange(resizeFloat(image, INCEPTION_SIDE, INCEPTION_SIDE).data)],
    INCEPTION_SIDE,
  );
}
