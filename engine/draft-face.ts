import type { DraftResult, EngineEvent, EngineParams, EngineResult } from '../contract/engine.ts';
import { throwIfCancelled } from '../contract/errors.ts';
import { settingsOfFace } from '../contract/own-settings.ts';
import { deviationMap, measureDraft } from './draft-measures.ts';
import type { FaceDetector } from './faces/types.ts';
import { fitTone } from './image/colour.ts';
import { matchGrain } from './image/grain.ts';
import { encodeMap, encodePreview } from './image/preview.ts';
import type { FloatImage } from './image/types.ts';
import { likenessOf, takeDescriptor } from './likeness.ts';
import { meanScale } from './method/dgsa.ts';
import { resolvePlan, type SamplingPlan } from './method/presets.ts';
import type { OpenModels } from './open-models.ts';
import { PictureEvents } from './picture-events.ts';
import type { PreparedFace, PreparedFaces } from './prepared-faces.ts';
import { restoreFace } from './restore-face.ts';

export type DraftRequest = Omit<EngineParams<'draftFace'>, 'models'>;

/** What drafting works with; a test may give its own. */
export interface DraftTools {
  faces: PreparedFaces;
  detector: Pick<FaceDetector, 'descriptor'>;
  models: Pick<OpenModels, 'pack' | 'provider' | 'sessions'>;
}

export interface DraftContext {
  signal?: AbortSignal | undefined;
  onEvent?: ((event: EngineEvent) => void) | undefined;
}

/** White of the map of what was invented, RGB in 0-1. */
const INVENTED_WHITE = 0.1;
/** Less than one of 255 grey levels is no difference that anybody sees. */
const VISIBLE = 1 / 255;

/**
 * Restores one face of a photo for the eye; nothing is written. RM's picture comes first, then that of each step.
 *
 * Throws `input/*`, `argument/invalid` (settings against the pack, landmarks), `face/failed` and `job/cancelled`.
 */
export async function draftFace(
  request: DraftRequest,
  tools: DraftTools,
  context: DraftContext = {},
): Promise<DraftResult> {
  const { result } = await draft(request, tools, context);
  return result;
}

/** The face once with each seed, and where the results differ (null: nowhere). Throws as `draftFace`. */
export async function varyFace(
  { seeds, ...request }: Omit<EngineParams<'varyFace'>, 'models'>,
  tools: DraftTools,
  context: DraftContext = {},
): Promise<EngineResult<'varyFace'>> {
  const drafts: Draft[] = [];
  for (const seed of seeds) {
    const settings = { ...settingsOfFace(request.settings, request.index), seed };
    const drafted = await draft({ ...request, settings }, tools, context);
    drafts.push(drafted);
    context.onEvent?.({ kind: 'drafted', draft: drafted.result });
  }
  const deviation = deviationMap(drafts.map(({ picture }) => picture));
  const { width, height } = drafts[0]!.picture;
  const differ = deviation.some((value) => value >= VISIBLE);
  const invented = differ ? await encodeMap(deviation, width, height, INVENTED_WHITE) : null;
  return { drafts: drafts.map(({ result }) => result), invented };
}

interface Draft {
  result: DraftResult;
  /** In the photo's tone, without its grain, which is no part of what is measured. */
  picture: FloatImage;
}

async function draft(
  { input, face, index, ...request }: DraftRequest,
  { faces, detector, models }: DraftTools,
  { signal, onEvent = () => undefined }: DraftContext,
): Promise<Draft> {
  const began = performance.now();
  const { pack } = models;
  const settings = settingsOfFace(request.settings, index);
  const plan = resolvePlan(pack.manifest, settings);
  const prepared = await faces.get(input, face, models, detector);
  throwIfCancelled(signal);
  const tone = settings.tone === 'auto' ? prepared.tone : settings.tone;
  const toned = (picture: FloatImage) => fitTone(picture, prepared.crop, tone);
  const grained = (picture: FloatImage) =>
    matchGrain(picture, prepared.crop, settings.grain, plan.seed + index);
  const show = (picture: FloatImage) => grained(toned(picture));
  const pictures = new DraftPictures(prepared, plan.seed, show, onEvent);
  await pictures.first(plan, pack.manifest.schedule.steps);
  throwIfCancelled(signal);
  const restoration = await restoreFace(prepared.crop, {
    sessions: prepared.networks,
    pack,
    plan,
    face: index,
    onStep: ({ step, of, preview }) => pictures.add(step, of, preview),
    signal,
  });
  await pictures.events.flush();
  throwIfCancelled(signal);
  const picture = toned(restoration.image);
  const { width, height } = picture;
  const likeness = likenessOf(await prepared.descriptor(), await takeDescriptor(detector, picture));
  const { stdHat, start, guideStds, scaleMap, auto } = restoration;
  return {
    picture,
    result: {
      before: await encodePreview(prepared.crop, prepared.icc),
      after: await encodePreview(grained(picture), prepared.icc),
      ...(typeof scaleMap !== 'number' && {
        guidanceMap: await encodeMap(meanScale(scaleMap, width * height), width, height),
      }),
      ...{ stdHat, start, guideStds, steps: pictures.steps, seed: plan.seed },
      ...(auto && { auto }),
      measures: { ...likeness, ...measureDraft(prepared.crop, picture, stdHat) },
      seconds: (performance.now() - began) / 1000,
    },
  };
}

/** Sends the pictures of one draft, in the tone and with the grain of its photo. */
class DraftPictures {
  readonly events: PictureEvents;
  /** How many steps there are; known from the first one on. */
  steps = 0;
  readonly #face: PreparedFace;
  readonly #seed: number;
  readonly #show: (picture: FloatImage) => FloatImage;
  readonly #onEvent: (event: EngineEvent) => void;

  constructor(
    face: PreparedFace,
    seed: number,
    show: (picture: FloatImage) => FloatImage,
    onEvent: (event: EngineEvent) => void,
  ) {
    this.events = new PictureEvents(onEvent);
    this.#face = face;
    this.#seed = seed;
    this.#show = show;
    this.#onEvent = onEvent;
  }

  /** RM's picture, which needs neither the blur estimate nor a step. */
  async first({ sampling, start }: SamplingPlan, longest: number): Promise<void> {
    const { crop, networks } = this.#face;
    const picture = { ...crop, data: (await networks.restoration(crop.data)).picture };
    this.#onEvent(await this.#event(0, sampling.steps ?? start ?? longest, picture));
  }

  add(step: number, of: number, picture: FloatImage): void {
    this.steps = of;
    this.events.add(() => this.#event(step, of, picture));
  }

  async #event(step: number, steps: number, picture: FloatImage): Promise<EngineEvent> {
    const bytes = await encodePreview(this.#show(picture), this.#face.icc);
    return { kind: 'draft', seed: this.#seed, step, steps, picture: bytes };
  }
}
