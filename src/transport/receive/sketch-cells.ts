/** Rows of a sketch: a name is overcounted only where others share its cell in every row. */
export const SKETCH_ROWS = 4;

/**
 * The cells of a name in a count-min sketch, one in each row (FNV-1a from a secret start, then
 * multiplied apart). Without the secret an attacker could look for names of his own that share all
 * cells with somebody else's, and use up what is his.
 * @param cells cells of one row, a power of two
 */
export function sketchCells(
  name: string,
  { salt, cells }: { readonly salt: number; readonly cells: number },
): Int32Array {
  let hash = 0x811c9dc5 ^ salt;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  const found = new Int32Array(SKETCH_ROWS);
  for (let row = 0; row < SKETCH_ROWS; row += 1) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d + row * 2);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    found[row] = row * cells + ((hash ^ (hash >>> 15)) & (cells - 1));
  }
  return found;
}
