import type { Sort } from "./data-table.tsx";

/** What a page's address says of its order: `MessageCount`, or `-MessageCount` to descend. */
export function sortOf(text: string | undefined): Sort | undefined {
  if (text === undefined) return undefined;
  return { key: text.replace(/^-/, ""), isAscending: !text.startsWith("-") };
}

/** The same as -SortOrder has it. */
export function sortOrderOf(text: string | undefined): { readonly SortOrder?: string } {
  if (text === undefined) return {};
  return { SortOrder: text.startsWith("-") ? text : `+${text}` };
}

/** The text of an order. */
export function sortText({ key, isAscending }: Sort): string {
  return isAscending ? key : `-${key}`;
}
