import { z } from 'zod';
import { DEFAULT_GRAIN } from './default-grain.ts';

/** Of the spectral sampler. */
export const solverSchema = z.enum(['ddim', 'dpmpp-2m']);

/** What holds for every face of a photo that has no settings of its own. */
const photoSettingsSchema = z.strictObject({
  /** A preset's id in the pack; it gives every value that is not named here. */
  preset: z.string().max(100).default('balanced'),
  /** 0 = all quality (Detailed) to 1 = all fidelity (Faithful); moves rho, the guide weights and the crispness. */
  fidelity: z.number().min(0).max(1).optional(),
  /** Number of guides. */
  guides: z.int().min(1).max(4).optional(),
  /** One weight a guide, non-negative; normalised to sum 1. */
  weights: z.array(z.number().min(0)).min(1).max(4).optional(),
  /** Distance between the guides' std, in pixels at S = 512. Paper: 1. */
  spacing: z.number().min(0).max(5).optional(),
  /** Starting timestep override, 1-1000; absent: from the DSST by the estimated blur. */
  start: z.int().min(1).max(1000).optional(),
  /** Blur level override, std in pixels at S = 512, 0.1-15; absent: estimated by SE. */
  blur: z.number().min(0.1).max(15).optional(),
  sampler: z.enum(['spectral', 'exact']).optional(),
  solver: solverSchema.optional(),
  /** Steps of the spectral sampler. The exact sampler takes every step from the start down unless this is given. */
  steps: z.int().min(4).max(1000).optional(),
  speed: z.enum(['draft', 'normal', 'exact']).default('normal'),
  seed: z.int().min(0).max(0xffffffff).default(0),
  /** Constant guidance scale 0-1 where DGSA is off. */
  guidanceScale: z.number().min(0).max(1).optional(),
  /** Region-wise guidance scale by DGSA. */
  dgsa: z.boolean().optional(),
  /** Refine the guides' std while sampling (eq. 7). */
  kernelRefinement: z.boolean().optional(),
  /**
   * How far RM's picture, which guides, is raised to the power that a face's fine detail has, 0-1; above 0 only with packs
   * that can tell that.
   */
  crispness: z.number().min(0).max(1).optional(),
  /** Each region of the face at its own blur, where the pack estimates that (spectral sampler, no blur override). */
  perRegion: z.boolean().optional(),
  /** Number of guides and spacing of each face by how sure SE is of its blur (no guides, weights, spacing or blur). */
  auto: z.boolean().optional(),
  /** Output size relative to the original; auto enlarges a photo whose faces are smaller than the pack's S. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal('auto')]).default(1),
  tone: z.enum(['auto', 'colour', 'monochrome', 'sepia']).default('auto'),
  /** Part, 0-1, of the photo's own grain that a restored face gets back; an aligned crop gets none. */
  grain: z.number().min(0).max(1).default(DEFAULT_GRAIN),
  /** Which faces, by index from 0 in reading order of detection; absent or 'all': all. */
  faces: z.union([z.literal('all'), z.array(z.int().min(0))]).default('all'),
});

const { preset, seed, grain } = photoSettingsSchema.shape;

/** What one face may have otherwise than its photo; `withOwnSettings` says what that replaces. */
export const faceSettingsSchema = photoSettingsSchema
  .pick({
    fidelity: true,
    guides: true,
    weights: true,
    spacing: true,
    start: true,
    blur: true,
    guidanceScale: true,
    dgsa: true,
    kernelRefinement: true,
    crispness: true,
    perRegion: true,
    auto: true,
  })
  .extend({
    preset: preset.unwrap().optional(),
    seed: seed.unwrap().optional(),
    grain: grain.unwrap().optional(),
  })
  .refine(
    (own) => Object.keys(own).length > 0,
    'Expected at least one setting of the face but received none',
  );
export type FaceSettings = z.infer<typeof faceSettingsSchema>;

const MAX_OWN_SETTINGS = 200;

/** Settings of one restoration, as they cross process borders and as a recipe stores them. */
export const restoreSettingsSchema = photoSettingsSchema.extend({
  /** Settings of single faces, by index as in `faces`. They belong to one photo. */
  perFace: z
    .record(
      z.string().regex(/^(0|[1-9]\d{0,3})$/, {
        error: ({ input }) =>
          `Expected the index of a face as a whole number between 0 and 9999 but received ${String(input)}`,
      }),
      faceSettingsSchema,
    )
    .refine((own) => Object.keys(own).length <= MAX_OWN_SETTINGS, {
      error: ({ input }) =>
        `Expected settings for at most ${MAX_OWN_SETTINGS} faces but received ${Object.keys(input as object).length}`,
    })
    .optional(),
});
export type RestoreSettings = z.infer<typeof restoreSettingsSchema>;
export type RestoreSettingsInput = z.input<typeof restoreSettingsSchema>;

/** What `auto` chose for one face, and why. */
export const guideChoiceSchema = z.strictObject({
  /** SE's expected absolute error of the estimated blur, in pixels at S = 512. */
  error: z.number().min(0),
  guides: z.int().min(1).max(4),
  /** Distance between the guides' std, in pixels at S = 512. */
  spacing: z.number(),
});
export type GuideChoice = z.infer<typeof guideChoiceSchema>;

export const outputFormatSchema = z.enum(['same', 'jpeg', 'png', 'webp', 'tiff']);
export type OutputFormat = z.infer<typeof outputFormatSchema>;

export const providerSchema = z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
export type ProviderChoice = z.infer<typeof providerSchema>;
export type Provider = Exclude<ProviderChoice, 'auto'>;
