import ExifReader from 'exifreader';
import { describe, expect, it } from 'vitest';
import { factsXmp, restorationXmp } from '../../../../engine/image/xmp.ts';
import { XMP_PACKET } from '../../../fixtures/make-pictures.ts';

const count = (text: string, part: string) => text.split(part).length - 1;

describe('restorationXmp', () => {
  it('without packet and note there is none', () => {
    expect(restorationXmp(undefined, undefined)).toBeUndefined();
  });
  it('without a note only the orientation changes', () => {
    expect(restorationXmp(XMP_PACKET, undefined)).toBe(
      XMP_PACKET.replace('Orientation="6"', 'Orientation="1"'),
    );
    expect(restorationXmp('<tiff:Orientation>8</tiff:Orientation>', undefined)).toBe(
      '<tiff:Orientation>1</tiff:Orientation>',
    );
  });
  it('appends to a history that is there', () => {
    const packet = restorationXmp(XMP_PACKET, 'restored')!;
    expect(count(packet, '<xmpMM:History>')).toBe(1);
    expect(packet.indexOf('ScanTool 4')).toBeLessThan(packet.indexOf('stEvt:softwareAgent="Heirloom"'));
    expect(packet).toContain('<?xpacket end="w"?>');
  });
  it.each(['<xmpMM:History/>', '<xmpMM:History><rdf:Seq/></xmpMM:History>', ''])(
    'makes a history in place of "%s"',
    (history) => {
      const packet = `<rdf:RDF xmlns:rdf="r"><rdf:Description>${history}</rdf:Description></rdf:RDF>`;
      const noted = restorationXmp(packet, 'restored')!;
      expect(count(noted, 'xmpMM:History>')).toBe(2);
      expect(count(noted, 'stEvt:parameters="restored"')).toBe(1);
    },
  );
  it.each([
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm">',
    '><Iptc4xmpExt:DigitalSourceType>old</Iptc4xmpExt:DigitalSourceType>',
    '><Iptc4xmpExt:DigitalSourceType rdf:resource="old"/>',
  ])('replaces the source type in %s', (form) => {
    const noted = restorationXmp(`<rdf:RDF><rdf:Description ${form}</rdf:Description></rdf:RDF>`, 'x')!;
    expect(count(noted, '<Iptc4xmpExt:DigitalSourceType')).toBe(1);
    expect(noted).not.toMatch(/old|negativeFilm/);
  });
  it('replaces a packet that holds no RDF', () => {
    expect(restorationXmp('rubbish', 'restored')).toBe(restorationXmp(undefined, 'restored'));
  });
  it('escapes what XML cannot hold', () => {
    expect(restorationXmp(undefined, 'a<b>&"c\u0000d')).toContain(
      'stEvt:parameters="a&lt;b&gt;&amp;&quot;cd"',
    );
  });
});

describe('factsXmp', () => {
  const FACTS = { takenAt: '1953-06-02', caption: 'At the lake', people: ['Anna'] };
  const NOTHING = { takenAt: null, caption: '', people: [] };
  const packetWith = (attributes: string, elements = '') =>
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"' +
    ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"' +
    ` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ${attributes}>${elements}` +
    '</rdf:Description></rdf:RDF></x:xmpmeta>';
  /** Read as XML; throws where it is none. */
  const read = (packet: string) => {
    const header = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
    const body = Buffer.concat([header, Buffer.from(packet)]);
    const size = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), size, body, Buffer.from([0xff, 0xd9])]);
    return ExifReader.load(jpeg, { expanded: true }).xmp!;
  };

  it('adds nothing where nothing is known', () => {
    expect(factsXmp(undefined, NOTHING)).toBeUndefined();
    expect(factsXmp(XMP_PACKET, NOTHING)).toBe(XMP_PACKET);
  });
  it.each([undefined, 'rubbish', XMP_PACKET])('writes all of it into %#', (before) => {
    const packet = factsXmp(before, FACTS)!;
    const tags = read(packet);
    expect(tags.DateTimeOriginal?.value).toBe('1953-06-02');
    expect(tags.DateCreated?.value).toBe('1953-06-02');
    expect(tags.description?.description).toBe('At the lake');
    expect(tags.PersonInImage?.description).toBe('Anna');
    expect(packet.includes('Бабушка')).toBe(before === XMP_PACKET);
    expect(factsXmp(packet, FACTS)).toBe(packet);
  });
  it('keeps the precision of a date with a time', () => {
    const packet = factsXmp(undefined, { ...NOTHING, takenAt: '1953-06-02T14:30:00' })!;
    expect(packet).toContain('<exif:DateTimeOriginal>1953-06-02T14:30:00</exif:DateTimeOriginal>');
    expect(packet).not.toMatch(/dc:description|PersonInImage/);
  });
  it.each([
    packetWith('exif:DateTimeOriginal="2019-01-01" photoshop:DateCreated=\'2019\' dc:description="old"'),
    packetWith(
      '',
      '<exif:DateTimeOriginal>2019-01-01</exif:DateTimeOriginal><photoshop:DateCreated/>' +
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">old</rdf:li><rdf:li xml:lang="de">old</rdf:li>' +
        '</rdf:Alt></dc:description><dc:descriptions>stays</dc:descriptions>',
    ),
    packetWith('', '<dc:description rdf:parseType="Resource" /><dc:description>old</dc:description >'),
  ])('replaces what is there: %#', (before) => {
    const packet = factsXmp(before, FACTS)!;
    for (const name of ['exif:DateTimeOriginal', 'photoshop:DateCreated', 'dc:description'])
      expect(packet.match(new RegExp(`${name}(?=[\\s=>/])`, 'g'))).toHaveLength(2);
    expect(packet).not.toMatch(/old|2019/);
    expect(packet.includes('stays')).toBe(before.includes('stays'));
    expect(read(packet).description?.description).toBe('At the lake');
  });
  it('joins people with those that the file names, each once', () => {
    const bag = '<rdf:Bag><rdf:li>Tom &amp; Co</rdf:li><rdf:li>Anna</rdf:li></rdf:Bag>';
    const before = packetWith('', `<Iptc4xmpExt:PersonInImage>${bag}</Iptc4xmpExt:PersonInImage>`);
    const packet = factsXmp(before, { ...NOTHING, people: ['Anna', 'Eva', 'Eva'] })!;
    expect(packet.match(/<rdf:li>[^<]*/g)).toEqual(['<rdf:li>Tom &amp; Co', '<rdf:li>Anna', '<rdf:li>Eva']);
    expect(count(packet, 'PersonInImage>')).toBe(2);
  });
  it('escapes markup, and cannot be led out of its element', () => {
    const evil = '</rdf:li></rdf:RDF><dc:description>&"\'$&\u0001';
    const packet = factsXmp(XMP_PACKET, { takenAt: null, caption: evil, people: [evil, 'مريم'] })!;
    expect(count(packet, '</rdf:RDF>')).toBe(1);
    expect(count(packet, '<dc:description>')).toBe(1);
    expect(packet).toContain("&lt;/rdf:li&gt;&lt;/rdf:RDF&gt;&lt;dc:description&gt;&amp;&quot;'$&amp;<");
    expect(packet).toContain('<rdf:li>مريم</rdf:li>');
    expect(read(packet).title?.description).toBe('Бабушка, 1931');
  });
  it('leaves an element without an end alone', () => {
    const broken = '<rdf:RDF><dc:description><dc:description></rdf:RDF>';
    expect(factsXmp(broken, { ...NOTHING, caption: 'x' })).toContain('<dc:description><dc:description>');
  });
});
