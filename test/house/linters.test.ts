import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./source.ts";

// The rules that others enforce for us: proof that their settings are in force.

function runTool(name: string, options: readonly string[], input = ""): string {
  const program = join(ROOT, "node_modules/.bin", name);
  const { stdout, stderr } = spawnSync(program, options, { cwd: ROOT, input, encoding: "utf8" });
  return stdout + stderr;
}

/** Lints one file in a folder of its own, under the project's settings. */
function lint(name: string, options: readonly string[], text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "postrider-lint-"));
  try {
    for (const settings of ["biome.json", ".oxlintrc.json"]) {
      copyFileSync(join(ROOT, settings), join(folder, settings));
    }
    writeFileSync(join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": true } }');
    writeFileSync(join(folder, "fixture.ts"), text);
    const program = join(ROOT, "node_modules/.bin", name);
    const { stdout, stderr } = spawnSync(program, options, { cwd: folder, encoding: "utf8" });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FORGOTTEN_AWAIT = `declare function save(): Promise<void>;
declare function onEvent(listener: () => void): void;
export async function forget(): Promise<void> {
  save();
  onEvent(async () => save());
  await 1;
}
`;

for (const [rule, text] of [
  ["noExplicitAny", "export const x: any = 1;\n"],
  ["noNonNullAssertion", "export const f = (x: string | undefined): string => x!;\n"],
  [
    "useImportType",
    'import { Foo } from "./foo.ts";\n\nexport const f = (foo: Foo): Foo => foo;\n',
  ],
  ["useNodejsImportProtocol", 'export { readFile } from "fs/promises";\n'],
  ["noUnusedVariables", "const x = 1;\n"],
  ["noEnum", "export enum Colour {\n  red,\n}\n"],
] as const) {
  test(`biome enforces ${rule}`, () => {
    const output = lint("biome", ["lint", "fixture.ts"], text);
    assert.ok(output.includes(rule), output);
  });
}

test("biome formats: two spaces, double quotes, trailing commas, lines of 100", () => {
  const wide = `export const list = ['${"a".repeat(60)}', '${"b".repeat(60)}']`;
  const output = runTool("biome", ["format", "--stdin-file-path=src/mail/fixture.ts"], wide);
  assert.equal(
    output,
    `export const list = [\n  "${"a".repeat(60)}",\n  "${"b".repeat(60)}",\n];\n`,
  );
});

test("oxlint finds promises that nobody waits for", () => {
  const output = lint("oxlint", ["--type-aware", "--format=unix"], FORGOTTEN_AWAIT);
  for (const rule of ["no-floating-promises", "no-misused-promises", "await-thenable"]) {
    assert.ok(output.includes(rule), `${rule} is missing in: ${output}`);
  }
});

test("the type checker refuses syntax that Node cannot strip", () => {
  const output = runTool("tsc", ["--project", ".", "--showConfig"]);
  const { compilerOptions } = JSON.parse(output) as {
    readonly compilerOptions: Readonly<Record<string, unknown>>;
  };
  for (const option of ["strict", "erasableSyntaxOnly", "noUncheckedIndexedAccess"]) {
    assert.equal(compilerOptions[option], true, option);
  }
});
