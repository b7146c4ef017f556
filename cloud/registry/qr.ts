import makeQr from 'qrcode-generator';

const quietZone = 4;

/** A QR code as one SVG image, dark on white whatever the page looks like; level M, with the quiet zone of ISO/IEC 18004. */
export function qrSvg(text: string): string {
  const code = makeQr(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  const rows = Array.from({ length: count }, (_, row) => row);
  const dark = rows.flatMap((row) =>
    rows.filter((column) => code.isDark(row, column)).map((column) => `M${column} ${row}h1v1h-1z`),
  );
  const side = count + 2 * quietZone;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-quietZone} ${-quietZone} ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M${-quietZone} ${-quietZone}h${side}v${side}h-${side}z"/><path d="${dark.join('')}"/></svg>`
  );
}
