import type { Turn } from '../../contract/library.ts';
import {
  boundView,
  boxToStage,
  clampScale,
  closeView,
  contains,
  fitView,
  middleOf,
  pinchView,
  turnedSize,
  wheelFactor,
  zoomAbout,
  type Point,
  type Rect,
  type Size,
  type View,
} from './viewport-math.ts';

const KEY_ZOOM = 1.25;
const KEY_PAN = 80;
/** What a face that is looked at takes of the stage's shorter side. */
const CLOSE_PART = 0.6;
/** A face that fills the fitted picture already comes so much closer all the same. */
const CLOSE_OF_FIT = 1.5;
const NOTHING: Size = { width: 1, height: 1 };

/** Zoom and pan of one or more stages that show the same picture. */
export class Viewport {
  view = $state.raw<View>({ scale: 1, x: 0, y: 0 });
  stage = $state.raw<Size>({ width: 0, height: 0 });
  picture = $state.raw<Size>(NOTHING);
  turn = $state<Turn>(0);
  /** Follows the stage's size until someone zooms or pans. */
  fitted = $state(true);
  /** The chosen face, normalised 0-1 of the picture: what zooms about no point of its own zooms about it. */
  face = $state.raw<Rect | null>(null);
  /** Pixels of the shown file for one picture unit: a version may be larger than its original. */
  density = $state(1);

  readonly frame = $derived(turnedSize(this.picture, this.turn));
  /** CSS pixels that the frame takes on the stage. */
  readonly shown = $derived({
    x: this.view.x,
    y: this.view.y,
    width: this.view.scale * this.frame.width,
    height: this.view.scale * this.frame.height,
  });
  /** The picture's part of the stage from left to right, in CSS pixels of the stage. */
  readonly across = $derived({
    left: Math.max(0, this.shown.x),
    right: Math.min(this.stage.width, this.shown.x + this.shown.width),
  });
  /** The whole picture is seen, so that there is nothing to pan. */
  readonly whole = $derived(
    this.shown.width <= this.stage.width + 1 && this.shown.height <= this.stage.height + 1,
  );
  /** 1 = one pixel of the file on one pixel of the screen. */
  readonly zoom = $derived((this.view.scale * window.devicePixelRatio) / this.density);

  setPicture(picture: Size, turn: Turn): void {
    const same =
      picture.width === this.picture.width && picture.height === this.picture.height && turn === this.turn;
    if (same) return;
    this.picture = picture;
    this.turn = turn;
    this.fit();
  }

  setStage(stage: Size): void {
    if (stage.width === this.stage.width && stage.height === this.stage.height) return;
    this.stage = stage;
    if (this.fitted) this.fit();
    else this.view = boundView(this.view, this.frame, stage);
  }

  fit(): void {
    this.view = fitView(this.frame, this.stage, 16);
    this.fitted = true;
  }

  /** One pixel of the file on one of the screen, about a point of the stage. */
  actual(about: Point = this.#about()): void {
    this.zoomTo(this.density / window.devicePixelRatio, about);
  }

  zoomTo(scale: number, about: Point = this.#about()): void {
    const wanted = clampScale(scale, this.frame, this.stage);
    this.#use(zoomAbout(this.view, about, wanted));
  }

  zoomBy(factor: number, about: Point = this.#about()): void {
    this.zoomTo(this.view.scale * factor, about);
  }

  wheel(deltaY: number, deltaMode: number, about: Point): void {
    this.zoomBy(wheelFactor(deltaY, deltaMode), about);
  }

  panBy(dx: number, dy: number): void {
    this.#use({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  pinch(before: [Point, Point], after: [Point, Point]): void {
    const pinched = pinchView(this.view, before, after);
    const scale = clampScale(pinched.scale, this.frame, this.stage);
    this.#use(scale === pinched.scale ? pinched : zoomAbout(pinched, after[0], scale));
  }

  /** A double click: into the picture at that point, or back to all of it. */
  toggle(about: Point): void {
    if (this.fitted)
      this.zoomTo(Math.max(this.density / window.devicePixelRatio, 2 * this.view.scale), about);
    else this.fit();
  }

  /** Close to a face, whose box is normalised 0-1 of the picture. */
  lookAt(box: Rect): void {
    this.#use(this.#closeTo(box));
  }

  /** Nobody has zoomed or panned since it was looked at. */
  looksAt(box: Rect): boolean {
    const { scale, x, y } = this.#closeTo(box);
    return this.view.scale === scale && this.view.x === x && this.view.y === y;
  }

  /** Whether the key meant something here. Arrows pan only where there is something to see. */
  key(key: string): boolean {
    const actions: Record<string, () => void> = {
      '+': () => this.zoomBy(KEY_ZOOM),
      '=': () => this.zoomBy(KEY_ZOOM),
      '-': () => this.zoomBy(1 / KEY_ZOOM),
      '0': () => this.fit(),
      '1': () => this.actual(),
      ...(this.whole
        ? {}
        : {
            ArrowLeft: () => this.panBy(KEY_PAN, 0),
            ArrowRight: () => this.panBy(-KEY_PAN, 0),
            ArrowUp: () => this.panBy(0, KEY_PAN),
            ArrowDown: () => this.panBy(0, -KEY_PAN),
          }),
    };
    const action = actions[key];
    action?.();
    return action !== undefined;
  }

  #use(view: View): void {
    this.view = boundView(view, this.frame, this.stage);
    this.fitted = false;
  }

  #closeTo(box: Rect): View {
    const least = CLOSE_OF_FIT * fitView(this.frame, this.stage).scale;
    return closeView(box, this, { part: CLOSE_PART, least });
  }

  /** The chosen face where it is seen, or else the middle. */
  #about(): Point {
    const face = this.face && middleOf(boxToStage(this.face, this.view, this.picture, this.turn));
    return face && contains({ x: 0, y: 0, ...this.stage }, face) ? face : this.#centre();
  }

  #centre(): Point {
    return { x: this.stage.width / 2, y: this.stage.height / 2 };
  }
}
