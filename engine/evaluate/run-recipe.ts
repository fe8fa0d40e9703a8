import type { Recipe } from '../../contract/evaluation.ts';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { drawFrom } from '../draw-face.ts';
import type { FloatImage } from '../image/types.ts';
import { defaultWeights } from '../method/guidance.ts';
import { createNoise } from '../method/noise.ts';
import { resolvePlan, type SamplingPlan } from '../method/presets.ts';
import { alphaBarAt, diffuse, linearSchedule } from '../method/schedule.ts';
import type { Networks } from '../method/types.ts';
import type { OpenModels } from '../open-models.ts';
import { restoreFace, toDiffusionRange } from '../restore-face.ts';

type Preset = Extract<Recipe, { kind: 'preset' }>;
type Guided = Extract<Recipe, { kind: 'guided' }>;
type Unguided = Extract<Recipe, { kind: 'unguided' }>;

export interface RecipeTools {
  models: Pick<OpenModels, 'pack' | 'sessions'>;
  seed: number;
  /** Of the pair: each has its own noise, as faces of one photo have. */
  index: number;
  signal: AbortSignal;
}

/** Makes a face out of a degraded one, S x S in [0, 1], in the way of a recipe. */
export async function runRecipe(recipe: Recipe, lq: FloatImage, tools: RecipeTools): Promise<FloatImage> {
  const { sessions } = tools.models;
  switch (recipe.kind) {
    case 'lq':
      return lq;
    case 'rm':
      return { ...lq, data: (await sessions.restoration(lq.data)).picture };
    case 'preset':
      return restore(lq, presetPlan(recipe, tools), sessions, tools);
    case 'guided':
      return restore(lq, guidedPlan(recipe, tools), sourceOf(recipe.source, sessions), tools, recipe.source);
    case 'unguided':
      return unguided(recipe, lq, tools);
  }
}

async function restore(
  lq: FloatImage,
  plan: SamplingPlan,
  sessions: Networks,
  { models: { pack }, index, signal }: RecipeTools,
  source: Guided['source'] = 'rm',
): Promise<FloatImage> {
  const firstGuide = source === 'tm' ? 'tm' : 'blurred';
  const { image } = await restoreFace(lq, { sessions, pack, plan, face: index, firstGuide, signal });
  return image;
}

function presetPlan({ preset, auto }: Omit<Preset, 'kind'>, { models, seed }: RecipeTools): SamplingPlan {
  return resolvePlan(models.pack.manifest, restoreSettingsSchema.parse({ preset, auto, seed }));
}

/** The paper's settings, with RM's picture as it is; rho and the least blur are Balanced's. */
function guidedPlan({ source, guides, start, scale, steps }: Guided, tools: RecipeTools): SamplingPlan {
  const balanced = presetPlan({ preset: 'balanced' }, tools);
  const { stdAxis, spectral } = tools.models.pack.manifest;
  return {
    ...balanced,
    axis: { ...balanced.axis, max: stdAxis.max },
    weights: defaultWeights(guides),
    spacing: 1,
    guidanceScale: scale,
    crispness: 0,
    kernelRefinement: false,
    perRegion: false,
    auto: undefined,
    sampling:
      steps === 'exact'
        ? { sampler: 'exact', steps: undefined }
        : {
            sampler: 'spectral',
            solver: 'dpmpp-2m',
            steps,
            timestepSpacing: spectral.timestepSpacing,
            eta: 0,
          },
    start: start === 'dsst' ? undefined : start,
    ...(source === 'lq' && { blur: stdAxis.min, axis: stdAxis }),
  };
}

/** The networks, with the degraded face itself in RM's place where that is to guide. */
function sourceOf(source: Guided['source'], sessions: Networks): Networks {
  return source === 'lq' ? { ...sessions, restoration: (y) => Promise.resolve({ picture: y }) } : sessions;
}

async function unguided(
  { from, start, steps }: Unguided,
  lq: FloatImage,
  { models, seed, index, signal }: RecipeTools,
): Promise<FloatImage> {
  const noise = createNoise(seed, index).normal(lq.data.length);
  if (from === 'nothing') return drawFrom(noise, start, steps, models, signal);
  const picture = from === 'lq' ? lq.data : (await models.sessions.restoration(lq.data)).picture;
  const alphaBar = alphaBarAt(linearSchedule(models.pack.manifest.schedule), start);
  return drawFrom(diffuse(toDiffusionRange(picture), noise, alphaBar), start, steps, models, signal);
}
