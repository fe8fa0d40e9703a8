import { createRequire } from 'node:module';
import type { MainModule } from 'libheif-js/libheif-wasm/libheif.d.ts';

/** Interleaved samples as libheif gives them, rotation and mirroring of the container applied. */
export interface HeicPixels {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array | Uint16Array;
}

interface DecodedHeif {
  width: number;
  height: number;
  image: unknown;
  channels: { stride: number; data: Uint8Array; bits_per_pixel: number }[];
}

type Handle = Parameters<MainModule['heif_image_handle_release']>[0];

let libheif: MainModule | undefined;

/** The wasm module, loaded with the first HEIC. */
function loadLibheif(): MainModule {
  libheif ??= createRequire(import.meta.url)('libheif-js/wasm-bundle.js') as MainModule;
  return libheif;
}

/**
 * Decodes the main picture of a HEIC (grids included) to RGB or RGBA.
 * Samples of 10 and 12 bits are stretched to 16.
 * Throws an Error with libheif's reason.
 */
export function decodeHeic(bytes: Uint8Array, depth: 8 | 16, hasAlpha: boolean): HeicPixels {
  const heif = loadLibheif();
  const context = heif.heif_context_alloc();
  try {
    const read = heif.heif_context_read_from_memory(context, bytes);
    if (read.code !== heif.heif_error_code.heif_error_Ok) throw new Error(read.message as string);
    const handle = succeeded<Handle>(heif.heif_js_context_get_primary_image_handle(context));
    try {
      return decodePicture(heif, handle, depth, hasAlpha);
    } finally {
      // It holds all of the file, also where that is damaged.
      heif.heif_image_handle_release(handle);
    }
  } finally {
    heif.heif_context_free(context);
  }
}

function decodePicture(heif: MainModule, handle: Handle, depth: 8 | 16, hasAlpha: boolean): HeicPixels {
  const decoded = succeeded<DecodedHeif>(
    heif.heif_js_decode_image2(
      handle,
      heif.heif_colorspace.heif_colorspace_RGB,
      chroma(heif, depth, hasAlpha),
    ),
  );
  try {
    return packRows(decoded, depth, hasAlpha ? 4 : 3);
  } finally {
    heif.heif_image_release(decoded.image as Parameters<MainModule['heif_image_release']>[0]);
  }
}

function chroma(heif: MainModule, depth: 8 | 16, hasAlpha: boolean) {
  const kinds = heif.heif_chroma;
  if (depth === 16)
    return hasAlpha ? kinds.heif_chroma_interleaved_RRGGBBAA_LE : kinds.heif_chroma_interleaved_RRGGBB_LE;
  return hasAlpha ? kinds.heif_chroma_interleaved_RGBA : kinds.heif_chroma_interleaved_RGB;
}

/** libheif's JavaScript functions return either their result or `{ code, message }`. */
function succeeded<T>(result: unknown): T {
  const failure = result as { code?: unknown; message?: string } | null | undefined;
  if (failure == null || failure.code !== undefined) throw new Error(failure?.message ?? 'no picture inside');
  return result as T;
}

function packRows(decoded: DecodedHeif, depth: 8 | 16, channels: 3 | 4): HeicPixels {
  const { width, height } = decoded;
  const plane = decoded.channels[0];
  if (plane === undefined) throw new Error('no picture inside');
  const rowBytes = (width * channels * depth) / 8;
  const packed = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    packed.set(plane.data.subarray(y * plane.stride, y * plane.stride + rowBytes), y * rowBytes);
  }
  if (depth === 8) return { width, height, channels, data: packed };
  return { width, height, channels, data: stretchTo16(new Uint16Array(packed.buffer), plane.bits_per_pixel) };
}

function stretchTo16(samples: Uint16Array, bits: number): Uint16Array {
  const factor = 65535 / (2 ** bits - 1);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(samples[i]! * factor);
  return samples;
}
