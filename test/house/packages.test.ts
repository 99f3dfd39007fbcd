import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./source.ts";

type Versions = Readonly<Record<string, string>>;
interface Manifest {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
}
interface Lock {
  readonly packages: Readonly<
    Record<string, Manifest & { readonly resolved?: string; readonly hasInstallScript?: boolean }>
  >;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const manifest = readJson("package.json") as Manifest; // its form is what these tests check
const lock = readJson("package-lock.json") as Lock;

function findInexact({ dependencies, devDependencies }: Manifest): readonly string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name]) => name);
}

function findResolved({ packages }: Lock): readonly string[] {
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => path);
}

function findInstallScripts({ packages }: Lock): readonly string[] {
  return Object.entries(packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path);
}

test("package.json names exact versions", () => {
  assert.deepEqual(findInexact(manifest), []);
});

test("package-lock.json is of this package.json, and names no download addresses", () => {
  assert.deepEqual(lock.packages[""]?.dependencies, manifest.dependencies);
  assert.deepEqual(lock.packages[""]?.devDependencies, manifest.devDependencies);
  assert.deepEqual(findResolved(lock), []);
});

test("no dependency runs a script when it is installed", () => {
  assert.deepEqual(findInstallScripts(lock), []);
});

test("packages: a range, an address and an install script are found", () => {
  const versions = { a: "1.2.3", b: "^1.2.3", c: "latest", d: "1.2.3-rc.1", e: "1" };
  assert.deepEqual(findInexact({ devDependencies: versions }), ["b", "c", "e"]);
  const packages = {
    a: {},
    b: { resolved: "https://host.example/b.tgz" },
    c: { hasInstallScript: true },
  };
  assert.deepEqual(findResolved({ packages }), ["b"]);
  assert.deepEqual(findInstallScripts({ packages }), ["c"]);
});
