/** `Name <address>`: the address is what counts. */
const NAMED = /<([^<>\s]+@[^<>\s]+)>/;

/**
 * Addresses and names out of whatever was pasted: lines, commas, semicolons, tabs, To: lines with
 * display names, columns of a spreadsheet. Each comes once, whatever its case.
 */
export function splitPasted(text: string): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const item of text.replace(/"[^"\n]*"/g, " ").split(/[\n\r,;\t]+/)) {
    const one = (NAMED.exec(item)?.[1] ?? item).trim().replace(/^mailto:/i, "");
    if (one === "" || seen.has(one.toLowerCase())) continue;
    seen.add(one.toLowerCase());
    found.push(one);
  }
  return found;
}
