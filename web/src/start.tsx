import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/cmdlet-query.ts";
import { onSignedOut } from "./api/request.ts";
import { router } from "./router.tsx";

/** Shows the center, in the language that was chosen. */
export function start(root: HTMLElement): void {
  onSignedOut(() => {
    const { pathname, href } = router.state.location;
    if (pathname === "/sign-in") return;
    queryClient.clear();
    void router.navigate({ to: "/sign-in", search: { to: href } });
  });
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
