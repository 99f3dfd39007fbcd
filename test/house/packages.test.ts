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
interface LockEntry extends Manifest {
  readonly optionalDependencies?: Versions;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}
interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
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

/** Optional dependencies that the lock names and does not hold: `npm ci` refuses them. */
function findUnheld({ packages }: Lock): readonly string[] {
  const held = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  return Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !held.has(name));
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
  // Its script builds what the package of prebuilt binaries beside it holds already.
  const known = ["node_modules/koffi"];
  assert.deepEqual(
    findInstallScripts(lock).filter((path) => !known.includes(path)),
    [],
  );
  assert.match(readFileSync(join(ROOT, ".npmrc"), "utf8"), /^ignore-scripts=true$/m);
});

test("the lock holds every optional dependency that it names (npm run trim-lock)", () => {
  assert.deepEqual(findUnheld(lock), []);
  const packages = {
    "node_modules/a": { optionalDependencies: { b: "1.0.0", c: "1.0.0" } },
    "node_modules/b": {},
  };
  assert.deepEqual(findUnheld({ packages }), ["c"]);
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
