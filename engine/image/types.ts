/** Pixels of the oriented picture. RGB interleaved (HWC), origin top left, in the file's own RGB space. */
export interface RgbImage {
  width: number;
  height: number;
  /** 8: `data` is Uint8Array, 0-255. 16: `data` is Uint16Array, 0-65535. */
  depth: 8 | 16;
  /** `width * height * 3` samples, row by row. */
  data: Uint8Array | Uint16Array;
}

/** Planar float picture, CHW, `3 * width * height` values, RGB in 0-1 (values a little outside are allowed between stages). */
export interface FloatImage {
  width: number;
  height: number;
  data: Float32Array;
}

export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif' | 'heic';

/** What a decoded photo carries besides its colour samples, so that an output can carry it too. */
export interface PhotoMetadata {
  format: PhotoFormat;
  /** Oriented size in pixels. */
  width: number;
  height: number;
  /** Bits a sample in the file: 8 or 16 (anything above 8 is decoded to 16). */
  depth: 8 | 16;
  /** The file itself has one colour channel. */
  grey: boolean;
  /** Alpha samples at `depth`, `width * height`, or undefined. */
  alpha?: Uint8Array | Uint16Array;
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: string;
  /** Photoshop's image resources of a JPEG: captions in IPTC form and the like, without thumbnails. */
  photoshop?: Uint8Array;
  /** Pixels per inch, where the file says so. */
  density?: number;
  /** Plain sentences for the person: "first frame of 12 used", "CMYK converted to sRGB". */
  notes: string[];
}

export interface DecodedPhoto {
  image: RgbImage;
  metadata: PhotoMetadata;
}

/** Row-major 2 x 3: `[x', y'] = [a b c; d e f] [x, y, 1]`, in pixels with pixel centres at +0.5. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
