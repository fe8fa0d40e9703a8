import { describe, expect, it } from 'vitest';
import { restorationXmp } from '../../../../engine/image/xmp.ts';
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
