/**
 * The restoration note inside an XMP packet (ISO 16684-1; IPTC Photo Metadata 2023 for the source type).
 */

/** IPTC's term for a photo in which a trained model has drawn a part. */
const DIGITAL_SOURCE_TYPE =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';

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
  const base = oriented?.includes('</rdf:RDF>') ? oriented : EMPTY_PACKET;
  return addSourceType(addHistory(base, note));
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
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"',
    `<xmpMM:History><rdf:Seq>${event}</rdf:Seq></xmpMM:History>`,
  );
}

function addSourceType(packet: string): string {
  const name = 'Iptc4xmpExt:DigitalSourceType';
  // Not beyond the next tag: a packet of opening tags alone would take the square of its length.
  const without = packet
    .replace(new RegExp(`\\s${name}\\s*=\\s*("[^"]*"|'[^']*')`, 'g'), '')
    .replace(new RegExp(`<${name}[^<>]*/>`, 'g'), '')
    .replace(new RegExp(`<${name}\\b[^<>]*>[^<]*</${name}>`, 'g'), '');
  return addProperty(
    without,
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    `<${name}>${DIGITAL_SOURCE_TYPE}</${name}>`,
  );
}

function addProperty(packet: string, namespace: string, property: string): string {
  const description = `<rdf:Description rdf:about="" ${namespace}>${property}</rdf:Description>\n`;
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
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"]/g, (c) => XML_ENTITIES[c] ?? c);
}
