/** One way of making a face out of a degraded one, as the tables of the evaluation compare them. */
export type Recipe =
  | { kind: 'lq' | 'rm' }
  /** `auto`: as the setting of that name, which a pack may lack. */
  | { kind: 'preset'; preset: string; auto?: boolean }
  | ({ kind: 'guided' } & GuidedRecipe)
  /** The prior alone, from a picture with the noise of a timestep; `nothing` is noise only. */
  | { kind: 'unguided'; from: 'nothing' | 'lq' | 'rm'; start: number; steps: number };

interface GuidedRecipe {
  /** What the guides are blurred copies of; `tm`: TM's output stands in for the blurred copy (table 6). */
  source: 'rm' | 'tm' | 'lq';
  /** Table 7's weights, 1 apart. */
  guides: number;
  start: 'dsst' | number;
  /** A_t. */
  scale: 'dgsa' | number;
  /** Of the spectral sampler; `exact` takes every step. */
  steps: number | 'exact';
}

const paper = { kind: 'guided', source: 'rm', guides: 3, start: 'dsst', scale: 'dgsa', steps: 15 } as const;

/** Every row that a table may show, by its id. */
export const RECIPES = {
  lq: { kind: 'lq' },
  rm: { kind: 'rm' },
  faithful: { kind: 'preset', preset: 'faithful' },
  balanced: { kind: 'preset', preset: 'balanced' },
  detailed: { kind: 'preset', preset: 'detailed' },
  prior: { kind: 'unguided', from: 'nothing', start: 1000, steps: 50 },
  a: { ...paper, guides: 1, start: 1000, scale: 1 },
  b: { ...paper, start: 1000, scale: 1 },
  c: { ...paper, scale: 1 },
  d: { ...paper, start: 1000 },
  e: { ...paper, guides: 1 },
  f: paper,
  'guides-1': { ...paper, guides: 1, scale: 1 },
  'guides-2': { ...paper, guides: 2, scale: 1 },
  'guides-4': { ...paper, guides: 4, scale: 1 },
  auto: { kind: 'preset', preset: 'balanced', auto: true },
  'start-400': { ...paper, start: 400 },
  tm: { ...paper, source: 'tm', guides: 1 },
  'steps-4': { ...paper, steps: 4 },
  'steps-8': { ...paper, steps: 8 },
  'steps-25': { ...paper, steps: 25 },
  'steps-50': { ...paper, steps: 50 },
  exact: { ...paper, steps: 'exact' },
  'exact-constant': { ...paper, scale: 1, steps: 'exact' },
  difface: { kind: 'unguided', from: 'rm', start: 400, steps: 15 },
  sdedit: { kind: 'unguided', from: 'lq', start: 400, steps: 15 },
  dps: { ...paper, source: 'lq', guides: 1, start: 1000, scale: 1, steps: 50 },
  'dps-exact': { ...paper, source: 'lq', guides: 1, start: 1000, scale: 1, steps: 'exact' },
} as const satisfies Record<string, Recipe>;

export type RecipeId = keyof typeof RECIPES;
export const RECIPE_IDS = Object.keys(RECIPES) as [RecipeId, ...RecipeId[]];

/** Rows that take minutes a face: the exact sampler with every step. */
export function isExact(id: RecipeId): boolean {
  const recipe: Recipe = RECIPES[id];
  return recipe.kind === 'guided' && recipe.steps === 'exact';
}

/** The tables, each with its rows in the paper's order. */
export const TABLES: readonly {
  id: string;
  title: string;
  rows: readonly (readonly [RecipeId, string])[];
}[] = [
  {
    id: 'presets',
    title: 'What Heirloom offers',
    rows: [
      ['lq', 'The degraded face'],
      ['rm', 'RM alone'],
      ['faithful', 'Faithful'],
      ['balanced', 'Balanced'],
      ['detailed', 'Detailed'],
    ],
  },
  {
    id: 'table-3',
    title: "The parts (the paper's table 3)",
    rows: [
      ['prior', 'Baseline: the prior alone'],
      ['a', 'A: DBLM'],
      ['b', 'B: DBLM, three guides'],
      ['c', 'C: DBLM, three guides, DSST'],
      ['d', 'D: DBLM, three guides, DGSA'],
      ['e', 'E: DBLM, DSST, DGSA'],
      ['f', 'F: all four'],
    ],
  },
  {
    id: 'table-6',
    title: "What guides (the paper's table 6)",
    rows: [
      ['tm', "TM's output"],
      ['e', 'RM, blurred by SE’s kernel'],
    ],
  },
  {
    id: 'table-7',
    title: "Number of guides (the paper's table 7)",
    rows: [
      ['guides-1', '1'],
      ['guides-2', '2'],
      ['c', '3'],
      ['guides-4', '4'],
      ['balanced', 'Balanced as it is'],
      ['auto', 'Balanced, number and spacing by SE’s confidence'],
    ],
  },
  {
    id: 'table-8',
    title: "Where to start (the paper's table 8)",
    rows: [
      ['start-400', '400'],
      ['d', '1000'],
      ['f', 'DSST'],
    ],
  },
  {
    id: 'samplers',
    title: 'The exact sampler and the spectral one',
    rows: [
      ['exact-constant', 'Exact, every step, constant scale'],
      ['c', 'Spectral, 15 steps, constant scale'],
      ['exact', 'Exact, every step, DGSA'],
      ['steps-4', 'Spectral, 4 steps, DGSA'],
      ['steps-8', 'Spectral, 8 steps, DGSA'],
      ['f', 'Spectral, 15 steps, DGSA'],
      ['steps-25', 'Spectral, 25 steps, DGSA'],
      ['steps-50', 'Spectral, 50 steps, DGSA'],
    ],
  },
  {
    id: 'baselines',
    title: 'What the same prior gives without the method',
    rows: [
      ['difface', 'RM, noise of t = 400, no guide (DifFace)'],
      ['sdedit', 'The degraded face, noise of t = 400, no guide (SDEdit)'],
      ['dps', 'The degraded face as guide, from t = 1000 (DPS in closed form)'],
      ['dps-exact', 'The degraded face as guide, from t = 1000 (DPS, every step)'],
      ['f', 'DynFaceRestore'],
    ],
  },
];

/** Which row is held against which on the same faces, with the title of the difference: what is claimed of the method. */
export const COMPARISONS: readonly (readonly [RecipeId, RecipeId, string])[] = [
  ['faithful', 'rm', 'Faithful − RM alone'],
  ['balanced', 'rm', 'Balanced − RM alone'],
  ['detailed', 'rm', 'Detailed − RM alone'],
  ['guides-4', 'guides-1', 'Four guides − one'],
  ['f', 'd', 'Start by the DSST − 1000 (F − D)'],
  ['f', 'start-400', 'Start by the DSST − 400'],
  ['f', 'c', 'DGSA − constant scale (F − C)'],
  ['e', 'tm', 'Blurred RM as guide − TM’s output'],
  ['c', 'exact-constant', 'Spectral, 15 steps − exact, constant scale'],
  ['f', 'exact', 'Spectral, 15 steps − exact, DGSA'],
  ['f', 'steps-4', '15 steps − 4'],
  ['steps-50', 'f', '50 steps − 15'],
];
