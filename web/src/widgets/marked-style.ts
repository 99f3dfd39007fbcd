import { type GriffelStyle, tokens } from "@fluentui/react-components";

/** Where the system's own few colours take the place of ours, and grounds are gone. */
export const FORCED_COLOURS = "@media (forced-colors: active)";

/** Under the pointer. What is within keeps its colours, so that they must be readable on it. */
export const HOVERED: GriffelStyle = { backgroundColor: tokens.colorNeutralBackground3 };

/**
 * Chosen of several: by its ground, and by a bar at its start, for in high contrast and in the
 * system's colours the ground is the same. The element has to be positioned.
 */
export const CHOSEN: GriffelStyle = {
  backgroundColor: tokens.colorBrandBackground2,
  "::before": {
    content: "''",
    position: "absolute",
    top: 0,
    bottom: 0,
    insetInlineStart: 0,
    borderLeft: `4px solid ${tokens.colorCompoundBrandStroke}`,
  },
};
