import {
  type Theme,
  teamsHighContrastTheme,
  webDarkTheme,
  webLightTheme,
} from "@fluentui/react-components";
import { useSyncExternalStore } from "react";

/** How the center looks, as the administrator wants it. */
export type Appearance = "system" | "light" | "dark" | "contrast";

const APPEARANCES: readonly Appearance[] = ["system", "light", "dark", "contrast"];
const STORED_AS = "postrider.appearance";

const darkness = window.matchMedia("(prefers-color-scheme: dark)");
const contrast = window.matchMedia("(prefers-contrast: more), (forced-colors: active)");
const forced = window.matchMedia("(forced-colors: active)");
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  darkness.addEventListener("change", listener);
  contrast.addEventListener("change", listener);
  forced.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    darkness.removeEventListener("change", listener);
    contrast.removeEventListener("change", listener);
    forced.removeEventListener("change", listener);
  };
}

/** What was chosen in this browser. */
export function readAppearance(): Appearance {
  const stored = localStorage.getItem(STORED_AS);
  return APPEARANCES.find((one) => one === stored) ?? "system";
}

/** Chooses, for this browser. */
export function setAppearance(appearance: Appearance): void {
  localStorage.setItem(STORED_AS, appearance);
  for (const listener of listeners) listener();
}

function currentTheme(): Theme {
  const appearance = readAppearance();
  if (appearance === "contrast") return teamsHighContrastTheme;
  if (appearance === "system" && contrast.matches) return teamsHighContrastTheme;
  const isDark = appearance === "dark" || (appearance === "system" && darkness.matches);
  return isDark ? webDarkTheme : webLightTheme;
}

/** The theme in force, which follows the system where nothing was chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

/** Few colours far apart, or, whatever was chosen, those that the system forces upon all. */
export type ColourRange = "full" | "few" | "system";

/** What colours there are for what is drawn. */
export function useColourRange(): ColourRange {
  return useSyncExternalStore(subscribe, () => {
    if (forced.matches) return "system";
    return currentTheme() === teamsHighContrastTheme ? "few" : "full";
  });
}
