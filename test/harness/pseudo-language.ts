import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, type Plugin } from "vite";
import { later, type Scope } from "./scope.ts";

const WEB = join(import.meta.dirname, "../../web");
const LANGUAGE = "virtual:pseudo-language";
const TABLES = "virtual:pseudo-tables";
const ENGLISH = "?english";

/** What a text of the tables is between, and what a moment or number in the reader's form is. */
export const MARKS = { text: ["\u00ab", "\u00bb"], form: ["\u2039", "\u203a"] } as const;

/**
 * Says each text of the tables in a language that nobody speaks: marked, and 40 % longer. What a
 * text has in braces stays: the center puts something in its place.
 */
const SPEAK = `
const ACCENTED = new Map([..."aeiounycsz"].map((letter, at) => [letter, [..."áéíóúñýçšž"][at]]));
function speakStretch(text) {
  if (text.trim() === "" || text.startsWith("{")) return text;
  const long = Math.ceil(text.length * 0.4);
  const more = "lo pali ".repeat(Math.ceil(long / 8)).slice(0, long).trim();
  const spoken = text.replaceAll(/[aeiounycsz]/g, (letter) => ACCENTED.get(letter) ?? letter);
  return "${MARKS.text[0]}" + spoken + " " + more + "${MARKS.text[1]}";
}
function speak(text) {
  return text.split(/([{]\\w+[}])/).map(speakStretch).join("");
}
export const tables = {};
export function collect(part, texts) {
  const say = (text) =>
    typeof text === "string" ? speak(text) : (...values) => speak(text(...values));
  tables[part] = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, say(text)]));
  return texts;
}
`;

/**
 * Builds the center with one language more, made of the English tables.
 * @returns the folder of the files; it goes with the test
 */
export async function buildPseudoLanguage(t: Scope, subtag: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-language-"));
  later(t, () => rm(folder, { recursive: true, force: true }));
  await build({
    root: WEB,
    configFile: join(WEB, "vite.config.ts"),
    logLevel: "error",
    plugins: [pseudoLanguage(subtag)],
    build: { outDir: folder, emptyOutDir: true, minify: false },
  });
  return folder;
}

function pseudoLanguage(subtag: string): Plugin {
  return {
    name: "pseudo-language",
    enforce: "pre",
    resolveId: (id) => (id === TABLES || id === LANGUAGE ? id : undefined),
    load: (id) => {
      if (id === TABLES) return SPEAK;
      if (id === LANGUAGE) return everyTable();
      if (id.endsWith(ENGLISH)) return collected(id.slice(0, -ENGLISH.length));
      if (resolve(id) !== join(WEB, "src/languages.ts")) return undefined;
      const load = `async () => (await import("${LANGUAGE}")).tables`;
      return `export const LANGUAGES = { ${subtag}: ${load} };`;
    },
  };
}

/** A module that reads every file with a table in it a second time, for the table alone. */
function everyTable(): string {
  const files = globSync("src/**/*.{ts,tsx}", { cwd: WEB })
    .filter((file) => !/base.texts|\.test\./.test(file))
    .map((file) => join(WEB, file))
    .filter((file) => readFileSync(file, "utf8").includes("textsOf("));
  const imports = files.map((file) => `import "${file}${ENGLISH}";`);
  return `${imports.join("\n")}\nexport { tables } from "${TABLES}";`;
}

function collected(file: string): string {
  const source = readFileSync(file, "utf8").replaceAll("textsOf(", "collect(");
  return `import { collect } from "${TABLES}";\n${source}`;
}
