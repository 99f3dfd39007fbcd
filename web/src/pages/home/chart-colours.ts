import { tokens } from "@fluentui/react-components";
import { type ColourRange, useColourRange } from "../../frame/theme.ts";

/** How a line is drawn: told apart by its stroke too, for not everybody sees colours. */
export interface Stroke {
  readonly color: string;
  readonly strokeDasharray: string;
}

/** Strokes of lines; there are no charts with more of them. */
export const DASHES = ["none", "8 3", "2 3", "6 6", "10 3 2 3"] as const;
const LINE_COLOURS = [
  tokens.colorPaletteRoyalBlueForeground2,
  tokens.colorPaletteGreenForeground2,
  tokens.colorPaletteGrapeForeground2,
  tokens.colorPaletteMarigoldForeground2,
  tokens.colorPaletteRedForeground2,
] as const;
/** On black; the theme itself makes all of its palette white. */
const CONTRAST_COLOURS = ["#ffffff", "#3ff23f", "#1aebff", "#ffff00", "#ff8cff"] as const;

/** Whatever these are; of the system's few, no more can be told from its ground for sure. */
const SYSTEM_COLOURS = ["CanvasText", "LinkText", "CanvasText", "LinkText", "CanvasText"] as const;

/** What a share says of itself. */
export type ShareLook = "good" | "bad" | "doubtful" | "nothing";

const SHARE_COLOURS: Readonly<Record<ShareLook, string>> = {
  good: tokens.colorPaletteGreenBackground3,
  bad: tokens.colorPaletteRedBackground3,
  doubtful: tokens.colorPaletteYellowBackground3,
  nothing: tokens.colorNeutralStroke1,
};
const CONTRAST_SHARE_COLOURS: Readonly<Record<ShareLook, string>> = {
  good: "#3ff23f",
  bad: "#ff8cff",
  doubtful: "#ffff00",
  nothing: "#808080",
};

const SYSTEM_SHARE_COLOURS: Readonly<Record<ShareLook, string>> = {
  good: "CanvasText",
  bad: "Highlight",
  doubtful: "LinkText",
  nothing: "Canvas",
};

/** Colours of a chart. */
interface ChartColours {
  readonly strokes: readonly Stroke[];
  readonly shares: Readonly<Record<ShareLook, string>>;
}

const COLOURS: Readonly<Record<ColourRange, ChartColours>> = {
  full: { strokes: strokesOf(LINE_COLOURS), shares: SHARE_COLOURS },
  few: { strokes: strokesOf(CONTRAST_COLOURS), shares: CONTRAST_SHARE_COLOURS },
  system: { strokes: strokesOf(SYSTEM_COLOURS), shares: SYSTEM_SHARE_COLOURS },
};

/** Colours of charts in the theme in force. */
export function useChartColours(): ChartColours {
  return COLOURS[useColourRange()];
}

function strokesOf(colours: readonly string[]): readonly Stroke[] {
  return colours.map((color, at) => ({ color, strokeDasharray: DASHES[at] ?? "none" }));
}
