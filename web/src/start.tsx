import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/request.ts";
import { endSession, watchOtherWindows } from "./api/session-life.ts";
import { router } from "./router.tsx";

/** Shows the center, in the language that was chosen. */
export function start(root: HTMLElement): void {
  onSignedOut(endSession);
  watchOtherWindows();
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
