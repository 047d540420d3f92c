/** Sets text as a printer would: curly quotes, dashes, an ellipsis. */
export function typographic(text: string): string {
  return text
    .replaceAll('...', '\u2026')
    .replaceAll(' - ', ' \u2013 ')
    .replaceAll(/(^|[\s([])"/g, '$1\u201C')
    .replaceAll('"', '\u201D')
    .replaceAll(/(^|[\s([])'/g, '$1\u2018')
    .replaceAll("'", '\u2019');
}
