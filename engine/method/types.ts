/**
 * The five networks of a pack as the method sees them. Pictures are `[3, S, S]` float32, RGB planes.
 * `engine/models/sessions.ts` runs a pack's; a test may write its own in a few lines.
 */
export interface Networks {
  /** RM on y in [0, 1]. */
  restoration(y: Float32Array): Promise<Restored>;
  /** SE: how blurred y in [0, 1] is, not clamped; `restored` is what RM made of y, which an SE may look at beside y. */
  estimator(y: Float32Array, restored: Restored): Promise<BlurEstimate>;
  /** x_t at timestep t (1-1000) to x0_hat in about [-1, 1]. */
  denoiser(xt: Float32Array, t: number): Promise<Float32Array>;
  /** The denoiser with dL/dx_t through it. */
  guided(input: GuidedInput): Promise<GuidedOutput>;
  /** DGSA: guidance scale per pixel and channel, in [0, 1]. */
  dgsa(y1: Float32Array, x0Hat: Float32Array, t: number): Promise<Float32Array>;
}

/** What RM makes of y. */
export interface Restored {
  /** RM(y), `[3, S, S]` in about [0, 1]. */
  picture: Float32Array;
  /**
   * Half of what RM makes of y less what it makes of its mirror image, turned back, `[3, S, S]`: large where RM is likely
   * to be wrong. Older packs, and those with another maker's RM, have none.
   */
  disagreement?: Float32Array | undefined;
}

export interface BlurEstimate {
  /** Of the Gaussian blur that y is worth, in 512-pixel units. */
  std: number;
  /** The same for each square of an 8 x 8 grid, row by row; older packs have none. */
  grid?: Float32Array | undefined;
  /** Expected absolute error of `std`, above 0, in 512-pixel units; older packs have none. */
  error?: number | undefined;
  /** Expected error of RM(y); older packs, and those with another maker's RM, have none. */
  curve?: ErrorCurve | undefined;
  /** TM(y), `[3, S, S]`. */
  tm: Float32Array;
}

/** What SE expects of `|| k_std (*) (RM(y) - x) ||^2`, the curve that std is read from (eq. 9/19). */
export interface ErrorCurve {
  /** Stds, rising, in 512-pixel units. */
  knots: readonly number[];
  /** log10 of the mean square error on [0, 1], one a knot. */
  log10: Float32Array;
}

export interface GuidedInput {
  xt: Float32Array;
  t: number;
  alphaBar: number;
  guides: readonly GuidedTerm[];
}

/** One term `w || y - k (*) x0_hat ||^2` of L. */
export interface GuidedTerm {
  /** y_i in [-1, 1], `[3, S, S]`. */
  image: Float32Array;
  /** h_i, `[S]`. */
  transfer: Float64Array;
  weight: number;
}

export interface GuidedOutput {
  x0Hat: Float32Array;
  /** dL/dx_t. */
  gradient: Float32Array;
  /** L, summed over all elements. */
  loss: number;
}

/** Where the standard deviations of the method live, in 512-pixel units. */
export interface StdAxis {
  min: number;
  max: number;
}

export function clampToAxis(std512: number, axis: StdAxis): number {
  return Math.min(axis.max, Math.max(axis.min, std512));
}
