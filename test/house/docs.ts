import type { Source } from "./source.ts";

/** A page, and what is on disk, as the rules about pages see them. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const SOURCE_PATH = /(?<![\w./@-])(?:src|test|bench|scripts|docs|sample|bin)\/[\w./-]*\w/g;
const RFC = /\bRFC[ -]?(\d{3,5})\b/g;
const SCRIPT = /\bnpm run ([a-z][a-z:-]*)/g;

/** Paths that a page names and that are not there any more. */
export function findStalePaths(page: Page, exists: (path: string) => boolean): readonly string[] {
  const named = new Set([...page.text.matchAll(SOURCE_PATH)].map(([path]) => path));
  return [...named]
    .filter((path) => !exists(path))
    .map((path) => `${page.path} names ${path}, which does not exist`);
}

/** Rooms of the source tree that the walk leaves out. */
export function findMissingRooms(page: Page, rooms: readonly string[]): readonly string[] {
  return rooms
    .filter((room) => !page.text.includes(`src/${room}`))
    .map((room) => `${page.path} says nothing about src/${room}`);
}

/** Numbers of the RFCs that the comments of these files cite. */
export function readCitedRfcs(sources: readonly Source[]): ReadonlyMap<string, string> {
  const cited = new Map<string, string>();
  for (const source of sources) {
    for (const comment of source.comments) {
      for (const [, number = ""] of comment.value.matchAll(RFC)) cited.set(number, source.path);
    }
  }
  return cited;
}

/** RFCs that the code cites and the list of RFCs does not have. */
export function findMissingRfcs(page: Page, cited: ReadonlyMap<string, string>): readonly string[] {
  const listed = new Set([...page.text.matchAll(RFC)].map(([, number]) => number));
  return [...cited]
    .filter(([number]) => !listed.has(number))
    .map(([number, path]) => `${page.path} lacks RFC ${number}, cited in ${path}`)
    .sort();
}

/** Commands that a page names and package.json does not have. */
export function findStaleScripts(page: Page, scripts: readonly string[]): readonly string[] {
  return [...page.text.matchAll(SCRIPT)]
    .filter(([, name = ""]) => !scripts.includes(name))
    .map(([command]) => `${page.path} names "${command}", which package.json does not have`);
}

/** What keeps a change log from saying what the next release brings. */
export function findChangelogFaults(text: string): readonly string[] {
  const unreleased = /^## \[Unreleased\]\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text);
  if (unreleased === null) return ["CHANGELOG.md has no [Unreleased] section"];
  const known = /^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/;
  return (unreleased[1] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("### ") && !known.test(line))
    .map((line) => `CHANGELOG.md: "${line}" is no heading of Keep a Changelog`);
}
