import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { openFigureStore, setAsideFigures } from "../store/figure-sqlite.ts";
import { FigureKeeper } from "./figure-keeper.ts";

/** A folder with a database of figures; it goes when the test calls `remove`. */
export interface FigureRoom {
  readonly directory: string;
  readonly path: string;
  readonly clock: FakeClock;
  readonly diagnostics: Diagnostics;
  /** Names of the events that were told. */
  readonly told: string[];
  /** A keeper of that database; one at a time. */
  readonly open: () => FigureKeeper;
  readonly wasSetAside: () => Promise<boolean>;
  readonly remove: () => Promise<void>;
}

/** When figures of tests are kept, epoch ms. */
export const FIGURES_MS: number = Date.parse("2026-06-01T12:30:00Z");

/** Opens one. */
export async function openFigureRoom(): Promise<FigureRoom> {
  const directory = await mkdtemp(join(tmpdir(), "postrider-figures-"));
  const path = join(directory, "figures.db");
  const clock = fakeClock(FIGURES_MS);
  const told: string[] = [];
  const tell = (event: string) => void told.push(event);
  const diagnostics = { info: tell, warn: tell, error: tell };
  return {
    ...{ directory, path, clock, diagnostics, told },
    open: () =>
      new FigureKeeper({
        open: () => openFigureStore(path, () => tell("figures-set-aside")),
        setAside: () => setAsideFigures(path),
        clock,
        diagnostics,
      }),
    wasSetAside: () =>
      access(`${path}.damaged`).then(
        () => true,
        () => false,
      ),
    remove: () => rm(directory, { recursive: true }),
  };
}
