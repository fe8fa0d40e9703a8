/**
 * Addresses of browser mode, which both its server and the interface need. Every one of them, files and pictures
 * too, is behind the token; after the first visit a cookie carries it.
 */

/** WebSocket of `apiRequestSchema` and `apiMessageSchema`, one JSON message a frame. */
export const SOCKET_PATH = '/socket';
/** Followed by what `picturePath` writes; `?r=` is the revision. */
export const PICTURE_PATH = '/picture/';
/** `POST /upload/<32 hex digits of the interface's choice>/<file name, percent-encoded>`, the body is the file. */
export const UPLOAD_PATH = '/upload/';

/** Largest file that can be dropped, in bytes. */
export const UPLOAD_LIMIT_BYTES = 2 * 1024 ** 3;
/** Largest message that the socket takes, in bytes: the ids of a whole large library fit. */
export const MESSAGE_LIMIT_BYTES = 4 * 1024 ** 2;
