import type { PhotoFacts } from '../../contract/engine.ts';

/**
 * The restoration note, and what the library knows about a photo, inside an XMP packet (ISO 16684-1; IPTC Photo
 * Metadata 2023 for the source type and the people).
 */

/** IPTC's term for a photo in which a trained model has drawn a part. */
const DIGITAL_SOURCE_TYPE =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';

const NAMESPACES = {
  dc: 'http://purl.org/dc/elements/1.1/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpMM: 'http://ns.adobe.com/xap/1.0/mm/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
};

const EMPTY_PACKET = [
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '</rdf:RDF></x:xmpmeta>',
  '<?xpacket end="w"?>',
].join('\n');

/**
 * The packet with orientation 1 and, where `note` is given, with what was done to the photo: an entry in
 * the edit history (`xmpMM:History`) and the IPTC digital source type. All else in the packet stays.
 * A packet that holds no RDF is replaced. Undefined where there is neither a packet nor a note.
 */
export function restorationXmp(packet: string | undefined, note: string | undefined): string | undefined {
  const oriented = packet === undefined ? undefined : resetOrientation(packet);
  if (note === undefined) return oriented;
  return addSourceType(addHistory(orEmptyPacket(oriented), note));
}

/**
 * The packet with what the library knows about the photo. A date and a caption take the place of the packet's own;
 * people join those that it names. What is not known (null, or empty) stays as the packet has it.
 */
export function factsXmp(packet: string | undefined, facts: PhotoFacts): string | undefined {
  const { takenAt, caption, people } = facts;
  if (!hasFacts(facts)) return packet;
  let xmp = orEmptyPacket(packet);
  if (takenAt !== null) {
    xmp = replaceProperty(xmp, 'exif:DateTimeOriginal', () => escapeXml(takenAt));
    xmp = replaceProperty(xmp, 'photoshop:DateCreated', () => escapeXml(takenAt));
  }
  if (caption !== '') xmp = replaceProperty(xmp, 'dc:description', () => defaultText(caption));
  if (people.length > 0)
    xmp = replaceProperty(xmp, 'Iptc4xmpExt:PersonInImage', (old) => bagOf([...namesIn(old), ...people]));
  return xmp;
}

/** Whether there is anything to write. */
export function hasFacts({ takenAt, caption, people }: PhotoFacts): boolean {
  return takenAt !== null || caption !== '' || people.length > 0;
}

function orEmptyPacket(packet: string | undefined): string {
  return packet?.includes('</rdf:RDF>') ? packet : EMPTY_PACKET;
}

function defaultText(text: string): string {
  return `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
}

/** Each name once. */
function bagOf(names: string[]): string {
  const items = [...new Set(names)].map((name) => `<rdf:li>${escapeXml(name)}</rdf:li>`);
  return `<rdf:Bag>${items.join('')}</rdf:Bag>`;
}

/** The items of a list, as text. */
function namesIn(list: string): string[] {
  return [...list.matchAll(/<rdf:li\b[^<>]*>([^<]*)<\/rdf:li>/g)]
    .map(([, name = '']) => unescapeXml(name).trim())
    .filter((name) => name !== '');
}

function resetOrientation(packet: string): string {
  return packet
    .replace(/(\btiff:Orientation\s*=\s*["'])\d+/g, '$11')
    .replace(/(<tiff:Orientation>\s*)\d+/g, '$11');
}

function addHistory(packet: string, note: string): string {
  const event =
    '<rdf:li xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" stEvt:action="edited"' +
    ` stEvt:softwareAgent="Heirloom" stEvt:parameters="${escapeXml(note)}"/>`;
  const end = packet.search(/<\/rdf:Seq>\s*<\/xmpMM:History>/);
  if (end >= 0) return insert(packet, end, event);
  return addProperty(
    packet.replace(/<xmpMM:History>\s*<rdf:Seq\s*\/>\s*<\/xmpMM:History>|<xmpMM:History\s*\/>/, ''),
    'xmpMM:History',
    `<rdf:Seq>${event}</rdf:Seq>`,
  );
}

function addSourceType(packet: string): string {
  return replaceProperty(packet, 'Iptc4xmpExt:DigitalSourceType', () => DIGITAL_SOURCE_TYPE);
}

type PropertyName = `${keyof typeof NAMESPACES}:${string}`;

/** What is left of an `addProperty`. */
const EMPTY_DESCRIPTION = /<rdf:Description rdf:about="" xmlns:\w+="[^"<>]*"><\/rdf:Description>\n/g;

/** The property once, in place of all that the packet had; `value` makes its XML out of theirs. */
function replaceProperty(packet: string, name: PropertyName, value: (old: string) => string): string {
  const { rest, removed } = removeProperty(packet, name);
  return addProperty(rest, name, value(removed));
}

/** Without the property, whether it is an attribute or an element, and the XML inside its elements. */
function removeProperty(packet: string, name: PropertyName): { rest: string; removed: string } {
  const text = packet.replace(new RegExp(`\\s${name}\\s*=\\s*("[^"]*"|'[^']*')`, 'g'), '');
  const opening = new RegExp(`<${name}(?:\\s[^<>]*)?/?>`, 'g');
  const closing = new RegExp(`</${name}\\s*>`, 'g');
  const kept: string[] = [];
  let [position, removed] = [0, ''];
  for (let start = opening.exec(text); start !== null; start = opening.exec(text)) {
    const inside = opening.lastIndex;
    closing.lastIndex = inside;
    const end = start[0].endsWith('/>') ? { index: inside, 0: '' } : closing.exec(text);
    if (end === null) break;
    kept.push(text.slice(position, start.index));
    removed += text.slice(inside, end.index);
    position = opening.lastIndex = end.index + end[0].length;
  }
  const rest = (kept.join('') + text.slice(position)).replace(EMPTY_DESCRIPTION, '');
  return { rest, removed };
}

function addProperty(packet: string, name: PropertyName, value: string): string {
  const prefix = name.slice(0, name.indexOf(':')) as keyof typeof NAMESPACES;
  const property = `<${name}>${value}</${name}>`;
  const description = `<rdf:Description rdf:about="" xmlns:${prefix}="${NAMESPACES[prefix]}">${property}</rdf:Description>\n`;
  return insert(packet, packet.lastIndexOf('</rdf:RDF>'), description);
}

function insert(text: string, position: number, addition: string): string {
  return text.slice(0, position) + addition + text.slice(position);
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no way to write most control characters: they are left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (c) => XML_ENTITIES[c] ?? c);
}

/** The entities that XML itself has, `escapeXml` turned back; others stay as they are written. */
function unescapeXml(text: string): string {
  const characters = new Map(Object.entries(XML_ENTITIES).map(([character, entity]) => [entity, character]));
  characters.set('&apos;', "'");
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => characters.get(entity) ?? entity);
}
