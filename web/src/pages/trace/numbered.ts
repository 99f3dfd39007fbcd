/** Things that have no name but never change their places: those are their names. */
export function numbered<Item>(
  items: readonly Item[],
): readonly { readonly at: number; readonly item: Item }[] {
  return items.map((item, at) => ({ at, item }));
}
