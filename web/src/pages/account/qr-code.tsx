import { encodeQR } from "qr";
import { texts } from "./texts.ts";

/** Modules of quiet around it (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/** A text for a camera: dark on light, whatever the theme. */
export function QrCode({ text, className }: { readonly text: string; readonly className: string }) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const path = rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      className={className}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={texts.qrCode}
    >
      <path d={path} fill="#000000" />
    </svg>
  );
}
