import { ELECTRON_PICTURES } from '../../contract/bridge.ts';
import { PICTURE_PATH } from '../../contract/browser-mode.ts';
import { picturePath, type PictureAddress } from '../../contract/pictures.ts';
import { bridge } from './api.ts';

/** Address for `<img src>`. The revision is the photo's, so that no cache shows an old picture. */
export function pictureUrl(address: PictureAddress, revision: number): string {
  return `${bridge ? ELECTRON_PICTURES : PICTURE_PATH}${picturePath(address)}?r=${revision}`;
}
